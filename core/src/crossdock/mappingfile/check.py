"""Whether a resolved mapping fits both catalogs; every problem at once, with the nearest valid name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crossdock.automations.decisions import undecided_names, unknown_names
from crossdock.capabilities import Capability
from crossdock.errors import CrossdockError, MappingError
from crossdock.expressions import RULE_NAMES, Condition, bound_names
from crossdock.fieldtypes import FieldType
from crossdock.mapping import UNMAPPED, ObjectMapping
from crossdock.mappingfile.fieldcheck import field_problems
from crossdock.mappingfile.links import objects_of
from crossdock.mappingfile.resolution import ResolvedMapping, merged_schemas
from crossdock.mappingfile.tenants import type_conflicts
from crossdock.model import Catalog, FieldSchema, ObjectSchema
from crossdock.names import nearest
from crossdock.order import plan
from crossdock.proposing.junctions import lost_links
from crossdock.targetpaths import target_field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not fit. A problem that is not fatal says what will be lost or rejected."""

    path: str
    message: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def check(
    resolved: ResolvedMapping,
    source: Catalog | Sequence[Catalog],
    destination: Catalog,
    tenants: Sequence[str] = (),
) -> list[Problem]:
    """Everything that does not fit, in the mapping's order; [] if all does. `tenants` name the sources."""
    sources = merged_schemas(source)
    unknown = {route.target for route in resolved.objects if route.target_schema is None}
    wanted = [o.name for o in resolved.wanted if o.name not in unknown]
    targets = [o.name for o in destination.objects] + wanted
    problems: list[Problem] = []
    for route in resolved.objects:
        found = _route_problems(route, resolved.objects, sources, targets)
        problems += [Problem(f"objects[{route.name}]{p.path}", p.message, p.fatal) for p in found]
    problems += [Problem(r.path, r.message, r.fatal) for r in resolved.remarks]
    problems += _pair_problems(resolved.objects)
    problems += _left_out(resolved, sources)
    problems += _tenant_problems(source, tenants)
    problems += _automation_problems(resolved, destination)
    if not destination.capabilities.can(Capability.MULTI_REFERENCES):
        lost = lost_links(resolved.objects, sources)
        problems += [Problem(f"objects[{route.name}]", message, False) for route, message in lost]
    try:
        plan(resolved.objects, sources)
    except MappingError as error:
        problems.append(Problem("objects", str(error)))
    return problems


def _tenant_problems(source: Catalog | Sequence[Catalog], tenants: Sequence[str]) -> Iterator[Problem]:
    catalogs = [source] if isinstance(source, Catalog) else source
    names = tenants or [catalog.identity for catalog in catalogs]
    for place, message in type_conflicts(catalogs, names):
        yield Problem(place, message, False)


def _left_out(resolved: ResolvedMapping, sources: Mapping[str, ObjectSchema]) -> Iterator[Problem]:
    """Source objects that no route moves and nobody said are not wanted: nothing is dropped in silence."""
    spoken_for = {route.source for route in resolved.objects} | set(resolved.ignored)
    for name, schema in sources.items():
        if name not in spoken_for and schema.count != 0:
            count = "" if schema.count is None else f" ({schema.count} records)"
            yield Problem(
                "objects", f"no route moves {name}{count}; add one, or name it under ignore:", False
            )


def _automation_problems(resolved: ResolvedMapping, destination: Catalog) -> Iterator[Problem]:
    """Active automations that nobody decided about hold up what writes, and nothing else."""
    for name in undecided_names(destination, resolved.automations):
        message = f"{name}: undecided; write pause or keep, nothing is written before"
        yield Problem("automations", message, False)
    for name in unknown_names(destination, resolved.automations):
        yield Problem("automations", f"the destination has no {name!r}", False)


def require_fit(problems: Sequence[Problem]) -> None:
    """Raises MappingError listing the fatal problems, if there are any."""
    fatal = [str(problem) for problem in problems if problem.fatal]
    if fatal:
        raise MappingError("the mapping does not fit.", problems=fatal, hint="Correct mapping.yaml.")


def _route_problems(
    route: ObjectMapping,
    routes: Sequence[ObjectMapping],
    sources: Mapping[str, ObjectSchema],
    targets: Sequence[str],
) -> Iterator[Problem]:
    source, target = sources.get(route.source), route.target_schema
    if source is None:
        said = nearest(route.source, sources)
        yield Problem(".from", f"the source has no object {route.source!r}.{said}")
    if target is None:
        said = nearest(route.target, targets)
        yield Problem(".to", f"the destination has no object {route.target!r}.{said}")
    if source is None or target is None:
        return
    yield from _rule_problems(route, source)
    yield from _source_names(route, source)
    yield from _link_problems(route, source, sources)
    yield from _key_problems(route, target)
    yield from _keyless_problems(route)
    yield from _required_problems(route, target)
    yield from _companion_problems(route, routes)
    for name, entry in route.fields.items():
        for message, fatal in field_problems(name, entry, route, source, target, routes):
            yield Problem(f".fields.{name}", message, fatal)


