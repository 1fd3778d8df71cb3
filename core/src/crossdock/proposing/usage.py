"""How the fields of a source are used: filled how often, with how many values, how long, from when to when.

So that dead fields are dropped with eyes open. A field keeps eight bytes for each of its first values,
whatever they say, and counters; nothing of a record is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from crossdock.equality import is_empty
from crossdock.errors import ConfigError
from crossdock.fieldpaths import head, paths_of
from crossdock.mapping import ObjectMapping
from crossdock.model import ObjectSchema, Record

if TYPE_CHECKING:
    from crossdock.migration import Migration

DISTINCT: Final = 1000
"""Values of a field that are told apart; beyond them it is `more`."""


_PAGE: Final = 1000
_PARTS: Final = ("shortest", "longest", "first", "last")
_NAMES: Final = ("field", "label", "records", "filled", "distinct", "more", *_PARTS)


@dataclass(frozen=True, slots=True)
class FieldUse:
    """The use of one field. `records`: that were looked at; `filled`: those that have a value; `distinct`:
    different values, at least that many with `more`; `shortest` and `longest`: of texts in characters;
    `first` and `last`: when records with a value were last changed (ISO 8601), "" where no time is known."""

    field: str
    label: str
    records: int
    filled: int
    distinct: int
    more: bool
    shortest: int
    longest: int
    first: str
    last: str

    @property
    def share(self) -> float | None:
        """The part of the records that has a value, 0 to 1; None without records."""
        return round(self.filled / self.records, 4) if self.records else None

    def as_dict(self) -> dict[str, Any]:
        """As the JSON answers have it."""
        return {name: getattr(self, name) for name in _NAMES} | {"share": self.share}

    def words(self) -> str:
        """In a few words, to stand beside a field that nothing maps."""
        if not self.records:
            return ""
        if not self.filled:
            return f"empty in all {self.records} records"
        said = f"filled in {self.filled} of {self.records} records"
        if self.distinct == 1 and self.filled > 1:
            said += ", always the same"
        return said + (f", last {self.last[:10]}" if self.last else "")


@dataclass(slots=True)
class _Seen:
    """The counters of one field."""

    filled: int = 0
    hashes: set[int] = field(default_factory=set)
    more: bool = False
    shortest: int = -1
    longest: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, value: Any, at: datetime | None) -> None:
        """Take in one value that is not empty."""
        self.filled += 1
        if not self.more:
            self.hashes.add(_digest(value))
            self.more = len(self.hashes) > DISTINCT
        for text in _texts(value):
            self.shortest = len(text) if self.shortest < 0 else min(self.shortest, len(text))
            self.longest = max(self.longest, len(text))
        if at is not None:
            self.first = at if self.first is None else min(self.first, at)
            self.last = at if self.last is None else max(self.last, at)


@dataclass
class Usage:
    """The use of all fields of one object, record by record."""

    schema: ObjectSchema
    records: int = 0
    _seen: dict[str, _Seen] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Take one record in; a deleted one says nothing."""
        if record.deleted:
            return
        self.records += 1
        for name, value in record.values.items():
            if not is_empty(value):
                self._seen.setdefault(name, _Seen()).add(value, record.updated_at)

    def rows(self) -> list[FieldUse]:
        """The use of every field in the order of the schema."""
        return [self._row(field.name, field.label or field.name) for field in self.schema.fields]

    def _row(self, name: str, label: str) -> FieldUse:
        seen = self._seen.get(name, _Seen())
        distinct = DISTINCT if seen.more else len(seen.hashes)
        times = [at.isoformat(timespec="seconds") if at else "" for at in (seen.first, seen.last)]
        lengths = (max(seen.shortest, 0), seen.longest)
        return FieldUse(name, label, self.records, seen.filled, distinct, seen.more, *lengths, *times)


def usage_in(scope: Mapping[str, Any]) -> dict[str, dict[str, FieldUse]]:
    """By source object and field the use that a scope document tells; of several tenants the fuller one."""
    found: dict[str, dict[str, FieldUse]] = {}
    for side in scope["sources"]:
        for item in side["objects"]:
            for row in (item["profile"] or {}).get("filled", ()):
                use = _read(row, item["profile"]["records"])
                own = found.setdefault(item["name"], {})
                if use.field not in own or own[use.field].filled < use.filled:
                    own[use.field] = use
    return found


