"""A proposal from the two catalogs alone, for a pair of platforms without a curated mapping.

Objects, fields and options are matched by what their names and labels mean (`crossdock.matching`); what was
confirmed before comes first. Two fields are paired only if their types convert. Every pair carries its
confidence and the reason, which the file shows as a comment; every field without a pair is listed with the
candidate that came nearest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.conversions import convertible
from crossdock.fieldtypes import FieldType
from crossdock.mapping import MappingFile, ObjectMapping
from crossdock.mappingfile.document import BELOW
from crossdock.mappingfile.resolution import merged_schemas
from crossdock.matching.choices import map_choices
from crossdock.matching.fields import Side, side_of_schema
from crossdock.matching.objects import ObjectPair, pair_objects
from crossdock.matching.pairing import Pairing, pair_fields
from crossdock.matching.reasons import reason
from crossdock.matching.unmapped import Unmapped, unmapped_of
from crossdock.model import Catalog, FieldSchema, ObjectSchema
from crossdock.proposing.memory import Memory, confirmed_fields, confirmed_route

_HOW_TO_KEEP = "not mapped (to keep a field put it under `extend:` as shown, or say `keep: custom_fields`):"

_TRANSFERABLE = frozenset(FieldType) - {FieldType.REFERENCE, FieldType.AUTHOR, FieldType.FILE}

Meanings = Mapping[str, str]
"""`object.field` -> concept, as a plugin tells what its platform's own fields mean."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping and, by (route name, target field or ""), why each pair is in it.

    `notes` says what was left out, one sentence each; `unmapped` holds by route the source fields that
    nothing is proposed for.
    """

    mapping: MappingFile
    comments: dict[tuple[str, str], str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unmapped: Mapping[str, Sequence[Unmapped]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known beside the schemas. `samples`: values by source object and field; `own` and `there`: what
    the plugins of the two sides say that their fields mean; `memories`: what was confirmed before."""

    samples: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)
    own: Meanings = field(default_factory=dict)
    there: Meanings = field(default_factory=dict)
    memories: Sequence[Memory] = ()


def propose(
    source: Catalog | Sequence[Catalog], destination: Catalog, known: Knowledge | None = None
) -> Proposal:
    """A plain proposal for a pair of platforms without a curated mapping."""
    platform = (source if isinstance(source, Catalog) else source[0]).platform
    return _Plain(merged_schemas(source), destination, known or Knowledge()).proposal(platform)


