"""The two sides of a comparison: fields and objects as the matching sees them.

They are made from an `ObjectSchema` of a catalog (or from a case: `crossdock.matching.cases`); every field
is read with the vocabulary once, so that comparing a pair is cheap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from crossdock.fieldtypes import FieldType
from crossdock.matching.normalforms import bigrams, words
from crossdock.matching.valuepatterns import Pattern, pattern_of
from crossdock.matching.vocabulary import Kinds, Reading, Stems, vocabulary
from crossdock.model import ObjectSchema

FAMILIES: Final[Mapping[FieldType, str]] = {
    FieldType.TEXT: "text",
    FieldType.HTML: "long",
    FieldType.MARKDOWN: "long",
    FieldType.INTEGER: "number",
    FieldType.DECIMAL: "number",
    FieldType.BOOLEAN: "flag",
    FieldType.DATE: "date",
    FieldType.DATETIME: "time",
    FieldType.DURATION: "number",
    FieldType.MONEY: "money",
    FieldType.EMAIL: "email",
    FieldType.PHONE: "phone",
    FieldType.LINK: "url",
    FieldType.ADDRESS: "",
    FieldType.PERSON_NAME: "person",
    FieldType.SELECT: "choice",
    FieldType.REFERENCE: "ref",
    FieldType.AUTHOR: "ref",
    FieldType.FILE: "file",
    FieldType.UUID: "id",
    FieldType.JSON: "",
    FieldType.UNKNOWN: "",
}
"""What the values of each type are like; "" may be anything."""

_TEXTS = frozenset({"text", "long", "", "name"})
_SORT_OF = {
    "person": "person",
    "flag": "flag",
    "time": "time",
    "date": "time",
    "ref": "ref",
    "long": "long",
    "money": "money",
}
_TYPED = {
    ("closed_at", "flag"): "is_closed",
    ("completed_at", "flag"): "is_completed",
    ("converted_at", "flag"): "is_converted",
    ("paid_amount", "flag"): "is_paid",
    ("is_closed", "time"): "closed_at",
    ("is_completed", "time"): "completed_at",
    ("is_converted", "time"): "converted_at",
    ("is_paid", "time"): "payment_date",
    ("paid_amount", "time"): "payment_date",
    ("deleted", "time"): "deleted_at",
    ("modified_by", "time"): "modified_at",
    ("created_by", "time"): "created_at",
    ("modified_at", "ref"): "modified_by",
    ("created_at", "ref"): "created_by",
    ("ref_customer", "flag"): "is_customer",
    ("ref_supplier", "flag"): "is_supplier",
    ("own_company", "flag"): "is_own_company",
    ("employees", "flag"): "is_employee",
    ("legal_form", "flag"): "is_company",
    ("last_activity", "ref"): "last_activity_by",
    ("name", "person"): "full_name",
    ("company_name", "ref"): "ref_company",
    ("full_name", "ref"): "ref_person",
    ("tax_rate", "money"): "tax_amount",
    ("total", "long"): "resolution",
}
"""(concept, sort of type) -> what the same words mean in a field of that type."""

_NUMBERS = frozenset({"registration_number", "tax_id", "number", "external_id", "sku"})
_NUMBERS_OR_TEXT = _NUMBERS | {"description", "name"}

_UNNAMED = frozenset({"?"})
"""Stands for the words of a field that has none."""

_REFERENCE_MEANS = {"own_company": "own_company", "salutation": "salutation"}
"""Kind of object -> what a reference to it is, whatever the field is called."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field. `said`: what label and name say, the surest first; `family` is the sort of its type
    ("" unknown, "text", "choice", "ref", ...); `refers`: the kinds of object a reference leads to."""

    name: str
    label: str
    said: tuple[Reading, ...]
    family: str = ""
    many: bool = False
    refers: frozenset[str] = frozenset()
    read_only: bool = False
    options: tuple[str, ...] = ()
    pattern: Pattern | None = None
    label_stems: Stems = ()
    name_stems: Stems = ()
    letters: tuple[frozenset[str], ...] = ()
    hint: bool = False

    @property
    def head(self) -> str:
        """Its concept, "" if no word of it is known."""
        return self.said[0].head if self.said else ""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One object with its fields."""

    name: str
    label: str
    kinds: Kinds
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What a side knows of a field before it is read. `family`: the sort of its type, as in `FAMILIES`;
    `means`: its concept, if the platform tells it."""

    name: str
    label: str = ""
    family: str = ""
    read_only: bool = False
    options: Sequence[str] = ()
    samples: Sequence[Any] = ()
    references: Sequence[str] = ()
    many: bool = False
    means: str = ""


def side_of_schema(
    schema: ObjectSchema,
    samples: Mapping[str, Sequence[Any]] | None = None,
    meanings: Mapping[str, str] | None = None,
) -> Side:
    """An object of a catalog. `samples`: some values by field; `meanings`: concepts by field, as the plugin
    of the platform tells them."""
    found, told = samples or {}, meanings or {}
    given = [
        Given(
            f.name,
            f.label,
            FAMILIES[f.type],
            f.read_only,
            tuple(o.label or o.value for o in f.options),
            tuple(found.get(f.name, ())),
            f.references,
            f.multiple,
            told.get(f.name, ""),
        )
        for f in schema.fields
    ]
    return side_of(schema.name, schema.label, given)


def side_of(name: str, label: str, given: Sequence[Given]) -> Side:
    """An object with its fields, all of them read."""
    kinds = vocabulary().kinds_of(label, name)
    return Side(name, label, kinds, tuple(_field(entry, kinds) for entry in given))


def _field(given: Given, kinds: Kinds) -> Field:
    words_of = vocabulary()
    family = given.family
    pattern = pattern_of(given.samples)
    refers = _refers(given)
    if given.means:
        said: tuple[Reading, ...] = (Reading(given.means),)
    else:
        readings = (words_of.read(given.label, kinds), words_of.read(given.name, kinds))
        if family == "flag" and not any(r.head for r in readings):
            readings = (words_of.read(given.label), readings[1])  # "Customer" as yes or no names no object
        said = tuple(dict.fromkeys(r for r in readings if r.head))
        said = _in_order(said, family, given.many, pattern)
        said = _by_reference(refers, said) or _by_options(given.options, said) or said
        left = next((r for r in readings if r.units), None)
        said = said or _by_type(family, pattern, left) or ((left,) if left else ())
    return Field(
        given.name,
        given.label,
        said,
        family,
        given.many,
        refers,
        given.read_only,
        tuple(given.options),
        pattern,
        words(given.label),
        words(given.name),
        (bigrams(given.label), bigrams(given.name)),
        bool(given.means),
    )


def _in_order(
    said: tuple[Reading, ...], family: str, many: bool, pattern: Pattern | None
) -> tuple[Reading, ...]:
    """The readings with the concepts that fit the type, the one that fits it better first."""
    sort = _SORT_OF.get(family, "")
    if not sort and pattern is not None and pattern.name == "flag":
        sort = "flag"
    said = tuple(replace(r, head=_TYPED.get((r.head, sort), r.head)) for r in said)
    if len(said) < 2:
        return said
    first, second = said[0].head, said[1].head
    swapped = family in _TEXTS and first.startswith("ref_") and second in _NUMBERS
    swapped = swapped or (many and first in _NUMBERS_OR_TEXT and second.startswith("ref_"))
    return said[::-1] if swapped else said


def _by_reference(refers: frozenset[str], said: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """What a reference means by what it leads to, where that says it all; the other readings after it."""
    concepts = {_REFERENCE_MEANS[kind] for kind in refers if kind in _REFERENCE_MEANS}
    if len(concepts) != 1 or not (len(refers) == 1 or "own_company" in refers):
        return ()
    concept = concepts.pop()
    if any(reading.head == concept for reading in said):
        return ()
    return (Reading(concept), *said)


def _by_options(options: Sequence[str], said: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """A choice between person and company asks whether it is a company, whatever it is called."""
    kinds = [vocabulary().kinds_of(option).names for option in options]
    if len(kinds) == 2 and any("company" in k for k in kinds) and any("person" in k for k in kinds):
        return (Reading("is_company"), *said)
    return ()


def _by_type(family: str, pattern: Pattern | None, left: Reading | None) -> tuple[Reading, ...]:
    """What the type or the values say where no word does; the words that nobody knows stay beside it."""
    concept = {"email": "email", "phone": "phone"}.get(family, "")
    if not concept and pattern is not None:
        concept = pattern.concept
    return (Reading(concept, left=left.left if left else _UNNAMED),) if concept else ()


def _refers(given: Given) -> frozenset[str]:
    """The kinds of object that a reference leads to."""
    return frozenset(kind for name in given.references for kind in vocabulary().kinds_of(name).names)
