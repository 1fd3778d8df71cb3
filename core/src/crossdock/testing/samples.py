"""What the kit moves: users, parties and things, with values of every type and one record of each bad kind.

users    one has an account there, one has none
parties  go into an object that is there; one is there already by its match key, one has no name
things   go into an object that is made: every type of field, a party, an owner, and a parent that may
         come later; one is empty, one has no name, one holds a number that nobody can keep, one refers
         to the party that was rejected
"""

import hashlib
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from crossdock.capabilities import Capability
from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, ObjectSchema, Option
from crossdock.testing.company import Company
from crossdock.testing.target import Target
from crossdock.values import Address, Link, Money, PersonName, Phone, Reference, StoredFile

USER, PARTY, THING = "kit.user", "kit.party", "kit.thing"
PARTIES, THINGS = 9, 12
"""How many parties and things arrive; bad ones come on top."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many parties and things arrive: fewer than 90 of each, whose numbers are those of the bad ones."""

    parties: int = PARTIES
    things: int = THINGS


KNOWN, STRANGER = "u0", "u1"
THERE_BEFORE = "p01"
EMPTY = "t05"
LEAF, BRANCH = "t10", "t04"
"""A thing that no other has as its parent, and one that is somebody's."""
NAMELESS_PARTY, NAMELESS, TOO_LARGE, WITHOUT_PARTY = "p90", "t90", "t91", "t92"
BAD = {PARTY: (NAMELESS_PARTY,), THING: (NAMELESS,)}
"""The records that are rejected, by object."""

OPTIONS = (Option("small", "Маленький"), Option("large", "Большой"))
_TEXTS = (
    "Кран «ёлка» №{n}",
    "\U0001f44d\U0001f3fd й и\u0306 {n}",
    " пробелы {n} ",
    "длинно {n} " + "слово " * 90,
)
_NUMBERS = (Decimal("12345.67"), Decimal("-0.5"), Decimal(0), Decimal("1.25"))
_DAYS = (date(1999, 12, 31), date(2024, 2, 29), date(2031, 1, 1))
_TIMES = (
    datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC),
    datetime(1999, 12, 31, 1, 2, 3, tzinfo=timezone(timedelta(hours=3))),
)
_VALUES: dict[FieldType, Callable[[int, Target], Any]] = {
    FieldType.TEXT: lambda n, _: _TEXTS[n % 4].format(n=n),
    FieldType.HTML: lambda n, _: f"<p>Абзац <b>{n}</b></p>",
    FieldType.MARKDOWN: lambda n, _: f"Абзац **{n}**",
    FieldType.INTEGER: lambda n, _: (0, -7, 2**31 - 1, n)[n % 4],
    FieldType.DECIMAL: lambda n, _: _NUMBERS[n % 4],
    FieldType.BOOLEAN: lambda n, _: n % 2 == 0,
    FieldType.DATE: lambda n, _: _DAYS[n % 3] + timedelta(n if n % 3 == 2 else 0),
    FieldType.DATETIME: lambda n, _: _TIMES[n % 2] + timedelta(days=n),
    FieldType.MONEY: lambda n, target: Money(_NUMBERS[n % 4], target.currency),
    FieldType.EMAIL: lambda n, _: f"thing{n}@kit.example",
    FieldType.PHONE: lambda n, _: Phone(f"+7 495 123-45-{n:02d}"),
    FieldType.LINK: lambda n, _: Link(f"https://kit.example/{n}"),
    FieldType.ADDRESS: lambda n, _: Address("ул. Баумана, " + str(n), "", "Казань", "", "420111", "Россия"),
    FieldType.PERSON_NAME: lambda n, _: PersonName("Ян", f"Петров{n}"),
    FieldType.SELECT: lambda n, _: OPTIONS[n % 2].value,
    FieldType.UUID: lambda n, _: str(uuid.uuid5(uuid.NAMESPACE_URL, f"kit/{n}")),
    FieldType.JSON: lambda n, _: {"n": n, "слова": ["а", None, 1.5]},
}
_SEVERAL: dict[FieldType, Callable[[int], Any]] = {
    FieldType.TEXT: lambda n: (f"раз {n}", "два"),
    FieldType.SELECT: lambda n: tuple(o.value for o in OPTIONS[: 1 + n % 2]),
    FieldType.EMAIL: lambda n: (f"one{n}@kit.example", f"two{n}@kit.example"),
    FieldType.PHONE: lambda n: (Phone(f"+7 495 765-43-{n:02d}"), Phone("+7 495 123-00-00")),
    FieldType.LINK: lambda n: (Link(f"https://kit.example/a{n}"), Link("https://kit.example/b")),
}


def key(letter: str, n: int) -> str:
    """The key of record number `n`."""
    return f"{letter}{n:02d}"


