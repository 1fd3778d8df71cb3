"""A mapping file made definite: decisions applied, automatic fields written out, names proposed.

What comes out is what a person confirms and what a run works with. Resolving again after the
destination was provisioned gives the same names: a custom field with the same label whose type
fits is taken for the one that was wanted.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from crossdock.capabilities import Capability
from crossdock.errors import MappingError
from crossdock.expressions import Condition, with_answers
from crossdock.fieldpaths import unmapped_fields, unread_fields
from crossdock.fieldtypes import FieldType
from crossdock.mapping import ITEM, UNMAPPED, FieldMapping, MappingFile, ObjectMapping
from crossdock.mappingfile.ends import without_dead_ends
from crossdock.mappingfile.tenants import united
from crossdock.mappingfile.wanted import copy_of, defined, inferred, merged, named_options, same
from crossdock.model import Catalog, FieldSchema, ObjectSchema, Provenance
from crossdock.names import Naming, camel_name


@dataclass(frozen=True, slots=True)
class ResolvedMapping:
    """The routes that apply, bound to the schemas of both sides.

    wanted: what the destination has to provision; a wanted object lists only the wanted fields.
    unmapped: per source object the fields that no route uses and none ignores.
    renamed: what the destination calls otherwise, `object` or `object.field`, with a sentence about it.
    dropped: the routes that a decision leaves out. hash: BLAKE2b over all that a person decided.
    ignored: source objects that the mapping says nobody wants. automations: its decisions about them.
    """

    source: str
    destination: str
    objects: tuple[ObjectMapping, ...]
    wanted: tuple[ObjectSchema, ...]
    unmapped: Mapping[str, tuple[str, ...]]
    decisions: Mapping[str, Any] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    hash: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    automations: Mapping[str, str] = field(default_factory=dict)


def resolve(
    mapping: MappingFile,
    decisions: Mapping[str, Any],
    source: Catalog | Sequence[Catalog],
    destination: Catalog,
    naming: Naming = camel_name,
) -> ResolvedMapping:
    """Apply `decisions` (over those in the file) and write everything out.

    Raises MappingError with all problems if a decision is not allowed or a `when` has no answer.
    Unknown objects and fields are left in for `crossdock.mappingfile.check` to report.
    """
    answers = mapping.answers | dict(decisions)
    routes, dropped = applying_routes(mapping, answers)
    sources = merged_schemas(source)
    work = _Work(sources, destination, naming)
    routes = work.rename_objects(routes)
    routes = [_with_decisions(route, answers) for route in routes]
    targets_of = _targets_by_source(routes)
    routes = [work.with_owners(work.with_targets(route, targets_of), targets_of) for route in routes]
    expanded = [work.expand(route, targets_of) for route in routes]
    bound = tuple(r.bound(sources.get(r.source), work.target_schema(r.target)) for r in expanded)
    wanted = work.wanted_objects()
    return ResolvedMapping(
        mapping.source,
        mapping.destination,
        bound,
        wanted,
        _unmapped(bound, sources),
        answers,
        tuple(dropped),
        digest([[r.model_dump(mode="json") for r in bound], wanted, answers, mapping.automations]),
        work.renamed,
        tuple(mapping.ignore),
        dict(mapping.automations),
    )


def digest(content: Any) -> str:
    """BLAKE2b (128 bits, hex) of models, dataclasses and plain values, key order left out."""
    data = orjson.dumps(content, default=_jsonable, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return sorted(value) if isinstance(value, set | frozenset) else repr(value)


def merged_schemas(source: Catalog | Sequence[Catalog]) -> dict[str, ObjectSchema]:
    """Source objects by name; the fields of several tenants' catalogs together, the first one's first."""
    return united([source] if isinstance(source, Catalog) else source)


def _with_fields(schema: ObjectSchema, fields: Iterable[FieldSchema]) -> ObjectSchema:
    names = {f.name for f in schema.fields}
    more = tuple(f for f in fields if f.name not in names)
    return replace(schema, fields=schema.fields + more) if more else schema


def applying_routes(
    mapping: MappingFile, answers: Mapping[str, Any]
) -> tuple[list[ObjectMapping], list[str]]:
    """The routes that these decisions leave in, and the names of the others. Raises MappingError."""
    problems = [
        f"decisions.{name}: {answers[name]!r} is not one of {', '.join(map(str, question.alternatives))}"
        for name, question in mapping.questions.items()
        if question.alternatives and answers[name] not in question.alternatives
    ]
    problems += _unanswered(mapping, answers)
    routes, dropped = [], []
    for index, route in enumerate(mapping.objects):
        try:
            applies = route.when is None or Condition(route.when).holds({"decisions": dict(answers)})
        except (MappingError, ValueError) as error:
            problems.append(f"objects[{index}].when: {error}")
            continue
        if applies:
            routes.append(route)
        else:
            dropped.append(route)
    if problems:
        raise MappingError("the decisions do not fit the mapping.", problems=problems)
    return without_dead_ends(routes, dropped), [route.name for route in dropped]


def _unanswered(mapping: MappingFile, answers: Mapping[str, Any]) -> list[str]:
    """Questions whose answer another decision needs and nobody gave."""
    return [
        f"decisions.{name}: needs an answer, as {question.required_when}"
        for name, question in mapping.questions.items()
        if question.required_when
        and answers[name] is None
        and Condition(question.required_when).holds({"decisions": dict(answers)})
    ]


def _with_decisions(route: ObjectMapping, answers: Mapping[str, Any]) -> ObjectMapping:
    """A fallback that is the name of a decision, and `decisions.NAME` in a rule, become the answer."""
    if route.where and "decisions." in route.where:
        route = route.model_copy(update={"where": with_answers(route.where, answers)})
    if answers.get("missing_users") == "queue":
        return _without_fallback(route)
    changed = {
        name: entry.model_copy(update={"fallback": str(answers[entry.fallback or ""])})
        for name, entry in route.fields.items()
        if entry.fallback and answers.get(entry.fallback) is not None
    }
    return route.model_copy(update={"fields": {**route.fields, **changed}}) if changed else route


def _without_fallback(route: ObjectMapping) -> ObjectMapping:
    """The route with nobody who stands in where the decision `fallback_user` would."""
    changed = {
        name: entry.model_copy(update={"fallback": None})
        for name, entry in route.fields.items()
        if entry.fallback == "fallback_user"
    }
    return route.model_copy(update={"fields": {**route.fields, **changed}}) if changed else route


def _targets_by_source(routes: Sequence[ObjectMapping]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for route in routes:
        if not route.for_each:
            found.setdefault(route.source, {})[route.target] = None
    return {name: tuple(targets) for name, targets in found.items()}


def _unmapped(
    routes: Sequence[ObjectMapping], sources: Mapping[str, ObjectSchema]
) -> dict[str, tuple[str, ...]]:
    left: dict[str, tuple[str, ...]] = {}
    for name in dict.fromkeys(route.source for route in routes if route.source in sources):
        schema = sources[name]
        own = [route for route in routes if route.source == name]
        if any(UNMAPPED in entry.sources for route in own for entry in route.fields.values()):
            # They are all written down in a note.
            left[name] = ()
            continue
        ignored = frozenset().union(*(r.ignore for r in own))
        left[name] = tuple(f.name for f in unread_fields(schema, routes) if f.name not in ignored)
    return left


class _Work:
    """What is wanted so far, while the routes are expanded one after the other."""

    def __init__(self, sources: Mapping[str, ObjectSchema], destination: Catalog, naming: Naming) -> None:
        self._sources = sources
        self._targets = {o.name: o for o in destination.objects}
        self._provisionable = destination.provisionable
        self._several = destination.capabilities.can(Capability.MULTI_REFERENCES)
        self._naming = naming
        self.renamed: dict[str, str] = {}
        # Link fields that the destination makes by itself with a new object.
        self._implied: dict[str, dict[str, FieldSchema]] = {}
        self._objects: dict[str, ObjectSchema] = {}
        self._fields: dict[str, dict[str, FieldSchema]] = {}
        # The name given to a copied source field: two routes from one object share it.
        self._copies: dict[tuple[str, str, str], str] = {}

    def rename_objects(self, routes: Sequence[ObjectMapping]) -> list[ObjectMapping]:
        """Give provisioned objects their final names, wherever they are mentioned."""
        names: dict[str, str] = {}
        for route in routes:
            provision = route.provision
            if provision is None or provision.object in names:
                continue
            # An object that an earlier provision made for this wish is not in its own way.
            label = provision.label or provision.object
            foreign = {
                o.name for o in self._targets.values() if not (o.custom and o.label in ("", label, o.name))
            }
            taken = frozenset(foreign | set(names.values()))
            name = self._naming("object", provision.object, taken)
            names[provision.object] = name
            if name != provision.object:
                self.renamed[name] = f"renamed from {provision.object!r}, which is no free name there"
        for route in routes:
            provision = route.provision
            if provision is not None:
                name = names[provision.object]
                label = provision.label or provision.object
                self._objects.setdefault(
                    name,
                    ObjectSchema(name, (), label, provision.label_plural or label, custom=True),
                )
        return [_renamed(route, names) for route in routes]

    def expand(self, route: ObjectMapping, targets_of: Mapping[str, tuple[str, ...]]) -> ObjectMapping:
        """The route with every automatic field written out; its wanted fields are noted."""
        source = self._sources.get(route.source)
        automatic = False
        for name, definition in route.extend.items():
            self._want(route.target, defined(name, definition))
        if route.provision is not None:
            automatic = route.provision.fields == "auto"
            if not isinstance(route.provision.fields, str):
                for name, definition in route.provision.fields.items():
                    self._want(route.target, defined(name, definition))
            for name, entry in route.fields.items():
                # Whether the field is there already must not matter: it is after the first provision.
                if "." not in name:
                    self._want(route.target, inferred(name, entry, source))
        if source is None or not (automatic or route.keep == "custom_fields"):
            return route
        added = self._copied(route, source, targets_of)
        return route.model_copy(update={"fields": {**route.fields, **added}})

    def _copied(
        self, route: ObjectMapping, source: ObjectSchema, targets_of: Mapping[str, tuple[str, ...]]
    ) -> dict[str, FieldMapping]:
        added = {}
        for name in unmapped_fields(route, source):
            own = source.field(name)
            wanted = own and copy_of(own, targets_of, self._provisionable, several=self._several)
            if own is None or wanted is None:
                continue
            final = self._field_name(route, wanted)
            wanted, values = named_options(wanted, self._naming)
            self._note_names(f"{route.target}.{final}", name, final, values)
            self._want(route.target, replace(wanted, name=final))
            extra: dict[str, Any] = {"values": values} if values else {}
            if wanted.references:
                # Nobody asked for this reference, so it must not hold the record.
                extra = {"reference": wanted.references[0], "missing": "null_with_finding"}
            added[final] = FieldMapping.model_validate({"from": name, **extra})
        return added

    def _note_names(self, place: str, name: str, final: str, values: Mapping[str, str]) -> None:
        notes = [f"renamed from {name!r}"] if final != name else []
        notes += [f"option {old!r} becomes {new!r}" for old, new in values.items() if old != new]
        if notes:
            self.renamed[place] = "; ".join(notes)

    def _field_name(self, route: ObjectMapping, wanted: FieldSchema) -> str:
        place = (route.target, route.source, wanted.name)
        if place not in self._copies:
            existing = self._targets.get(route.target)
            taken = set(self._fields.get(route.target, ())) | set(route.fields)
            taken |= {f.name for f in existing.fields if not same(f, wanted)} if existing else set()
            self._copies[place] = self._naming("field", wanted.name, frozenset(taken))
        return self._copies[place]

    def _want(self, object_name: str, schema: FieldSchema) -> None:
        self._fields.setdefault(object_name, {}).setdefault(schema.name, schema)

    def wanted_objects(self) -> tuple[ObjectSchema, ...]:
        """Objects to provision and existing ones that get fields, with only what is wanted."""
        names = dict.fromkeys([*self._objects, *self._fields])
        return tuple(
            replace(self._wanted_base(name), fields=tuple(self._fields.get(name, {}).values()))
            for name in names
        )

    def _wanted_base(self, name: str) -> ObjectSchema:
        if name in self._objects:
            return self._objects[name]
        existing = self._targets.get(name)
        if existing is None:
            return ObjectSchema(name, ())
        return ObjectSchema(name, (), existing.label, existing.label_plural, custom=existing.custom)

    def target_schema(self, name: str) -> ObjectSchema | None:
        """A target object with what is wanted for it, None if it is neither there nor wanted."""
        base = self._targets.get(name) or self._objects.get(name)
        if base is None:
            return None
        wanted = self._fields.get(name, {})
        fields = tuple(merged(f, wanted[f.name]) if f.name in wanted else f for f in base.fields)
        more = [*wanted.values(), *self._implied.get(name, {}).values()]
        return _with_fields(replace(base, fields=fields), more)

    def with_targets(self, route: ObjectMapping, targets_of: Mapping[str, tuple[str, ...]]) -> ObjectMapping:
        """The route with its polymorphic link written out: one field for each possible target object."""
        link, source = route.targets, self._sources.get(route.source)
        if link is None or source is None:
            return route
        own = source.field(route.for_each if link.source == ITEM and route.for_each else link.source)
        objects = own.references if own is not None and own.references else tuple(targets_of)
        fields = dict(route.fields)
        for target in dict.fromkeys(t for name in objects for t in targets_of.get(name, ())):
            name = link.name.format(object=target, Object=target[:1].upper() + target[1:])
            if self._can_point(route.target, name, target):
                fields[name] = FieldMapping.model_validate({"from": link.source, "reference": target})
        made = tuple(name for name in fields if name not in route.fields)
        return route.model_copy(update={"fields": fields, "require_one": (*route.require_one, *made)})

    def with_owners(self, route: ObjectMapping, targets_of: Mapping[str, tuple[str, ...]]) -> ObjectMapping:
        """The route with the target objects that a record of it may belong to."""
        owner, source = route.belongs_to, self._sources.get(route.source)
        own = source.field(owner.source) if owner is not None and source is not None else None
        if owner is None or own is None or owner.targets:
            return route
        objects = own.references or tuple(name for name in targets_of if name != route.source)
        targets = tuple(dict.fromkeys(t for name in objects for t in targets_of.get(name, ())))
        return route.model_copy(update={"belongs_to": owner.model_copy(update={"targets": targets})})

    def _can_point(self, object_name: str, field_name: str, target: str) -> bool:
        """Whether the link field is there, or comes with an object that is to be provisioned."""
        existing = self._targets.get(object_name)
        if existing is not None and existing.field(field_name) is not None:
            return True
        if object_name in self._objects:
            return True  # an object that is to be provisioned gets the fields that its routes fill
        if target not in self._objects:
            return False
        implied = FieldSchema(
            field_name, FieldType.REFERENCE, references=(target,), provenance=Provenance.ASSUMED
        )
        self._implied.setdefault(object_name, {})[field_name] = implied
        return True


def _renamed(route: ObjectMapping, names: Mapping[str, str]) -> ObjectMapping:
    changed: dict[str, Any] = {"target": names.get(route.target, route.target)}
    changed["fields"] = {
        name: entry.model_copy(update={"reference": names.get(entry.reference, entry.reference)})
        if entry.reference
        else entry
        for name, entry in route.fields.items()
    }
    if route.provision is not None and not isinstance(route.provision.fields, str):
        fields = {
            name: d.model_copy(update={"references": tuple(names.get(r, r) for r in d.references)})
            for name, d in route.provision.fields.items()
        }
        changed["provision"] = route.provision.model_copy(update={"fields": fields})
    return route.model_copy(update=changed)
