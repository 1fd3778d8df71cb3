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
from crossdock.fieldpaths import unmapped_fields, unread_fields
from crossdock.fieldtypes import FieldType
from crossdock.mapping import UNMAPPED, FieldMapping, MappingFile, ObjectMapping
from crossdock.mappingfile.answers import applying, with_decisions
from crossdock.mappingfile.ends import Remark
from crossdock.mappingfile.links import with_owners, with_targets
from crossdock.mappingfile.tenants import united
from crossdock.mappingfile.wanted import (
    Reach,
    copies_of,
    defined,
    inferred,
    merged,
    named_options,
    same,
)
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
    remarks: what the decisions took from routes that are left, and what counts for nothing.
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
    remarks: tuple[Remark, ...] = ()


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
    left = applying(mapping, answers)
    sources = merged_schemas(source)
    work = _Work(sources, destination, naming)
    routes = [with_decisions(route, answers) for route in work.rename_objects(left.routes)]
    targets_of = _targets_by_source(routes)
    several = destination.capabilities.can(Capability.MULTI_REFERENCES)
    reach = Reach(targets_of, _anywhere(routes, sources), several)
    routes = [with_owners(with_targets(route, work, reach), work, targets_of) for route in routes]
    expanded = [work.expand(route, reach) for route in routes]
    bound = tuple(r.bound(sources.get(r.source), work.target_schema(r.target)) for r in expanded)
    wanted = work.wanted_objects()
    return ResolvedMapping(
        mapping.source,
        mapping.destination,
        bound,
        wanted,
        _unmapped(bound, sources),
        answers,
        left.dropped,
        digest([[r.model_dump(mode="json") for r in bound], wanted, answers, mapping.automations]),
        work.renamed,
        tuple(mapping.ignore),
        dict(mapping.automations),
        left.remarks + _written_ends(mapping),
    )


def applying_routes(
    mapping: MappingFile, answers: Mapping[str, Any]
) -> tuple[list[ObjectMapping], list[str]]:
    """The routes that these decisions leave in, and the names of the others. Raises MappingError."""
    left = applying(mapping, answers)
    return list(left.routes), list(left.dropped)


def _written_ends(mapping: MappingFile) -> tuple[Remark, ...]:
    """Ends of links that somebody wrote into the file: they are found anew."""
    said = "is filled in by itself and what is written here counts for nothing; name fields under first:"
    return tuple(
        Remark(f"objects[{route.name}].targets.ends", said, False)
        for route in mapping.objects
        if route.targets is not None and route.targets.ends
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


def _targets_by_source(routes: Sequence[ObjectMapping]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for route in routes:
        if not route.for_each:
            found.setdefault(route.source, {})[route.target] = None
    return {name: tuple(targets) for name, targets in found.items()}


def _anywhere(routes: Sequence[ObjectMapping], sources: Mapping[str, ObjectSchema]) -> tuple[str, ...]:
    """The target objects that a link without a named object may lead to: those of records in their own
    right, no people, words, files, links, or what is but a part of another record."""
    others = {
        name for name, s in sources.items() if s.match_only or any(f.type is FieldType.FILE for f in s.fields)
    }
    others |= {route.source for route in routes if route.duplicates == "merge"}
    return tuple(
        dict.fromkeys(
            route.target
            for route in routes
            if route.create and route.source not in others
            if not (route.for_each or route.belongs_to or (route.targets and route.targets.required))
            if not any(entry.reference and entry.required for entry in route.fields.values())
        )
    )


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
        self.sources = sources
        self._targets = {o.name: o for o in destination.objects}
        self._provisionable = destination.provisionable
        self._holding_several = destination.provisionable_several
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

    def expand(self, route: ObjectMapping, reach: Reach) -> ObjectMapping:
        """The route with every automatic field written out; its wanted fields are noted."""
        source = self.sources.get(route.source)
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
        added = self._copied(route, source, reach)
        return route.model_copy(update={"fields": {**route.fields, **added}})

    def _copied(self, route: ObjectMapping, source: ObjectSchema, reach: Reach) -> dict[str, FieldMapping]:
        added = {}
        for name in unmapped_fields(route, source):
            own = source.field(name)
            for wanted in self._copies_of(own, reach) if own else ():
                final = self._field_name(route, wanted)
                named, values = named_options(wanted, self._naming)
                self._note_names(f"{route.target}.{final}", name, final, values)
                self._want(route.target, replace(named, name=final))
                extra: dict[str, Any] = {"values": values} if values else {}
                if wanted.references:
                    # Nobody asked for this reference, so it must not hold the record.
                    extra = {"reference": wanted.references[0], "missing": "null_with_finding"}
                added[final] = FieldMapping.model_validate({"from": name, **extra})
        return added

    def _copies_of(self, own: FieldSchema, reach: Reach) -> tuple[FieldSchema, ...]:
        return copies_of(own, reach, self._provisionable, self._holding_several)

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

    def label_of(self, object_name: str) -> str:
        """What a target object is called, its name if it has no other."""
        known = self._targets.get(object_name) or self._objects.get(object_name)
        return (known.label if known else "") or object_name

    def made_field(self, route: ObjectMapping, wanted: FieldSchema) -> str:
        """The name of a field that is made where it is not there; several routes into one object share it."""
        place = (route.target, "", wanted.name)
        if place not in self._copies:
            self._copies[place] = self._field_name(route, wanted)
            self._want(route.target, replace(wanted, name=self._copies[place]))
        return self._copies[place]

    def can_point(self, object_name: str, field_name: str, target: str) -> bool:
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

    def target_schema(self, name: str) -> ObjectSchema | None:
        """A target object with what is wanted for it, None if it is neither there nor wanted."""
        base = self._targets.get(name) or self._objects.get(name)
        if base is None:
            return None
        wanted = self._fields.get(name, {})
        fields = tuple(merged(f, wanted[f.name]) if f.name in wanted else f for f in base.fields)
        more = [*wanted.values(), *self._implied.get(name, {}).values()]
        return _with_fields(replace(base, fields=fields), more)


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
