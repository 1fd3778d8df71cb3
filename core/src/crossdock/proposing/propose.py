"""Proposes a mapping from a curated one, made to fit the two catalogs.

What the catalogs alone propose is in `crossdock.proposing.plain`; both are to be had from here.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from crossdock.errors import MappingError
from crossdock.expressions import RULE_NAMES, Condition, bound_names
from crossdock.fieldpaths import head, paths_of
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
from crossdock.model import Catalog, ObjectSchema
from crossdock.names import camel_name
from crossdock.proposing.absent import fitted_to, reachable
from crossdock.proposing.junctions import junction_routes
from crossdock.proposing.plain import Proposal, propose, route_of

__all__ = ["Proposal", "from_curated", "propose"]


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
        route = route_of(schema.name, name, provision=provision)
        if isinstance(curated.others, OthersTemplate):
            template = {"fields": curated.others.fields, "ignore": curated.others.ignore}
            # What the template names and this object lacks is no loss: it is said nowhere.
            route = _fitted(route.model_copy(update=template), schema, []) or route
            extend = {n: field for n, field in curated.others.extend.items() if n in route.fields}
            route = route.model_copy(update={"extend": extend})
        routes.append(route)
        notes.append(f"{schema.name}: not in the curated mapping, goes to a new object {name}")
    return routes
