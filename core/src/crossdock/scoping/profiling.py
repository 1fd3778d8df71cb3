"""What records look like: filled fields, incomplete and duplicate records, Cyrillic text, links, files.

A profile is made record by record and keeps eight bytes for each identifying value, whatever it says, and
while it is read for the first values of each field; everything else are counters.
"""

from __future__ import annotations  # array is no generic before Python 3.12

import re
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from hashlib import blake2b
from itertools import groupby
from typing import Any, Final

from crossdock.equality import is_empty
from crossdock.expressions import Condition
from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, ObjectSchema, Record
from crossdock.names import shown_name
from crossdock.proposing.usage import FieldUse, Usage
from crossdock.steps import StepError
from crossdock.steps.contacts import domain
from crossdock.values import Reference, StoredFile

EMAIL, DOMAIN, TAX, NAME = "e-mail", "domain", "tax number", "name"
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_WORDS: Final = re.compile(r"[\W_]+")
_SITE_FIELDS: Final = frozenset({"website", "site", "web", "domain", "domainname", "url", "сайт", "вебсайт"})
_TAX_FIELDS: Final = frozenset(
    {
        "inn",
        "инн",
        "vat",
        "vatnumber",
        "vatid",
        "taxid",
        "taxnumber",
        "abn",
        "ein",
        "unp",
        "унп",
        "bin",
        "бин",
    }
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What makes a record complete: of each group of fields at least one filled. A group with `rules` is only
    wanted of records for which one of them holds: those of the routes that ask for it."""

    groups: tuple[tuple[str, ...], ...] = ()
    rules: Mapping[tuple[str, ...], Sequence[Condition]] = field(default_factory=dict)

    def of(self, record: Record) -> Iterator[tuple[str, ...]]:
        """The groups that are wanted of a record."""
        for group in self.groups:
            rules = self.rules.get(group, ())
            if not rules or any(_holds(rule, record) for rule in rules):
                yield group


@dataclass(frozen=True, slots=True)
class Repeated:
    """Records that share a value: `records` of them in `groups` (two or more in each)."""

    kind: str
    field: str
    groups: int
    records: int


@dataclass
class Profile:
    """What was seen of one object of one tenant. `whole`: every record was read."""

    schema: ObjectSchema
    wanted: Wanted = field(default_factory=Wanted)
    file_objects: Collection[str] = ()
    records: int = 0
    deleted: int = 0
    unreadable: int = 0
    incomplete: int = 0
    cyrillic: int = 0
    links: int = 0
    file_links: int = 0
    bytes: int = 0
    longest: tuple[int, str] = (0, "")
    whole: bool = False
    filled: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    usage: Sequence[FieldUse] = ()
    """The use of each field, once `finish` was called."""

    def __post_init__(self) -> None:
        self._usage: Usage | None = Usage(self.schema)
        self._keys = tuple(identifying_fields(self.schema))
        self._hashes: dict[tuple[str, str], array[int]] = {key: array("q") for key in self._keys}

    def add(self, record: Record) -> None:
        """Take one record in; of a deleted one only that it is there."""
        if record.deleted:
            self.deleted += 1
            return
        self.records += 1
        if self._usage is not None:
            self._usage.add(record)
        cyrillic = False
        for name, value in record.values.items():
            if not is_empty(value):
                self.filled[name] += 1
                cyrillic = self._look(name, value) or cyrillic
        self.cyrillic += cyrillic
        self._complete(record)
        for key in self._keys:
            for form in _forms(key, record.values):
                self._hashes[key].append(_digest(form))

    def finish(self) -> None:
        """Nothing more is read: count the values of each field, and let go of them."""
        if self._usage is not None:
            self.usage, self._usage = self._usage.rows(), None

    def repeated(self) -> tuple[Repeated, ...]:
        """Which identifying fields hold the same value in several records, most records first."""
        found = []
        for (kind, name), hashes in self._hashes.items():
            sizes = [size for size in _sizes(hashes) if size > 1]
            if sizes:
                found.append(Repeated(kind, name, len(sizes), sum(sizes)))
        return tuple(sorted(found, key=lambda r: (r.kind == NAME, -r.records)))

    @property
    def duplicates(self) -> int:
        """Records that share an e-mail address, a domain or a tax number: the most that one field shows."""
        return max((r.records for r in self.repeated() if r.kind != NAME), default=0)

    def _look(self, name: str, value: Any) -> bool:
        """Count links and files in a value; whether there is Cyrillic text in it."""
        cyrillic = False
        for part in _parts(value):
            if isinstance(part, Reference):
                self.links += 1
                self.file_links += part.object_name in self.file_objects
            elif isinstance(part, StoredFile):
                self.bytes += part.size
            elif isinstance(part, str):
                if len(part) > self.longest[0]:
                    self.longest = (len(part), name)
                cyrillic = cyrillic or _CYRILLIC.search(part) is not None
        return cyrillic

    def _complete(self, record: Record) -> None:
        missing = [
            " or ".join(group)
            for group in self.wanted.of(record)
            if all(is_empty(record.values.get(name)) for name in group)
        ]
        self.missing.update(missing)
        self.incomplete += bool(missing)


def _holds(rule: Condition, record: Record) -> bool:
    try:
        return rule.holds_for(record)
    except ValueError:
        return True  # the run rejects the record with that reason


def identifying_fields(schema: ObjectSchema) -> Iterator[tuple[str, str]]:
    """(kind, field name) of what tells people and companies apart; a name only beside one of the others."""
    found = [(kind, f.name) for f in schema.fields if (kind := _kind(f))]
    yield from found
    if found:
        yield NAME, ""


def _kind(schema: FieldSchema) -> str:
    names = {_WORDS.sub("", text).casefold() for text in (schema.name, schema.label)}
    if schema.type is FieldType.EMAIL:
        return EMAIL
    if schema.type in (FieldType.LINK, FieldType.TEXT) and names & _SITE_FIELDS:
        return DOMAIN
    if schema.type in (FieldType.TEXT, FieldType.INTEGER, FieldType.DECIMAL) and names & _TAX_FIELDS:
        return TAX
    return ""


def _forms(key: tuple[str, str], values: Mapping[str, Any]) -> set[str]:
    """The normal forms of what a record holds in an identifying field."""
    kind, name = key
    value = shown_name(values) if kind == NAME else values.get(name)
    several = value if isinstance(value, tuple) else (value,)
    return {form for one in several if not is_empty(one) and (form := _form(kind, one))}


def _form(kind: str, value: Any) -> str:
    if kind == DOMAIN:
        try:
            return domain(value)
        except StepError:
            return ""
    text = str(value).strip().casefold()
    if kind == EMAIL:
        return text.removeprefix("mailto:")
    return _WORDS.sub("", text.replace("ё", "е"))


def _parts(value: Any) -> Iterator[Any]:
    """The single values in a value: of several each, of a composite its parts."""
    if isinstance(value, tuple | list):
        for element in value:
            yield from _parts(element)
    elif isinstance(value, Mapping):
        yield from _parts(list(value.values()))
    elif is_dataclass(value) and not isinstance(value, Reference | StoredFile):
        yield from _parts([getattr(value, part.name) for part in fields(value)])
    else:
        yield value


def _digest(form: str) -> int:
    data = blake2b(form.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(data, "big", signed=True)


def _sizes(hashes: Sequence[int]) -> Iterator[int]:
    for _, group in groupby(sorted(hashes)):
        yield sum(1 for _ in group)
