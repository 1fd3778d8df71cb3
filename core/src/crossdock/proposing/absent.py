"""What a curated mapping has to do without at this destination: modules, and fields of other versions.

A route into an object that is not there is left out, with the links that only led to what it would have
made, and so are answers to questions that need such an object. So are links to what only objects would have
become that the source has not got, and those that lead from a field to such objects alone. Each is said in
a sentence.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from crossdock.mapping import MappingFile, ObjectMapping, Question
from crossdock.mappingfile.ends import lost_keys, without_fields, without_links
from crossdock.model import Catalog, ObjectSchema
from crossdock.targetpaths import target_field


def fitted_to(curated: MappingFile, destination: Catalog, notes: list[str]) -> MappingFile:
    """The mapping without what the destination has not got; `notes` gets a sentence for each part."""
    there = {schema.name for schema in destination.objects}
    there |= {route.target for route in curated.objects if route.provision is not None}
    questions = {name: _answerable(name, q, there, notes) for name, q in curated.questions.items()}
    kept = [route for route in curated.objects if route.target in there]
    for route in curated.objects:
        if route.target not in there:
            notes.append(f"{route.name}: the destination has no object {route.target}")
    linked = _linked(kept, _lost(curated.objects, kept), "the destination has no object", notes)
    made = {(route.target, name) for route in curated.objects for name in route.extend}
    objects = tuple(_known_fields(route, destination, made, notes) for route in linked)
    return curated.model_copy(update={"questions": questions, "objects": objects})


def reachable(
    routes: Sequence[ObjectMapping],
    curated: Sequence[ObjectMapping],
    sources: Mapping[str, ObjectSchema],
    notes: list[str],
) -> list[ObjectMapping]:
    """The routes without links that only led to what objects would have become that the source has not got;
    `notes` gets a sentence for each. `curated`: the routes of all objects."""
    left_out = {(r.source, r.target) for r in curated} - {(r.source, r.target) for r in routes}
    made = {(r.source, r.target) for r in routes}
    reached = [_within_reach(route, sources[route.source], made, left_out, notes) for route in routes]
    return _linked(reached, _lost(curated, reached), "nothing at the source becomes", notes)


def _within_reach(
    route: ObjectMapping,
    source: ObjectSchema,
    made: Collection[tuple[str, str]],
    left_out: Collection[tuple[str, str]],
    notes: list[str],
) -> ObjectMapping:
    dead = {}
    for name, origins in _origins(route, source):
        ends = {(origin, str(route.fields[name].reference)) for origin in origins}
        if ends & set(left_out) and not ends & set(made):
            dead[name] = f"the source has no object {', '.join(sorted(origins))}"
    if not dead:
        return route
    fitted = without_fields(route, dead)
    notes += [f"{route.name}: field {name} left out, {why}" for name, why in dead.items()]
    notes += [f"{route.name}: {said}" for said in lost_keys(route, fitted)]
    return fitted


def _origins(route: ObjectMapping, source: ObjectSchema) -> Iterator[tuple[str, Collection[str]]]:
    """The links of a route that may go, with the source objects that their field refers to."""
    for name, entry in route.fields.items():
        field = source.field(entry.source) if isinstance(entry.source, str) else None
        if entry.reference and field is not None and not (entry.required or entry.author):
            yield name, field.references


def _answerable(name: str, question: Question, there: Collection[str], notes: list[str]) -> Question:
    """The question without the answers that need what is not there."""
    missing = {
        answer: [o for o in objects if o not in there]
        for answer, objects in question.needs.items()
        if set(objects) - set(there)
    }
    if not missing:
        return question
    left = tuple(answer for answer in question.alternatives if str(answer) not in missing)
    needed = ", ".join(dict.fromkeys(o for objects in missing.values() for o in objects))
    default = question.default if str(question.default) not in missing else next(iter(left), None)
    said = f"decisions.{name}: the destination has no {needed}, so {', '.join(missing)} is no answer"
    notes.append(said + (f"; {default} stands" if default != question.default else ""))
    needs = {answer: objects for answer, objects in question.needs.items() if answer not in missing}
    return question.model_copy(update={"alternatives": left, "default": default, "needs": needs})


def _lost(before: Sequence[ObjectMapping], after: Sequence[ObjectMapping]) -> set[str]:
    """The target objects that no route makes any more."""
    return {route.target for route in before} - {route.target for route in after}


def _linked(
    routes: Sequence[ObjectMapping], gone: Collection[str], why: str, notes: list[str]
) -> list[ObjectMapping]:
    """The routes without links to target objects of these names."""
    fitted = [without_links(route, gone) for route in routes]
    for route, left in zip(routes, fitted, strict=True):
        for name, entry in route.fields.items():
            if name not in left.fields:
                notes.append(f"{route.name}: field {name} left out, {why} {entry.reference}")
        notes += [f"{route.name}: {said}" for said in lost_keys(route, left)]
    return fitted


def _known_fields(
    route: ObjectMapping, destination: Catalog, made: Collection[tuple[str, str]], notes: list[str]
) -> ObjectMapping:
    """The route without optional lines for fields that are not there."""
    schema = destination.object(route.target)
    if schema is None:
        return route
    absent = [
        name
        for name, entry in route.fields.items()
        if entry.optional and (route.target, name) not in made and target_field(schema, name)[0] is None
    ]
    for name in absent:
        notes.append(f"{route.name}: field {name} left out, the destination has none of that name")
    if not absent:
        return route
    fitted = without_fields(route, absent)
    notes += [f"{route.name}: {said}" for said in lost_keys(route, fitted)]
    return fitted
