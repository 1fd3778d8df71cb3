"""Paths of source fields in a mapping: which fields they use, and how one is read from a record."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import Any

from crossdock.equality import is_empty
from crossdock.fieldtypes import FieldType
from crossdock.ids import IdMap, ReferenceStatus
from crossdock.mapping import (
    ITEM,
    PSEUDO_FIELDS,
    SELF,
    UNMAPPED,
    FieldMapping,
    ObjectMapping,
    OtherField,
)
from crossdock.model import FieldSchema, ObjectSchema, Record
from crossdock.steps.texts import text
from crossdock.values import Reference


@dataclass(slots=True)
class Scene:
    """What one target record is made from, and what is said about it on the way.

    missing: by target field how each reference stands that it could not hold.
    """

    record: Record
    ids: IdMap
    item: Any = None
    deferred: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: dict[str, set[ReferenceStatus]] = field(default_factory=dict)


Read = Callable[[Scene], Any]


def template_names(template: str) -> tuple[str, ...]:
    """The paths between the braces of a template."""
    return tuple(name for _, name, _, _ in Formatter().parse(template) if name)


def paths_of(mapping: FieldMapping) -> tuple[str, ...]:
    """Every source path that a field mapping reads."""
    instead = (mapping.otherwise.source,) if isinstance(mapping.otherwise, OtherField) else ()
    return mapping.sources + (template_names(mapping.template) if mapping.template else ()) + instead


def named_records(mapping: FieldMapping) -> tuple[Reference, ...]:
    """The source records that a `value` with `reference` names, each as `object/key`."""
    if not (mapping.constant and mapping.reference):
        return ()
    given = mapping.value if isinstance(mapping.value, list | tuple) else (mapping.value,)
    parts = (str(one).partition("/") for one in given if one is not None)
    return tuple(Reference(name, key) for name, _, key in parts)


def uses_of(route: ObjectMapping, name: str) -> list[FieldMapping]:
    """What fills a target field, or the parts of it (`address.street` is one of `address`)."""
    return [use for target, use in route.fields.items() if target == name or target.startswith(f"{name}.")]


def source_values(route: ObjectMapping, name: str, record: Record) -> dict[str, Any]:
    """What the source holds in the fields that a target field is made of, by path.

    A field whose own name has a dot wins; of a path into a field it is the whole field.
    """
    paths = dict.fromkeys(path for use in uses_of(route, name) for path in paths_of(use))
    values = record.values
    return {path: values[path] if path in values else values.get(head(path)) for path in paths}


def head(path: str, schema: ObjectSchema | None = None) -> str:
    """The field that a path starts with; a field whose own name has a dot wins."""
    if schema is not None and schema.field(path) is not None:
        return path
    return path.partition(".")[0]


def used_fields(mapping: ObjectMapping, schema: ObjectSchema | None = None) -> frozenset[str]:
    """The source fields that the route's field mappings, `targets`, `for_each` and `belongs_to` read.

    `item` is a field of that name where the route has no `for_each`.
    """
    return frozenset(head(path, schema) for path in _paths(mapping)) - _pseudo(mapping)


def whole_fields(mapping: ObjectMapping, schema: ObjectSchema | None = None) -> frozenset[str]:
    """Of these the fields that are read as they are. Of a link that is only read as a part of what it leads
    to (`author.name`) that part is kept, and not the link."""
    return frozenset(path for path in _paths(mapping) if head(path, schema) == path) - _pseudo(mapping)


def _paths(mapping: ObjectMapping) -> list[str]:
    paths = [path for entry in mapping.fields.values() for path in paths_of(entry)]
    if mapping.for_each:
        paths.append(mapping.for_each)
    if mapping.belongs_to:
        paths.append(mapping.belongs_to.source)
    if mapping.targets:
        paths.append(mapping.targets.source)
    return paths


def _pseudo(mapping: ObjectMapping) -> frozenset[str]:
    return PSEUDO_FIELDS if mapping.for_each else PSEUDO_FIELDS - {ITEM}


def file_objects(routes: Iterable[ObjectMapping]) -> frozenset[str]:
    """The source objects whose records are files and have a route: a link to one moves with the file."""
    return frozenset(
        route.source
        for route in routes
        if route.source_schema is not None
        and any(f.type is FieldType.FILE for f in route.source_schema.fields)
    )


def unread_fields(schema: ObjectSchema, routes: Sequence[ObjectMapping]) -> tuple[FieldSchema, ...]:
    """The fields of a source object that stay behind, given all routes of a mapping; ignored ones too.

    A link to files that have a route of their own does not: they carry it. A field that only a `where` looks
    at does, as its value arrives nowhere.
    """
    own = [route for route in routes if route.source == schema.name]
    read = frozenset().union(*(used_fields(route, schema) for route in own))
    files = {name for name in file_objects(routes) if _lead_back(name, schema.name, routes)}
    return tuple(
        f for f in schema.fields if f.name not in read and not (f.references and files >= set(f.references))
    )


def _lead_back(name: str, owner: str, routes: Iterable[ObjectMapping]) -> bool:
    """Whether a route for `name` reads a link that may lead to `owner`: the file comes with its record."""
    return name != owner and any(
        field.type is FieldType.REFERENCE
        and field.name in used_fields(route, route.source_schema)
        and (not field.references or owner in field.references)
        for route in routes
        if route.source == name and route.source_schema is not None
        for field in route.source_schema.fields
    )


def unmapped_fields(mapping: ObjectMapping, schema: ObjectSchema) -> tuple[str, ...]:
    """The source fields that nothing reads and that are not ignored, in the schema's order."""
    used = used_fields(mapping, schema) | set(mapping.ignore)
    return tuple(f.name for f in schema.fields if f.name not in used)