class _Plain:
    """Makes one proposal."""

    def __init__(self, sources: Mapping[str, ObjectSchema], destination: Catalog, known: Knowledge) -> None:
        self._sources = sources
        self._destination = destination
        self._known = known
        self._targets = {schema.name: schema for schema in destination.objects}
        self._own = {
            name: side_of_schema(schema, known.samples.get(name), _of_object(known.own, name))
            for name, schema in sources.items()
        }
        self._there = {
            name: side_of_schema(schema, meanings=_of_object(known.there, name))
            for name, schema in self._targets.items()
        }
        self.comments: dict[tuple[str, str], str] = {}
        self.unmapped: dict[str, Sequence[Unmapped]] = {}

    def proposal(self, platform: str) -> Proposal:
        confirmed = {
            name: found
            for name, schema in self._sources.items()
            if (found := confirmed_route(self._known.memories, schema, self._targets))
        }
        open_ones = [side for name, side in self._own.items() if name not in confirmed]
        pairs = pair_objects(open_ones, list(self._there.values()))
        goes_to = {name: route.target for name, (route, _) in confirmed.items()}
        goes_to |= {name: found[0].destination.name for name, found in pairs.items() if _chosen(found)}
        routes = []
        for name in self._sources:
            if name not in goes_to:
                continue
            route_name = f"{name}>{goes_to[name]}"
            remembered = confirmed.get(name)
            why = remembered[1] if remembered else _object_reason(pairs[name])
            self.comments[route_name, ""] = why
            routes.append(self._route(route_name, name, goes_to, remembered))
        notes = [_without_object(self._own[n], pairs[n]) for n in self._sources if n not in goes_to]
        notes += [
            f"{route}: {len(left)} source fields are not mapped; each is in the file with its nearest"
            for route, left in self.unmapped.items()
        ]
        mapping = MappingFile(source=platform, destination=self._destination.platform, objects=tuple(routes))
        return Proposal(mapping, self.comments, tuple(notes), self.unmapped)

    def _route(
        self,
        route: str,
        name: str,
        goes_to: Mapping[str, str],
        remembered: tuple[ObjectMapping, str] | None,
    ) -> ObjectMapping:
        own, target = self._sources[name], self._targets[goes_to[name]]
        fields: dict[str, Any] = {}
        if remembered:
            fields |= confirmed_fields(remembered[0], own, target)
            self.comments |= {(route, field_): remembered[1] for field_ in fields}
        fields |= self._paired(route, own, target, goes_to, fields)
        if remembered:
            match = tuple(key for key in remembered[0].match if all(f in fields for f in key))
            return _object_mapping(name, target.name, match=match, fields=fields, create=remembered[0].create)
        return _plain_route(own, target, fields)

    def _paired(
        self,
        route: str,
        own: ObjectSchema,
        target: ObjectSchema,
        goes_to: Mapping[str, str],
        confirmed: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The fields that are proposed beside the confirmed ones; says why, and what stays open."""
        used = {path.partition(".")[0] for entry in confirmed.values() for path in entry.sources}
        taken = {name.partition(".")[0] for name in confirmed}
        impossible: set[tuple[str, str]] = set()

        def allowed(one: str, other: str) -> bool:
            mine, theirs = own.field(one), target.field(other)
            if mine is None or theirs is None or one in used or other in taken:
                return False
            if theirs.read_only or _entry(mine, theirs, goes_to) is not None:
                return True
            impossible.add((one, other))
            return False

        pairing = pair_fields(self._own[own.name], self._there[target.name], allowed=allowed)
        fields: dict[str, Any] = {}
        for candidate in pairing.chosen:
            mine, theirs = own.field(candidate.source.name), target.field(candidate.destination.name)
            entry = _entry(mine, theirs, goes_to) if mine and theirs else None
            if mine is None or theirs is None or entry is None:
                continue
            entry, losses = _with_choices(entry, mine, theirs)
            fields[theirs.name] = entry
            said = [f"{candidate.confidence:.2f} {reason(candidate, pairing)}", *losses]
            self.comments[route, theirs.name] = _one_line("; ".join(said))
        self._list_unmapped(route, pairing, own, fields, used, impossible)
        return fields

    def _list_unmapped(
        self,
        route: str,
        pairing: Pairing,
        own: ObjectSchema,
        fields: Mapping[str, Any],
        used: set[str],
        impossible: set[tuple[str, str]],
    ) -> None:
        taken = {name: _source_of(entry) for name, entry in fields.items()}
        left = unmapped_of(pairing, taken, {*taken.values(), *used}, impossible)
        if not left:
            return
        self.unmapped[route] = left
        types = {f.name: f.type.value for f in own.fields}
        lines = [_one_line(f"{u.sentence()}; or make it: {{{u.field}: {types[u.field]}}}") for u in left]
        self.comments[route, BELOW] = "\n".join([_HOW_TO_KEEP, *lines])


def _one_line(text: str) -> str:
    """A text without line breaks: labels are a platform's words, and a comment ends with its line."""
    return " ".join(text.split())


def _of_object(meanings: Meanings, name: str) -> dict[str, str]:
    """The meanings of one object's fields, by field."""
    start = f"{name}."
    return {key.removeprefix(start): concept for key, concept in meanings.items() if key.startswith(start)}


def _chosen(found: Sequence[ObjectPair]) -> bool:
    return bool(found) and found[0].chosen


def _object_reason(found: Sequence[ObjectPair]) -> str:
    return f"{found[0].confidence:.2f} {found[0].reason}"


def _without_object(own: Side, found: Sequence[ObjectPair]) -> str:
    if not found:
        return f"{own.name}: nothing at the destination is like it"
    best = found[0]
    return f"{own.name}: nothing is proposed; nearest is {best.destination.name} ({best.confidence:.2f})"


def _object_mapping(source: str, target: str, **more: Any) -> ObjectMapping:
    return ObjectMapping.model_validate({"from": source, "target": target, **more})


def _entry(source: FieldSchema, target: FieldSchema, goes_to: Mapping[str, str]) -> Any:
    """The mapping of a pair of fields, None if their types do not convert."""
    if source.type is FieldType.REFERENCE and target.type is FieldType.REFERENCE:
        reachable = {goes_to[name] for name in source.references if name in goes_to}
        known = [name for name in target.references if name in reachable]
        return {"from": source.name, "reference": known[0]} if known else None
    if source.type not in _TRANSFERABLE or not convertible(source, target).possible:
        return None
    return source.name


def _with_choices(entry: Any, source: FieldSchema, target: FieldSchema) -> tuple[Any, list[str]]:
    """The entry with a value map where both fields are selects with other options; what is lost, in words."""
    losses = list(convertible(source, target).loss)
    if source.type is not FieldType.SELECT or target.type is not FieldType.SELECT:
        return entry, losses
    known = {option.value for option in target.options}
    if not source.options or not target.options or all(o.value in known for o in source.options):
        return entry, losses
    chosen = map_choices(source.options, target.options)
    if not chosen.values:
        return entry, losses
    losses = [loss for loss in losses if not loss.startswith("options not at the target")]
    return {"from": source.name, "values": dict(chosen.values)}, [*losses, *chosen.losses()]


def _source_of(entry: Any) -> str:
    return str(entry["from"] if isinstance(entry, dict) else entry)


def _plain_route(own: ObjectSchema, target: ObjectSchema, fields: Mapping[str, Any]) -> ObjectMapping:
    match = tuple((f.name,) for f in target.fields if f.unique and f.name in fields)
    if target.match_only and not match:
        emails = [f.name for f in target.fields if f.type is FieldType.EMAIL and f.name in fields]
        match = tuple((name,) for name in emails)
    return _object_mapping(own.name, target.name, match=match, fields=fields, create=not target.match_only)
