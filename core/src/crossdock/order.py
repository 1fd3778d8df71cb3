"""The order in which routes are loaded: what is referred to comes first, cycles take a second pass.

Deterministic: the same routes give the same phases. Objects that are only found (users) come first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from itertools import pairwise

from crossdock.errors import MappingError
from crossdock.fieldpaths import head, named_records, paths_of
from crossdock.mapping import ITEM, SELF, FieldMapping, ObjectMapping
from crossdock.model import ObjectSchema

Edges = dict[int, dict[int, set[str]]]

_BELONGING = "belongs_to"  # stands for a field that cannot wait


@dataclass(frozen=True, slots=True)
class Phase:
    """One route in load order.

    after: names of the phases it refers to, which have to be loaded and reconciled before.
    deferred: target fields that may point to this phase or a later one, written in a second pass.
    """

    mapping: ObjectMapping
    after: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()


def plan(
    objects: Sequence[ObjectMapping], schemas: Mapping[str, ObjectSchema] | None = None
) -> tuple[Phase, ...]:
    """Phases in order. `schemas` are those of the source; a resolved mapping brings its own.

    Raises MappingError if routes refer to each other through fields that cannot wait.
    """
    sources = dict(schemas or {})
    edges = {i: _dependencies(i, objects, sources) for i in range(len(objects))}
    deferred: dict[int, set[str]] = {i: set() for i in edges}
    for i in edges:
        deferred[i] |= edges[i].pop(i, set())
    while (cycle := _cycle(edges)) is not None:
        waiting, first = _weakest(cycle, edges, objects)
        deferred[waiting] |= edges[waiting].pop(first)
    return tuple(
        Phase(
            objects[i],
            tuple(objects[j].name for j in sorted(edges[i])),
            tuple(name for name in objects[i].fields if name in deferred[i] and _waits(objects[i], name)),
        )
        for i in _sorted(edges, objects)
    )


def referenced_objects(
    entry: FieldMapping, route: ObjectMapping, schema: ObjectSchema | None
) -> frozenset[str] | None:
    """The source objects that a reference mapping may point to, None if that is not known."""
    if entry.source == SELF:
        return frozenset({route.source})
    found = {record.object_name for record in named_records(entry)}
    for path in paths_of(entry):
        if path == ITEM and route.for_each:
            path = route.for_each
        field = schema.field(path) if schema and head(path, schema) == path else None
        if field is None or not field.references:
            return None
        found |= set(field.references)
    return frozenset(found)


def _dependencies(
    i: int, objects: Sequence[ObjectMapping], sources: Mapping[str, ObjectSchema]
) -> dict[int, set[str]]:
    """The routes that route `i` refers to, each with the fields that do."""
    route = objects[i]
    schema = sources.get(route.source) or route.source_schema
    found: dict[int, set[str]] = {}
    for name, entry in route.fields.items():
        if not entry.reference:
            continue
        origins = referenced_objects(entry, route, schema)
        for j, other in enumerate(objects):
            if other.target == entry.reference and (origins is None or other.source in origins):
                found.setdefault(j, set()).add(name)
    for j in _belongings(route, objects, schema):
        found.setdefault(j, set()).add(_BELONGING)
    return found


def _belongings(
    route: ObjectMapping, objects: Sequence[ObjectMapping], schema: ObjectSchema | None
) -> Iterator[int]:
    """The routes of what a record of this route has to belong to."""
    if route.belongs_to is None:
        return
    field = schema.field(route.belongs_to.source) if schema else None
    origins = field.references if field else ()
    for j, other in enumerate(objects):
        known = other.target in route.belongs_to.targets and (not origins or other.source in origins)
        if known and other is not route and not other.for_each:
            yield j


def _cycle(edges: Edges) -> list[int] | None:
    try:
        TopologicalSorter({i: sorted(after) for i, after in edges.items()}).prepare()
    except CycleError as error:
        cycle: list[int] = error.args[1]
        return cycle
    return None


def _weakest(cycle: list[int], edges: Edges, objects: Sequence[ObjectMapping]) -> tuple[int, int]:
    """The edge of a cycle that costs least to cut: no field in it is required, then the fewest fields.

    A field of `require_one` waits only where nothing else can: until it is written its record is linked
    to nothing, and if what it leads to is not loaded it stays so.
    """
    pairs = [(i, j) for first, second in pairwise(cycle) for i, j in ((first, second), (second, first))]
    candidates = [
        (any(name in objects[i].require_one for name in edges[i][j]), len(edges[i][j]), i, j)
        for i, j in pairs
        if j in edges[i] and all(_can_wait(objects[i], name) for name in edges[i][j])
    ]
    if not candidates:
        names = ", ".join(objects[i].name for i in sorted(set(cycle)))
        raise MappingError(
            f"these routes refer to each other through required fields: {names}.",
            hint="Make one of the fields not required, so that it can be written in a second pass.",
        )
    *_, i, j = min(candidates)
    return i, j


def _can_wait(route: ObjectMapping, name: str) -> bool:
    if name == _BELONGING:
        return False
    field = route.target_schema.field(name) if route.target_schema else None
    return not (route.fields[name].required or (field is not None and field.required))


def _waits(route: ObjectMapping, name: str) -> bool:
    """An author is a name with an id if there is one; it is never written a second time."""
    return not route.fields[name].author


def _sorted(edges: Edges, objects: Sequence[ObjectMapping]) -> Iterator[int]:
    """Dependencies first; among those that are ready, found-only objects, then the file's order."""
    sorter = TopologicalSorter({i: sorted(after) for i, after in edges.items()})
    sorter.prepare()
    ready: list[tuple[bool, int]] = []
    while sorter.is_active():
        for i in sorter.get_ready():
            heappush(ready, (not _found_only(objects[i]), i))
        _, i = heappop(ready)
        yield i
        sorter.done(i)


def _found_only(route: ObjectMapping) -> bool:
    return not route.create or bool(route.target_schema and route.target_schema.match_only)
