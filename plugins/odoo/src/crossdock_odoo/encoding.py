"""What all encoders share: the reason to reject a value, the place for notes, and the declared rules."""

from dataclasses import dataclass, field
from typing import Any

from crossdock.model import FieldSchema

INT4 = 2**31
MAX_FILE = 96 * 2**20 - 2**16  # bytes; in base64 it just goes into the 128 MiB of a request (measured)

TIME_CUT = "cut to seconds"
DATE_AS_TIME = "date stored as midnight UTC"
NUMBER_ROUNDED = "stored as a binary double"
LINK_SCHEME = "https:// added"
LABEL_LEFT_OUT = "label of the link left out: the platform has no place for it"
ACTIVE_LEFT_OUT = "scripts, styles, frames and form fields left out"
PLACE_MOVED = "state or country that the platform does not know, kept in the second line of the street"
CURRENCY_TAKEN = "in the currency of the platform, as the source says none"


class Problem(Exception):  # noqa: N818 - it is a reason, not a failure of the program
    """The value cannot be stored in this field; the text is the reason without the field's name."""


@dataclass(slots=True)
class Context:
    """What an encoder may use besides the value: the field, and a place for notes."""

    schema: FieldSchema
    notes: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The Odoo field type, or one of those that this plugin adds."""
        return str(self.schema.settings["odoo_type"])

    def note(self, rule: str) -> None:
        """Say that the value was brought into another form by the declared `rule`."""
        if rule not in self.notes:
            self.notes.append(rule)


def clean_text(value: Any) -> str:
    """Text that the database can hold. Raises Problem for anything else."""
    if not isinstance(value, str):
        raise Problem(f"wants text, got {type(value).__name__}")
    if "\x00" in value:
        raise Problem("holds a NUL character, which Odoo's database cannot store")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Problem("holds half of a surrogate pair, which is no character")
    return value


def several(value: Any) -> tuple[Any, ...]:
    """The values of a field that may hold one or many."""
    return tuple(value) if isinstance(value, tuple | list) else (value,)
