"""What an object is made of, and how one of its records is made of a raw one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, ObjectSchema, Option, Provenance
from crossdock.values import Money
from crossdock_ascora.office import Office
from crossdock_ascora.rows import RawRow
from crossdock_ascora.wire import RAW

CHOICES = "choices"
"""The object whose records are the choices of fields."""

Values = Mapping[str, Any]
Make = Callable[[RawRow, Office], Values | None]
"""A raw record -> values; None if it is a record of another object. Raises Unfit."""


class Unfit(ValueError):  # noqa: N818 - a reason, not a fault of the program
    """A raw record cannot become a record; every reason is given."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Kind:
    """One object. `raw`: the raw object that it is made of; `custom`: whether that has custom fields.

    `choices`: the options of fields, where they depend on what is there. `rejects`: whether raw records that
    cannot be read are counted here (another object may be made of the same ones). `people`: those who have an
    account.
    """

    name: str
    raw: str
    label: str
    label_plural: str
    fields: tuple[FieldSchema, ...]
    make: Make
    custom: bool = False
    rejects: bool = True
    people: bool = False
    choices: Mapping[str, Callable[[Office], tuple[str, ...]]] = field(default_factory=dict)

    def schema(self, office: Office, count: int | None) -> ObjectSchema:
        """The object with its custom fields, as the catalog shows it."""
        own = office.custom.schemas(self.raw) if self.custom else ()
        currency = {"currency": office.settings.currency}
        fields = [replace(f, settings=currency) if f.type is FieldType.MONEY else f for f in self.fields]
        for place, own_field in enumerate(fields):
            if own_field.name in self.choices:
                words = self.choices[own_field.name](office)
                options = tuple(Option(word, word) for word in words)
                fields[place] = replace(own_field, options=options, references=(CHOICES,))
        return ObjectSchema(
            self.name,
            (*fields, *own),
            self.label,
            self.label_plural,
            count=count,
            match_only=self.people,
            snapshot=True,
        )


def one(
    name: str,
    kind: FieldType,
    label: str,
    *references: str,
    multiple: bool = False,
    options: Mapping[str, str] | None = None,
    required: bool = False,
) -> FieldSchema:
    """One field of an object. What Ascora's own answers show is documented at second hand: assumed."""
    return FieldSchema(
        name,
        kind,
        label,
        required=required,
        multiple=multiple,
        options=tuple(Option(value, text) for value, text in (options or {}).items()),
        references=references,
        provenance=Provenance.ASSUMED,
    )


REMARKS = one("remarks", FieldType.TEXT, "Migration remarks")
"""What a person should know of a record: what was not found, what had to be mended. A line each."""


def remarks(row: RawRow, **found: str | None) -> str | None:
    """The remarks of a record: what is wrong, by what it is about, then what was mended in its texts."""
    said = [f"{what.replace('_', ' ')}: {why}" for what, why in found.items() if why]
    said += [f"text of {place}: {what}" for place, what in row.repairs.items()]
    return "\n".join(said) or None


def copied(raw: str, names: Mapping[str, str]) -> tuple[FieldSchema, ...]:
    """Fields of a raw object under the names that they have here (raw name -> name)."""
    wires = {wire.name: wire for wire in RAW[raw]}
    return tuple(
        one(name, wires[own].type, wires[own].label, multiple=wires[own].multiple)
        for own, name in names.items()
    )


def taken(row: RawRow, names: Mapping[str, str]) -> dict[str, Any]:
    """The values of `copied` fields; of a link its name."""
    found = {}
    for own, name in names.items():
        link = row.named(own)
        value = (link.name or link.key) if link is not None else row.values.get(own)
        found[name] = value if not isinstance(value, str) or value.strip() else None
    return found


def with_tax(row: RawRow) -> tuple[Money | None, Money | None, Money | None]:
    """(ex tax, inc tax, tax) of a record; the one that is missing follows from the other two."""
    ex, inc, tax = (row.values.get(name) for name in ("total_ex", "total_inc", "tax"))
    if ex is not None and tax is not None and inc is None:
        inc = Money(ex.amount + tax.amount, ex.currency)
    elif inc is not None and tax is not None and ex is None:
        ex = Money(inc.amount - tax.amount, inc.currency)
    elif ex is not None and inc is not None and tax is None:
        tax = Money(inc.amount - ex.amount, ex.currency)
    return ex, inc, tax