def reader(path: str, mapping: ObjectMapping, schema: ObjectSchema | None = None) -> Read:
    """A function that reads `path` from a record; what is not there is None."""
    name = head(path, schema)
    parts = path[len(name) + 1 :].split(".") if len(path) > len(name) else []
    start = _start(name, mapping, schema)
    return (lambda scene: _walk(start(scene), parts, scene)) if parts else start


def _start(name: str, mapping: ObjectMapping, schema: ObjectSchema | None) -> Read:
    if name == SELF:
        return lambda scene: Reference(scene.record.object_name, scene.record.key)
    if name == ITEM and mapping.for_each:
        return lambda scene: scene.item
    if name == UNMAPPED:
        return _unmapped_reader(mapping, schema)
    return lambda scene: scene.record.values.get(name)


def _walk(value: Any, parts: list[str], scene: Scene) -> Any:
    for part in parts:
        if isinstance(value, tuple):
            found = tuple(_walk(element, [part], scene) for element in value)
            value = tuple(element for element in found if element is not None)
        elif isinstance(value, Reference) and part not in ("object_name", "key"):
            value = (scene.ids.source_values(value.object_name, value.key) or {}).get(part)
        elif isinstance(value, Mapping):
            value = value.get(part)
        else:
            value = getattr(value, part, None)
    return value


def _unmapped_reader(mapping: ObjectMapping, schema: ObjectSchema | None) -> Read:
    labels = {f.name: f.label or f.name for f in schema.fields} if schema else {}
    known = unmapped_fields(mapping, schema) if schema else None
    used = used_fields(mapping, schema) | set(mapping.ignore)

    def read(scene: Scene) -> str | None:
        values = scene.record.values
        names = known if known is not None else tuple(sorted(set(values) - used))
        lines = [
            f"{labels.get(name, name)}: {_shown(values[name])}"
            for name in names
            if not is_empty(values.get(name))
        ]
        return "\n".join(lines) or None

    return read


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(_shown(element) for element in value)
    return f"{value.object_name}/{value.key}" if isinstance(value, Reference) else text(value)


def template_reader(template: str, mapping: ObjectMapping, schema: ObjectSchema | None) -> Read:
    """A function that fills a template; an empty part takes the space before it along.

    If all parts are empty it gives None.
    """
    pieces = [
        (literal, reader(name, mapping, schema) if name else None)
        for literal, name, _, _ in Formatter().parse(template)
    ]

    def read(scene: Scene) -> str | None:
        written, filled = "", False
        for literal, read_part in pieces:
            written += literal
            if read_part is None:
                continue
            value = read_part(scene)
            if is_empty(value):
                written = written.rstrip(" ")
            else:
                written, filled = written + text(value), True
        return written.strip() if filled else None

    return read


def several_reader(reads: tuple[Read, ...]) -> Read:
    """A function that reads several paths into one tuple, without empty values, None if all are."""

    def read(scene: Scene) -> tuple[Any, ...] | None:
        found: list[Any] = []
        for one in reads:
            value = one(scene)
            found.extend(value if isinstance(value, tuple) else (value,))
        return tuple(value for value in found if not is_empty(value)) or None

    return read