def _rule_problems(route: ObjectMapping, source: ObjectSchema) -> Iterator[Problem]:
    rules = [(".where", route.where)]
    rules += [(f".fields.{name}.where", entry.where) for name, entry in route.fields.items()]
    for place, rule in rules:
        if not rule:
            continue
        try:
            variables = Condition(rule).variables
        except CrossdockError as error:
            yield Problem(place, str(error))
            continue
        known = {f.name for f in source.fields} | (RULE_NAMES - {"decisions"})
        for name in variables:
            if name not in known | bound_names(rule):
                yield Problem(place, f"{source.name} has no field {name!r}.{nearest(name, known)}")


def _leads_anywhere(field: FieldSchema) -> bool:
    """A reference that may lead to several objects: a link of its own is how one of them is kept."""
    return field.type is FieldType.REFERENCE and len(field.references) != 1


def _source_names(route: ObjectMapping, source: ObjectSchema) -> Iterator[Problem]:
    names = [f.name for f in source.fields]
    for name in route.ignore:
        if name not in names:
            yield Problem(".ignore", f"{source.name} has no field {name!r}.{nearest(name, names)}", False)
    if route.belongs_to and route.belongs_to.source not in names:
        said = nearest(route.belongs_to.source, names)
        yield Problem(".belongs_to", f"{source.name} has no field {route.belongs_to.source!r}.{said}")
    if route.for_each:
        field = source.field(route.for_each)
        if field is None:
            said = nearest(route.for_each, names)
            yield Problem(".for_each", f"{source.name} has no field {route.for_each!r}.{said}")
        elif not field.multiple and not _leads_anywhere(field):
            yield Problem(".for_each", f"{route.for_each} holds one value, not several", False)


def _link_problems(
    route: ObjectMapping, source: ObjectSchema, sources: Mapping[str, ObjectSchema]
) -> Iterator[Problem]:
    link = route.targets
    if link is None:
        return
    led_to = objects_of(route, link, source, sources) or tuple(sources)
    for name in link.but:
        if name not in led_to:
            said = nearest(name, led_to)
            # Of the objects that one source has another may lack some.
            yield Problem(".targets.but", f"{link.source} does not lead to {name!r}.{said}", False)
    for name in link.first:
        if name not in route.fields:
            yield Problem(".targets.first", f"{name} gets no value from this route")
        elif not route.fields[name].reference:
            yield Problem(".targets.first", f"{name} is no reference")


def _keyless_problems(route: ObjectMapping) -> Iterator[Problem]:
    """What is said of records that are alike or there already, and no match key finds them."""
    if route.match:
        return
    for word, idle in (("duplicates", "merge"), ("existing", "keep")):
        if getattr(route, word) == idle:
            yield Problem(f".{word}", f"{word}: {idle} needs a match key, or it does nothing")


def _key_problems(route: ObjectMapping, target: ObjectSchema) -> Iterator[Problem]:
    for name in dict.fromkeys(name for key in route.match for name in key):
        if target_field(target, name)[0] is None:
            said = nearest(name, [f.name for f in target.fields])
            yield Problem(".match", f"{target.name} has no field {name!r}.{said}")
        elif name not in route.fields:
            yield Problem(".match", f"{name} gets no value from this route, so nothing can be found by it")
    for name in route.require_one:
        if name not in route.fields:
            yield Problem(".require_one", f"{name} gets no value from this route")
    if target.match_only and route.create:
        yield Problem(".create", f"{target.name} records can only be found: write create: false")
    if not route.create and not route.match:
        yield Problem(".match", "records that are only found need a match key")


def _required_problems(route: ObjectMapping, target: ObjectSchema) -> Iterator[Problem]:
    if not route.create:
        return
    filled = {name.partition(".")[0] for name in route.fields} | set(route.fields)
    for field in target.fields:
        by_itself = field.read_only or field.filled or field.default is not None
        if field.required and not by_itself and field.name not in filled:
            yield Problem(".fields", f"{target.name}.{field.name} is required and gets no value")


def _companion_problems(route: ObjectMapping, routes: Sequence[ObjectMapping]) -> Iterator[Problem]:
    if route.keep != "note":
        return
    readers = [e for r in routes if r.source == route.source for e in r.fields.values()]
    if not any(UNMAPPED in entry.sources for entry in readers):
        yield Problem(".keep", f"keep: note needs a route from {route.source} with a field from {UNMAPPED}")


def _pair_problems(routes: Sequence[ObjectMapping]) -> Iterator[Problem]:
    """Two routes of one pair give the same record the same id, so at most one may take it."""
    first: dict[tuple[str, str], ObjectMapping] = {}
    for route in routes:
        other = first.setdefault((route.source, route.target), route)
        if other is not route and not (other.where and route.where) and route.for_each == other.for_each:
            message = f"{other.name} makes the same target records; tell them apart with where:"
            yield Problem(f"objects[{route.name}]", message)
