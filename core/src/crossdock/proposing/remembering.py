"""What was confirmed in other projects: pairs of fields that a new proposal takes first.

Kept only where `propose.memory` of the project file names a folder, one file a project:

    {project, on, source, destination, routes: [{object, target, fields: [[source field, target field]]}]}

Names of platforms, objects and fields, and nothing else: no value, no step, no person, no record.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from crossdock.config import Project
from crossdock.mapping import MappingFile, ObjectMapping
from crossdock.model import ObjectSchema
from crossdock.proposing.entries import entry_of, match_of, with_choices
from crossdock.proposing.memory import Memory
from crossdock.wholefile import write_whole


class _Kept(BaseModel):
    """A part of such a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class KeptRoute(_Kept):
    """The confirmed pairs of one route."""

    object: str
    target: str
    fields: tuple[tuple[str, str], ...]


class KeptProject(_Kept):
    """What one project confirmed for one source platform."""

    project: str
    on: date
    source: str
    destination: str
    routes: tuple[KeptRoute, ...]


def memory_folder(project: Project) -> Path | None:
    """The folder that the project file names, None if it names none. A relative one counts from the
    project."""
    if project.propose.memory is None:
        return None
    return project.directory / Path(project.propose.memory).expanduser()


def remember(project: Project, mapping: MappingFile, on: date) -> Path | None:
    """Keep the pairs of a confirmed mapping for later projects; gives the file, None where none is asked for.

    Raises StorageError.
    """
    folder = memory_folder(project)
    if folder is None:
        return None
    routes = tuple(kept for route in mapping.objects if (kept := _kept(route)).fields)
    told = KeptProject(
        project=project.id, on=on, source=mapping.source, destination=mapping.destination, routes=routes
    )
    return write_whole(folder / f"{project.id}.json", told.model_dump_json(indent=1).encode())


def kept_elsewhere(
    project: Project,
    source: str,
    destination: str,
    sources: Mapping[str, ObjectSchema],
    targets: Mapping[str, ObjectSchema],
) -> list[Memory]:
    """What other projects confirmed for these two platforms, the newest first; only what both sides have.

    A file that is none of ours is passed over.
    """
    folder = memory_folder(project)
    if folder is None or not folder.is_dir():
        return []
    found = [kept for path in sorted(folder.glob("*.json")) if (kept := _read(path)) is not None]
    ours = [
        k for k in found if k.project != project.id and (k.source, k.destination) == (source, destination)
    ]
    ours.sort(key=lambda kept: kept.on, reverse=True)
    return [_memory(kept, sources, targets) for kept in ours]


def _kept(route: ObjectMapping) -> KeptRoute:
    """The pairs of a route: lines that one source field fills; none of a route for the links of a field."""
    walked = route.for_each or route.targets
    pairs = tuple(
        (entry.source, name)
        for name, entry in route.fields.items()
        if isinstance(entry.source, str) and not walked and not entry.source.startswith("__self")
    )
    return KeptRoute(object=route.source, target=route.target, fields=pairs)


def _read(path: Path) -> KeptProject | None:
    try:
        return KeptProject.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _memory(
    kept: KeptProject, sources: Mapping[str, ObjectSchema], targets: Mapping[str, ObjectSchema]
) -> Memory:
    """The pairs as a mapping of these two platforms, types and options looked at afresh."""
    goes_to: dict[str, str] = {}
    for route in kept.routes:
        goes_to.setdefault(route.object, route.target)
    routes = []
    for route in kept.routes:
        own, target = sources.get(route.object), targets.get(route.target)
        if own is not None and target is not None:
            fields = _entries(route.fields, own, target, goes_to)
            routes.append(_route(own, target, fields))
    mapping = MappingFile(source=kept.source, destination=kept.destination, objects=tuple(routes))
    return Memory(mapping, f"confirmed in project {kept.project} on {kept.on.isoformat()}")


def _entries(
    pairs: Sequence[tuple[str, str]], own: ObjectSchema, target: ObjectSchema, goes_to: Mapping[str, str]
) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for name, there in pairs:
        mine, theirs = own.field(name), target.field(there)
        if mine is None or theirs is None or theirs.read_only:
            continue
        entry = entry_of(mine, theirs, goes_to)
        if entry is not None:
            entries.setdefault(there, with_choices(entry, mine, theirs)[0])
    return entries


def _route(own: ObjectSchema, target: ObjectSchema, fields: Mapping[str, Any]) -> ObjectMapping:
    form = {"from": own.name, "to": target.name, "match": match_of(target, fields), "fields": fields}
    return ObjectMapping.model_validate(form | {"create": not target.match_only})
