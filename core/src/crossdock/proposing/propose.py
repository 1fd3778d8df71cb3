"""Proposes a mapping: from the two catalogs alone, or from a curated mapping made to fit them.

Names and labels are compared as they are and in a normal form (case, separators and leading
underscores left out); two fields are paired only if their types convert. Every pair carries its
confidence and the reason, which the file shows as a comment.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.conversions import convertible
from crossdock.errors import MappingError
from crossdock.expressions import RULE_NAMES, Condition, bound_names
from crossdock.fieldpaths import head, paths_of
from crossdock.fieldtypes import FieldType
from crossdock.mapping import (
    PSEUDO_FIELDS,
    FieldMapping,
    MappingFile,
    ObjectMapping,
    OtherField,
    OthersTemplate,
    Provision,
)
from crossdock.mappingfile.resolution import applying_routes, merged_schemas
from crossdock.model import Catalog, FieldSchema, ObjectSchema
from crossdock.names import camel_name
from crossdock.proposing.absent import fitted_to, reachable
from crossdock.proposing.junctions import junction_routes

_TRANSFERABLE = frozenset(FieldType) - {FieldType.REFERENCE, FieldType.AUTHOR, FieldType.FILE}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping and, by (route name, target field or ""), why each pair is in it.

    `notes` says what was left out, one sentence each.
    """

    mapping: MappingFile
    comments: dict[tuple[str, str], str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def propose(source: Catalog | Sequence[Catalog], destination: Catalog) -> Proposal:
    """A plain proposal for a pair of platforms without a curated mapping."""
    sources = list(merged_schemas(source).values())
    platform = (source if isinstance(source, Catalog) else source[0]).platform
    comments: dict[tuple[str, str], str] = {}
    notes: list[str] = []
    pairs = _best_pairs(sources, destination.objects)
    targets = {own.name: target.name for own, target, *_ in pairs}
    routes = []
    for own, target, confidence, reason in pairs:
        name = f"{own.name}>{target.name}"
        comments[(name, "")] = f"{confidence:.2f} {reason}"
        fields = _paired_fields(own, target, targets, name, comments)
        routes.append(_route(own, target, fields))
    paired = set(targets)
    notes += [f"{o.name}: nothing at the destination has that name" for o in sources if o.name not in paired]
    mapping = MappingFile(source=platform, destination=destination.platform, objects=tuple(routes))
    return Proposal(mapping, comments, tuple(notes))


def from_curated(
    curated: MappingFile, source: Catalog | Sequence[Catalog], destination: Catalog
) -> tuple[MappingFile, tuple[str, ...]]:
    """A curated mapping without what this source does not have; what was left out, in sentences.

    With `others: provision` every source object that no route covers gets a route of its own. What the
    destination has not got (a module that is not installed) is left out too.
    """
    sources = merged_schemas(source)
    notes: list[str] = []
    routes = []
    for route in curated.objects:
        schema = sources.get(route.source)
        if schema is None:
            notes.append(f"{route.name}: the source has no object {route.source}")
            continue
        fitted = _fitted(route, schema, notes)
        if fitted is not None:
            routes.append(fitted)
    routes = reachable(routes, curated.objects, sources, notes)
    curated = fitted_to(curated.model_copy(update={"objects": tuple(routes)}), destination, notes)
    routes = list(curated.objects)
    if curated.others != "report":
        routes += _others(curated, sources.values(), destination, notes)
    applying, _ = applying_routes(curated.model_copy(update={"objects": tuple(routes)}), curated.answers)
    junctions, said = junction_routes(routes, sources, destination, applying)
    routes += junctions
    notes += said
    return curated.model_copy(update={"objects": tuple(routes)}), tuple(notes)


# --- a curated mapping ------------------------------------------------------------------------


def _fitted(route: ObjectMapping, schema: ObjectSchema, notes: list[str]) -> ObjectMapping | None:
    """The route without the source fields that are not there; None if nothing is left of it."""
    if route.for_each and schema.field(route.for_each) is None:
        notes.append(f"{route.name}: {schema.name} has no field {route.for_each}, which it is made for")
        return None
    fields = {}
    for name, entry in route.fields.items():
        fitted, missing = _fitted_field(entry, schema)
        if missing:
            fate = "left out" if fitted is None else "kept without them"
            notes.append(f"{route.name}: field {name} {fate}, the source has no {', '.join(missing)}")
        if fitted is not None:
            fields[name] = fitted
    return route.model_copy(
        update={
            "fields": fields,
            "match": tuple(key for key in route.match if all(name in fields for name in key)),
            "require_one": tuple(name for name in route.require_one if name in fields),
            "targets": route.targets and route.targets.of_fields(fields),
            "ignore": tuple(name for name in route.ignore if schema.field(name)),
        }
    )


def _fitted_field(entry: FieldMapping, schema: ObjectSchema) -> tuple[FieldMapping | None, tuple[str, ...]]:
    paths = paths_of(entry)
    ruled = tuple(name for name in _ruled_by(entry) if not _there(name, schema))
    if ruled:
        return None, ruled
    missing = tuple(path for path in paths if not _there(path, schema))
    if not missing:
        return entry, ()
    left = tuple(path for path in entry.sources if path not in missing)
    if not (left or entry.constant) or entry.template is not None:
        return None, missing
    changed: dict[str, Any] = {} if left == entry.sources else {"source": left}
    if isinstance(entry.otherwise, OtherField) and entry.otherwise.source in missing:
        changed["otherwise"] = "null"
    return entry.model_copy(update=changed), missing


def _ruled_by(entry: FieldMapping) -> tuple[str, ...]:
    """The source fields that the rule of a field mapping looks at."""
    if not entry.where:
        return ()
    try:
        names = Condition(entry.where).variables
    except MappingError:
        return ()  # for the check to report
    return tuple(name for name in names if name not in RULE_NAMES and name not in bound_names(entry.where))


def _there(path: str, schema: ObjectSchema) -> bool:
    name = head(path, schema)
    return name in PSEUDO_FIELDS or schema.field(name) is not None


def _others(
    curated: MappingFile, sources: Iterable[ObjectSchema], destination: Catalog, notes: list[str]
) -> list[ObjectMapping]:
    """A provisioned object for every source object that no route of the curated mapping names."""
    covered = {route.source for route in curated.objects} | set(curated.ignore)
    taken = {o.name for o in destination.objects} | {route.target for route in curated.objects}
    routes = []
    for schema in sources:
        if schema.name in covered or schema.match_only:
            continue
        name = camel_name("object", schema.name.rpartition(".")[2], frozenset(taken))
        taken.add(name)
        label = schema.label or name
        provision = Provision(object=name, label=label, label_plural=schema.label_plural or label)
        route = _object_mapping(schema.name, name, provision=provision)
        if isinstance(curated.others, OthersTemplate):
            template = {"fields": curated.others.fields, "ignore": curated.others.ignore}
            # What the template names and this object lacks is no loss: it is said nowhere.
            route = _fitted(route.model_copy(update=template), schema, []) or route
            extend = {n: field for n, field in curated.others.extend.items() if n in route.fields}
            route = route.model_copy(update={"extend": extend})
        routes.append(route)
        notes.append(f"{schema.name}: not in the curated mapping, goes to a new object {name}")
    return routes


def _object_mapping(source: str, target: str, **more: Any) -> ObjectMapping:
    return ObjectMapping.model_validate({"from": source, "target": target, **more})


# --- a plain proposal -------------------------------------------------------------------------


def normal_form(name: str) -> str:
    """Case, separators, leading underscores and a plural `s` left out: `_Phone-Numbers` is `phonenumber`."""
    form = re.sub(r"[\W_]+", "", name.rpartition(".")[2]).casefold()
    return form[:-1] if len(form) > 3 and form.endswith("s") and form.isascii() else form


def _alike(own: Any, target: Any) -> tuple[float, str]:
    """How sure it is that two objects or fields mean the same, and why; 0 if nothing says so."""
    if own.name == target.name:
        return 0.95, "same name"
    if normal_form(own.name) == normal_form(target.name):
        return 0.9, "same name but for case and separators"
    if own.label and target.label and own.label.casefold() == target.label.casefold():
        return 0.85, "same label"
    labels = {normal_form(own.label), normal_form(own.name)} - {""}
    if labels & ({normal_form(target.label), normal_form(target.name)} - {""}):
        return 0.75, "name and label are alike"
    return 0.0, ""


def _best_pairs(sources: Sequence[Any], targets: Sequence[Any]) -> list[tuple[Any, Any, float, str]]:
    """One to one, the surest pairs first; then in the order of the sources."""
    found = []
    for i, own in enumerate(sources):
        for j, target in enumerate(targets):
            confidence, reason = _alike(own, target)
            if confidence:
                found.append((-confidence, i, j, reason))
    used_sources: dict[int, tuple[Any, Any, float, str]] = {}
    used_targets: set[int] = set()
    for negative, i, j, reason in sorted(found):
        if i not in used_sources and j not in used_targets:
            used_sources[i] = (sources[i], targets[j], -negative, reason)
            used_targets.add(j)
    return [used_sources[i] for i in sorted(used_sources)]


def _paired_fields(
    own: ObjectSchema,
    target: ObjectSchema,
    targets: dict[str, str],
    route: str,
    comments: dict[tuple[str, str], str],
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    writable = [f for f in target.fields if not f.read_only]
    for source, field_, confidence, reason in _best_pairs(own.fields, writable):
        entry = _field_entry(source, field_, targets)
        if entry is None:
            continue
        loss = convertible(source, field_).loss
        fields[field_.name] = entry
        comments[(route, field_.name)] = "; ".join([f"{confidence:.2f} {reason}", *loss])
    return fields


def _field_entry(source: FieldSchema, target: FieldSchema, targets: dict[str, str]) -> Any:
    """The mapping of a pair of fields, None if their types do not convert."""
    if source.type is FieldType.REFERENCE and target.type is FieldType.REFERENCE:
        reachable = {targets[name] for name in source.references if name in targets}
        known = [name for name in target.references if name in reachable]
        return {"from": source.name, "reference": known[0]} if known else None
    if source.type not in _TRANSFERABLE or not convertible(source, target).possible:
        return None
    return source.name


def _route(own: ObjectSchema, target: ObjectSchema, fields: dict[str, Any]) -> ObjectMapping:
    match = tuple((f.name,) for f in target.fields if f.unique and f.name in fields)
    create = not target.match_only
    if target.match_only and not match:
        emails = [f.name for f in target.fields if f.type is FieldType.EMAIL and f.name in fields]
        match = tuple((name,) for name in emails)
    return _object_mapping(own.name, target.name, match=match, fields=fields, create=create)
