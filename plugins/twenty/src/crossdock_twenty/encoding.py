"""What all encoders share: the reason to reject a value, the place for notes, and the declared rules."""

from dataclasses import dataclass, field
from typing import Any

from crossdock.model import FieldSchema

MAX_EXACT = 2**53 - 1  # the server keeps numbers in doubles; beyond this integers change
NUL_REMOVED = "NUL removed"
SURROGATE_REPLACED = "unpaired surrogate replaced by U+FFFD"
EMAIL_LOWERED = "e-mail trimmed and in lower case"
PHONE_E164 = "phone number in international form"
LINK_SCHEME = "https:// added"
LINK_CANONICAL = "link in the platform's form: host in lower case and ASCII, path escaped, last slash removed"
MIDDLE_JOINED = "middle name joined to the first name"
TIME_CUT = "time cut to milliseconds"
DATE_AS_TIME = "date stored as midnight UTC"
NUMBER_ROUNDED = "number rounded to a double"
EMPTY_JSON = "empty list or object stored as nothing"


class Problem(Exception):  # noqa: N818 - it is a reason, not a failure of the program
    """The value cannot be stored in this field; the text is the reason without the field's name."""


@dataclass(slots=True)
class Context:
    """What an encoder may use besides the value: the field, the default region, and a place for notes."""

    schema: FieldSchema
    phone_region: str
    notes: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The Twenty field type."""
        return str(self.schema.settings["twenty_type"])

    def note(self, rule: str) -> None:
        """Say that the value was brought into another form by the declared `rule`."""
        if rule not in self.notes:
            self.notes.append(rule)


def clean_text(context: Context, value: Any) -> str:
    """Text as the server stores it. Raises Problem for anything but a str."""
    if not isinstance(value, str):
        raise Problem(f"wants text, got {type(value).__name__}")
    text: str = value
    if "\x00" in text:
        text = text.replace("\x00", "")
        context.note(NUL_REMOVED)
    if any("\ud800" <= c <= "\udfff" for c in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        context.note(SURROGATE_REPLACED)
    return text


def several(value: Any) -> tuple[Any, ...]:
    """The values of a field that may hold one or many."""
    return tuple(value) if isinstance(value, tuple | list) else (value,)
