"""What a person has confirmed before: mappings that a new proposal takes first.

The confirmed mapping of the project itself lies beside its confirmation; an earlier project of the same pair
can hand over its own. Nothing is taken that does not fit the two catalogs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crossdock.errors import CrossdockError
from crossdock.mapping import FieldMapping, MappingFile, ObjectMapping
from crossdock.mappingfile.confirmation import read
from crossdock.mappingfile.document import load
from crossdock.model import ObjectSchema

_DAY = 10


@dataclass(frozen=True, slots=True)
class Memory:
    """A confirmed mapping; `said` is the reason that its pairs are given: confirmed on which day, by whom."""

    mapping: MappingFile
    said: str


def remembered(mapping: Path, confirmation: Path) -> Memory | None:
    """The mapping as it was confirmed, None if there is none or it can no longer be read."""
    if not (mapping.exists() and confirmation.exists()):
        return None
    try:
        confirmed, found = read(confirmation), load(mapping)
    except CrossdockError:
        return None
    return Memory(found, f"confirmed on {confirmed.at[:_DAY]} by {confirmed.by}") if confirmed else None


def confirmed_route(
    memories: Sequence[Memory], source: ObjectSchema, targets: Mapping[str, ObjectSchema]
) -> tuple[ObjectMapping, str] | None:
    """The first plain route that was confirmed for a source object, and the reason to give for it."""
    for memory in memories:
        for route in memory.mapping.objects:
            plain = not (route.provision or route.for_each or route.targets or route.where or route.when)
            if plain and route.source == source.name and route.target in targets:
                return route, memory.said
    return None


def confirmed_fields(
    route: ObjectMapping, source: ObjectSchema, target: ObjectSchema
) -> Iterator[tuple[str, FieldMapping]]:
    """The lines of a confirmed route that both sides still have the fields for."""
    for name, entry in route.fields.items():
        there = target.field(name.partition(".")[0])
        known = all(source.field(path.partition(".")[0]) for path in entry.sources)
        if there is not None and not there.read_only and entry.sources and known:
            yield name, entry
