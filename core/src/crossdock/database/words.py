"""Text that people read, in a form that every database keeps."""

from typing import Any

from sqlalchemy import Text
from sqlalchemy.types import TypeDecorator

_NUL, _SHOWN = "\x00", "\u2400"  # PostgreSQL keeps no NUL in a text (documented)


def storable(text: str) -> bool:
    """Whether every database keeps this text as it is: no NUL, no half of a surrogate pair."""
    return _NUL not in text and (text.isascii() or text.encode("utf-8", "replace").decode() == text)


def as_stored(text: str) -> str:
    """The text, with a character that shows it for each that no database keeps."""
    if storable(text):
        return text
    return text.replace(_NUL, _SHOWN).encode("utf-8", "replace").decode()


class Words(TypeDecorator[str]):
    """Text that is read, not compared: for what no database keeps stands a character that shows it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Any) -> str | None:
        """The text as it is stored."""
        return None if value is None else as_stored(value)