def scope_usage(scope_file: Path) -> dict[str, dict[str, FieldUse]]:
    """The same of the scope document of a project; {} if there is none that can be read."""
    try:
        return usage_in(orjson.loads(scope_file.read_bytes()))
    except (OSError, ValueError, LookupError, TypeError):
        return {}  # an older one, or none yet


def empty_but_moved(scope_file: Path, routes: Sequence[ObjectMapping]) -> list[str]:
    """`object.field` of source fields that these routes move although no record that was read has a value in
    them; [] where nobody looked."""
    told = scope_usage(scope_file)
    found: dict[str, None] = {}
    for route in routes:
        uses = told.get(route.source, {})
        for entry in route.fields.values():
            for path in paths_of(entry):
                use = uses.get(head(path, route.source_schema))
                if use is not None and use.records and not use.filled:
                    found[f"{route.source}.{use.field}"] = None
    return list(found)


def usage_report(migration: "Migration", wanted: str = "") -> list[dict[str, Any]]:
    """The use of every field of the source objects (of one, if it is `wanted`), and where its values go.

    `[{tenant, object, label, from, fields: [{..., goes_to, ignored}]}]`; `from` is `staging` where records
    lie there, else `scope` for what the scope document told, or "" where nothing was read. Raises
    ConfigError for an object that no source has.
    """
    told = scope_usage(migration.project.reports / "scope.json")
    goes_to, ignored = _targets(migration)
    rows = []
    for tenant, catalog in migration.source_catalogs.items():
        for schema in catalog.objects:
            if wanted in ("", schema.name):
                basis, uses = _best(migration, tenant, schema, told)
                fields = []
                for use in uses:
                    place = (schema.name, use.field)
                    ends = {"goes_to": goes_to.get(place, []), "ignored": place in ignored}
                    fields.append(use.as_dict() | ends)
                own = {"tenant": tenant, "object": schema.name, "label": schema.label or schema.name}
                rows.append(own | {"from": basis, "fields": fields})
    if not rows:
        raise ConfigError(f"no source has an object {wanted}.", hint="`crossdock discover` lists them.")
    return rows


def _best(
    migration: "Migration", tenant: str, schema: ObjectSchema, told: Mapping[str, Mapping[str, FieldUse]]
) -> tuple[str, list[FieldUse]]:
    """What is known best of an object, and where from."""
    project = migration.project
    staged = project.database_url() is not None or project.staging_db.exists()
    if staged and migration.staging.extraction(tenant, schema.name) is not None:
        usage = Usage(schema)
        for page in migration.staging.scan(tenant, schema.name, size=_PAGE):
            for each in page:
                usage.add(each.record)
        return "staging", usage.rows()
    known = told.get(schema.name, {})
    if any(use.records for use in known.values()):
        return "scope", [known[f.name] for f in schema.fields if f.name in known]
    return "", Usage(schema).rows()


def _targets(migration: "Migration") -> tuple[dict[tuple[str, str], list[str]], set[tuple[str, str]]]:
    """By source object and field the `object.field` that its values go to, as the mapping has it now; and
    those that it ignores."""
    found: dict[tuple[str, str], list[str]] = {}
    ignored: set[tuple[str, str]] = set()
    if migration.project.mapping.exists():
        for route in migration.resolved().objects:
            ignored |= {(route.source, name) for name in route.ignore}
            for name, entry in route.fields.items():
                for path in dict.fromkeys(head(path, route.source_schema) for path in paths_of(entry)):
                    found.setdefault((route.source, path), []).append(f"{route.target}.{name}")
    return found, ignored - set(found)


def _read(row: Mapping[str, Any], records: int) -> FieldUse:
    parts = (row[name] for name in ("distinct", "more", *_PARTS))
    return FieldUse(row["field"], row["label"], records, row["records"], *parts)


def _digest(value: Any) -> int:
    text = value if isinstance(value, str) else repr(value)
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _texts(each)
