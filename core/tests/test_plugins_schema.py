"""Schemas: profiling marks its guesses, differences and fingerprints see what matters."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, ObjectSchema, Option, Provenance, Record
from crossdock.schema import difference, fingerprint, infer
from crossdock.values import Address, Author, Link, Money, PersonName, Phone, Reference, StoredFile

NAME = FieldSchema("name", FieldType.TEXT, "Name")
STAGE = FieldSchema("stage", FieldType.SELECT, options=(Option("NEW", "New"),), default=Decimal("1.5"))
DEAL = ObjectSchema("deal", (NAME, STAGE), count=5, settings={"id": "1"})


def inferred(*values: Any) -> FieldSchema:
    schema = infer("deals", [Record("deals", str(n), {"x": value}) for n, value in enumerate(values)])
    return schema.fields[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", FieldType.TEXT),
        (1, FieldType.INTEGER),
        (True, FieldType.BOOLEAN),
        (Decimal(1), FieldType.DECIMAL),
        (date(2024, 1, 1), FieldType.DATE),
        (datetime(2024, 1, 1, tzinfo=UTC), FieldType.DATETIME),
        (timedelta(1), FieldType.DURATION),
        ({"a": 1}, FieldType.JSON),
        (Money(Decimal(1)), FieldType.MONEY),
        (Phone("1"), FieldType.PHONE),
        (Link("u"), FieldType.LINK),
        (PersonName("A"), FieldType.PERSON_NAME),
        (Address("A"), FieldType.ADDRESS),
        (Author("A"), FieldType.AUTHOR),
        (StoredFile("a", 1, "0"), FieldType.FILE),
        (object(), FieldType.UNKNOWN),
        (None, FieldType.UNKNOWN),
    ],
)
def test_a_value_shows_its_type(value: Any, expected: FieldType) -> None:
    field = inferred(None, value)
    assert (field.type, field.provenance, field.multiple) == (expected, Provenance.PROFILED, False)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1, Decimal("1.5")), FieldType.DECIMAL),
        ((date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)), FieldType.DATETIME),
        ((1, "text"), FieldType.UNKNOWN),
        ((1, True), FieldType.UNKNOWN),
    ],
)
def test_values_of_two_kinds_take_the_wider_or_none(values: tuple[Any, ...], expected: FieldType) -> None:
    assert inferred(*values).type is expected


def test_a_tuple_means_several_values_and_references_name_their_objects() -> None:
    field = inferred((Reference("users", "1"), Reference("teams", "1")), None, ())
    assert (field.type, field.multiple) == (FieldType.REFERENCE, True)
    assert field.references == ("teams", "users")


def test_equal_schemas_do_not_differ_and_share_a_fingerprint() -> None:
    same = replace(DEAL, fields=(STAGE, NAME), count=99, settings={"id": "2"})
    other = ObjectSchema("note", ())

    assert difference(DEAL, same) == ()
    assert fingerprint([DEAL, other]) == fingerprint([other, same])
    assert len(fingerprint([])) == 64


def test_fields_that_came_or_went_are_named() -> None:
    new = replace(DEAL, fields=(NAME, FieldSchema("size", FieldType.INTEGER)))
    assert [str(d) for d in difference(DEAL, new)] == ["deal.size was added", "deal.stage is gone"]


@pytest.mark.parametrize(
    "change",
    [
        {"type": FieldType.HTML},
        {"label": "Title"},
        {"required": True},
        {"unique": True},
        {"read_only": True},
        {"multiple": True},
        {"options": (Option("A"),)},
        {"references": ("user",)},
        {"max_length": 9},
        {"default": "x"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_property_of_a_field_counts_alone(change: dict[str, Any]) -> None:
    new = replace(DEAL, fields=(replace(NAME, **change), STAGE))

    (found,) = difference(DEAL, new)

    assert found.attribute == next(iter(change))
    assert str(found).startswith(f"deal.name: {found.attribute} was ")
    assert fingerprint([DEAL]) != fingerprint([new])