def match_value(type_: FieldType, n: int, target: Target) -> Any:
    """What party number `n` is found by, in a field of this type."""
    known = target.record.known if key("p", n) == THERE_BEFORE else ""
    if type_ is FieldType.LINK:
        return Link(known or f"https://party{n}.kit.example")
    return known or (f"party{n}@kit.example" if type_ is FieldType.EMAIL else f"KIT-{n}")


def made_for(
    target: Target, provisionable: Collection[FieldType], match: FieldType, size: Size | None = None
) -> Company:
    """The company whose values this destination has fields for."""
    size = size or Size()
    company = Company(_schemas(target, provisionable, match))
    company.put(USER, KNOWN, mail=target.people.known)
    company.put(USER, STRANGER, mail="nobody@kit.example")
    for n in range(size.parties):
        company.put(
            PARTY, key("p", n), title=f"Партия {n}", match=match_value(match, n, target), note=f"заметка {n}"
        )
    company.put(PARTY, NAMELESS_PARTY, title="", match=match_value(match, 90, target), note="без имени")
    for n in range(size.things):
        company.put(THING, key("t", n), **_thing(company, target, n, size))
    plain = _thing(company, target, 3, size) | {"parent": None}
    company.put(THING, NAMELESS, **plain | {"title": ""})
    lost = {"title": "Без партии", "party": Reference(PARTY, NAMELESS_PARTY)}
    company.put(THING, WITHOUT_PARTY, **plain | lost)
    return company


def put_too_large(company: Company) -> None:
    """Add a thing that no destination can keep."""
    plain = next(r for r in company.of(THING) if r.key == NAMELESS).values
    company.put(THING, TOO_LARGE, **{**plain, "title": "Слишком большая", "integer": 10**30})


def _schemas(
    target: Target, provisionable: Collection[FieldType], match: FieldType
) -> tuple[ObjectSchema, ...]:
    fields = [FieldSchema("title", FieldType.TEXT, "Название"), FieldSchema("integer", FieldType.INTEGER)]
    fields += [
        _field(type_) for type_ in _VALUES if type_ in provisionable and type_ is not FieldType.INTEGER
    ]
    fields += [_field(type_, several=True) for type_ in _SEVERAL if type_ in target.several]
    if FieldType.FILE in provisionable and Capability.FILES in target.can:
        fields.append(FieldSchema("file", FieldType.FILE))
    fields += [_link("party", PARTY), _link("parent", THING), _link("owner", USER)]
    if Capability.MULTI_REFERENCES in target.can:
        fields.append(_link("parties", PARTY, several=True))
    party = (
        FieldSchema("title", FieldType.TEXT),
        FieldSchema("match", match),
        FieldSchema("note", FieldType.TEXT),
    )
    return (
        ObjectSchema(USER, (FieldSchema("mail", FieldType.TEXT),), "Kit user"),
        ObjectSchema(PARTY, party, "Kit party"),
        ObjectSchema(THING, tuple(fields), "Kit thing"),
    )


def _field(type_: FieldType, *, several: bool = False) -> FieldSchema:
    options = OPTIONS if type_ is FieldType.SELECT else ()
    name = f"{type_.value}_several" if several else type_.value
    return FieldSchema(name, type_, multiple=several, options=options)


def _link(name: str, *objects: str, several: bool = False) -> FieldSchema:
    return FieldSchema(name, FieldType.REFERENCE, references=objects, multiple=several)


def _thing(company: Company, target: Target, n: int, size: Size) -> dict[str, Any]:
    if key("t", n) == EMPTY:
        return {"title": f"Вещь {n}"}
    schema = next(schema for schema in company.schemas if schema.name == THING)
    values = {field.name: _value(company, target, field, n, size) for field in schema.fields}
    parent = {0: 1, 1: 0}.get(n, (n * 7 + 3) % size.things)  # 0 and 1 are each other's
    owner = STRANGER if n == 3 else KNOWN
    return values | {
        "title": f"Вещь {n}",
        "party": Reference(PARTY, key("p", n % size.parties)),
        "parent": Reference(THING, key("t", parent)),
        "owner": Reference(USER, owner),
    }


def _value(company: Company, target: Target, field: FieldSchema, n: int, size: Size) -> Any:
    if field.type is FieldType.FILE:
        return file_of(company, n) if n < 3 else None
    if field.type is FieldType.REFERENCE:
        several = tuple(Reference(PARTY, key("p", i % size.parties)) for i in (n, n + 2))
        return several if field.multiple else None
    return _SEVERAL[field.type](n) if field.multiple else _VALUES[field.type](n, target)


def file_of(company: Company, n: int) -> StoredFile:
    """File number `n`, with its content in the company."""
    text = f"Чертёж {n}\n" * (n + 1)
    content = text.encode()
    digest = hashlib.sha256(content).hexdigest()
    company.files[digest] = text
    return StoredFile(f"Чертёж {n}.txt", len(content), digest, "text/plain", "чертежи")
