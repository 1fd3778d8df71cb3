"""Text that no store could keep: U+0000 and halves of surrogate pairs, both seen in Ascora's free text.

U+0000 is taken out, half a pair becomes U+FFFD. Everything else stays code point by code point.
"""

import re
from collections.abc import Mapping
from typing import Any

_NUL = "\0"
_HALF = re.compile("[\ud800-\udfff]")
_WHOLE = re.compile("[\ud800-\udbff][\udc00-\udfff]")

REPAIRS = "__repairs"
"""The key under which a repaired object says what was repaired, by place."""


def repaired(text: str) -> tuple[str, str]:
    """The text as it can be kept, and what was done to it ("" for nothing)."""
    if _NUL not in text and not _HALF.search(text):
        return text, ""
    nuls = text.count(_NUL)
    # Two halves that were sent one after the other are a whole character.
    clean = _WHOLE.sub(_joined, text.replace(_NUL, ""))
    clean, halves = _HALF.subn("\ufffd", clean)
    said = [f"{nuls} U+0000 taken out"] if nuls else []
    said += [f"{halves} half characters replaced"] if halves else []
    return clean, " and ".join(said)


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


def repair_object(value: Mapping[str, Any]) -> dict[str, Any]:
    """An object of an answer with all its texts repaired; `REPAIRS` is there if something was."""
    said: dict[str, str] = {}
    clean: dict[str, Any] = _repair(value, "", said)
    return {**clean, REPAIRS: said} if said else clean


def _repair(value: Any, place: str, said: dict[str, str]) -> Any:
    if isinstance(value, str):
        text, done = repaired(value)
        if done:
            said[place] = done
        return text
    if isinstance(value, Mapping):
        return {
            repaired(str(name))[0]: _repair(part, f"{place}.{name}".strip("."), said)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_repair(part, f"{place}[{n}]", said) for n, part in enumerate(value)]
    return value
