"""A raw record: what the API or a table gives of one object, before what belongs together is put together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Named:
    """A record that another one names: by its id, by its name or number, or by both."""

    key: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class RawRow:
    """`values` by field name, links as `Named`. `custom`: custom fields, name -> what is written there.

    `repairs`: what had to be mended in its texts, by place.
    """

    key: str
    values: Mapping[str, Any]
    custom: Mapping[str, Any] = field(default_factory=dict)
    repairs: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A text field without blanks around it, "" for nothing."""
        value = self.values.get(name)
        return value.strip() if isinstance(value, str) else ""

    def named(self, name: str) -> Named | None:
        """A link, None for nothing."""
        value = self.values.get(name)
        return value if isinstance(value, Named) else None


def fold(text: str) -> str:
    """A name or number as two of them are compared: case, blanks and the width of signs aside."""
    return " ".join(text.split()).casefold()
