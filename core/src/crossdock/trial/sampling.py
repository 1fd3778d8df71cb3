"""Chooses a sample: records spread over all mapped objects, with everything that they refer to.

The choice depends on the project and the records alone: the same project and the same source give the same
sample, whenever and in whichever order the records are read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from heapq import heappush, heappushpop
from typing import Any

from crossdock.errors import ConfigError
from crossdock.expressions import Condition
from crossdock.fieldpaths import file_objects, used_fields
from crossdock.fieldtypes import FieldType
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Record
from crossdock.referenceplan import choice_of
from crossdock.staging import Staging
from crossdock.values import Reference

Place = tuple[str, str]
"""Tenant and source object."""

Selection = Mapping[str, Mapping[str, Sequence[str]]]
"""Chosen keys by tenant and source object."""

_CHOICES = 200  # different options of one field that the sample covers at most


def choose(migration: Migration, resolved: ResolvedMapping, size: int) -> Selection:
    """`size` records of what is staged, and what they refer to. Raises ConfigError for a size below 1.

    At least one of each object is among them, even if these are more than `size`; as far as there is room
    one for each option of a select field and for each kind of reference.
    """
    if size < 1:
        raise ConfigError(f"a sample of {size} records is none.", hint="Use --sample with 200 to 500.")
    objects = _objects(resolved)
    drawn: dict[Place, _Drawn] = {}
    for tenant, catalog in migration.source_catalogs.items():
        for name, mapped in objects.items():
            if catalog.object(name) is not None:
                drawn[(tenant, name)] = _draw(migration, mapped, tenant, size)
    chosen = _spread(drawn, size)
    return _by_tenant(_with_references(migration.staging, objects, chosen))


def chosen_with_references(
    migration: Migration, resolved: ResolvedMapping, chosen: Mapping[Place, Iterable[str]]
) -> Selection:
    """These staged records, and what they refer to."""
    objects = _objects(resolved)
    places = {(tenant, name): set[str]() for tenant in migration.source_catalogs for name in objects}
    wanted = places | {place: set(keys) for place, keys in chosen.items()}
    return _by_tenant(_with_references(migration.staging, objects, wanted))


def _objects(resolved: ResolvedMapping) -> "dict[str, _Object]":
    return {name: _Object(name, resolved) for name in dict.fromkeys(r.source for r in resolved.objects)}


def _by_tenant(closed: Mapping[Place, set[str]]) -> Selection:
    tenants = dict.fromkeys(tenant for tenant, _ in closed)
    return {
        tenant: {name: sorted(keys) for (owner, name), keys in closed.items() if owner == tenant}
        for tenant in tenants
    }


class _Object:
    """A source object with its routes: which of its records take part, and where they lead."""

    def __init__(self, name: str, resolved: ResolvedMapping) -> None:
        self.name = name
        routes = [route for route in resolved.objects if route.source == name]
        self._rules = [Condition(route.where) if route.where else None for route in routes]
        schema = next((r.source_schema for r in routes if r.source_schema), None)
        used: frozenset[str] = frozenset().union(*(used_fields(r, r.source_schema) for r in routes))
        with_files = file_objects(resolved.objects)
        fields = schema.fields if schema else ()
        options = [f for f in fields if f.type is FieldType.SELECT and f.name in used]
        self.options = tuple(f.name for f in options)
        self._choices = tuple(f for f in options if f.references)
        # A link to a file may be left to the file's own route: the file belongs to its record all the same.
        self.links = tuple(
            f.name for f in fields if f.name in used or (f.references and with_files >= set(f.references))
        )

    def takes(self, record: Record) -> bool:
        """Whether a route loads the record."""
        return not record.deleted and any(self._admits(rule, record) for rule in self._rules)

    @staticmethod
    def _admits(rule: Condition | None, record: Record) -> bool:
        try:
            return rule is None or rule.holds_for(record)
        except ValueError:
            return True  # it is rejected with that reason, which is for the sample to show

    def kinds(self, record: Record) -> Iterator[tuple[str, str]]:
        """What the record is an example of: options of its fields, and fields that lead somewhere."""
        for name in self.options:
            value = record.values.get(name)
            yield from ((name, str(v)) for v in (value if isinstance(value, tuple) else (value,)) if v)
        for name in self.links:
            if any(True for _ in _references(record.values.get(name))):
                yield name, ""

    def leads_to(self, record: Record) -> Iterator[Reference]:
        """What the record refers to, the records of its choices among it."""
        for name in self.links:
            yield from _references(record.values.get(name))
        for choice in self._choices:
            value = record.values.get(choice.name)
            several = value if isinstance(value, tuple) else (value,)
            yield from (choice_of(self.name, choice, one) for one in several if one)


def _references(value: Any) -> Iterator[Reference]:
    for element in value if isinstance(value, tuple) else (value,):
        if isinstance(element, Reference):
            yield element


@dataclass
class _Drawn:
    """The records of one object with the smallest lots, and of each kind the one with the smallest."""

    size: int
    best: list[tuple[int, str]] = field(default_factory=list)  # lots are negative: a heap pops its smallest
    kinds: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def see(self, lot: int, record: Record, kinds: Iterable[tuple[str, str]]) -> None:
        """Take a record into account."""
        entry = (-lot, record.key)
        if len(self.best) < self.size:
            heappush(self.best, entry)
        else:
            heappushpop(self.best, entry)
        for kind in kinds:
            known = self.kinds.get(kind)
            if known is None and len(self.kinds) >= _CHOICES:
                continue
            self.kinds[kind] = min(known or (lot, record.key), (lot, record.key))

    def in_turn(self) -> Iterator[str]:
        """Keys in the order in which they are chosen: an example of each kind, then the rest by lot."""
        rest = sorted((-lot, key) for lot, key in self.best)
        wanted = [*rest[:1], *sorted(self.kinds.values()), *rest]
        yield from dict.fromkeys(key for _, key in wanted)


def _draw(migration: Migration, mapped: _Object, tenant: str, size: int) -> _Drawn:
    drawn = _Drawn(size)
    for staged in migration.staging.scan(tenant, mapped.name):
        for record in (s.record for s in staged):
            if mapped.takes(record):
                drawn.see(_lot(migration.project.id, tenant, record), record, mapped.kinds(record))
    return drawn


def _lot(project: str, tenant: str, record: Record) -> int:
    text = "\n".join((project, tenant, record.object_name, record.key))
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _spread(drawn: Mapping[Place, _Drawn], size: int) -> dict[Place, set[str]]:
    """One of each object, then one more of each in turn, until there are `size`."""
    chosen: dict[Place, set[str]] = {place: set() for place in drawn}
    waiting = {place: each.in_turn() for place, each in drawn.items()}
    count, first = 0, True
    while waiting and (first or count < size):
        for place in list(waiting):
            key = next(waiting[place], None)
            if key is None:
                del waiting[place]
            elif first or count < size:
                chosen[place].add(key)
                count += 1
        first = False
    return chosen


def _with_references(
    staging: Staging, objects: Mapping[str, _Object], chosen: Mapping[Place, set[str]]
) -> dict[Place, set[str]]:
    """The chosen records and all that they lead to, however far."""
    closed: dict[Place, set[str]] = {place: set() for place in chosen}
    open_keys = {place: set(keys) for place, keys in chosen.items()}
    while any(open_keys.values()):
        found: dict[Place, set[str]] = {}
        for (tenant, name), keys in open_keys.items():
            staged = staging.get(tenant, name, keys)  # a reference may lead to nothing
            closed[(tenant, name)] |= staged.keys()
            for one in staged.values():
                for reference in objects[name].leads_to(one.record):
                    found.setdefault((tenant, reference.object_name), set()).add(reference.key)
        open_keys = {place: keys - closed[place] for place, keys in found.items() if place in closed}
    return closed


def count(selection: Selection) -> int:
    """How many records were chosen."""
    return sum(len(keys) for objects in selection.values() for keys in objects.values())
