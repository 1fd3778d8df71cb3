"""A proposal from the two catalogs alone, for a pair of platforms without a curated mapping.

Objects, fields and options are matched by what their names and labels mean (`crossdock.matching`); what was
confirmed before comes first. Two fields are paired only if their types convert. Every pair carries its
confidence and the reason, which the file shows as a comment; every field without a pair is listed with the
candidate that came nearest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.mapping import MappingFile, ObjectMapping
from crossdock.mappingfile.document import BELOW
from crossdock.mappingfile.resolution import merged_schemas
from crossdock.matching.fields import Side, side_of_schema
from crossdock.matching.objects import ObjectPair, pair_objects
from crossdock.matching.pairing import Pairing, pair_fields
from crossdock.matching.reasons import reason
from crossdock.matching.unmapped import Unmapped, unmapped_of
from crossdock.model import Catalog, ObjectSchema
from crossdock.proposing.entries import SURE, comment_of, entry_of, match_of, with_choices
from crossdock.proposing.language_model import Allowed, Judge
from crossdock.proposing.memory import Memory, confirmed_fields, confirmed_route
from crossdock.proposing.usage import FieldUse

_HOW_TO_KEEP = "not mapped (to keep a field put it under `extend:` as shown, or say `keep: custom_fields`):"

Meanings = Mapping[str, str]
"""`object.field` -> concept, as a plugin tells what its platform's own fields mean."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping and, by (route name, target field or ""), why each pair is in it.

    `notes` says what was left out, one sentence each; `unmapped` holds by route the source fields that
    no line is proposed for; `made` by route those of them that become fields of their own, with their names.
    """

    mapping: MappingFile
    comments: dict[tuple[str, str], str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unmapped: Mapping[str, Sequence[Unmapped]] = field(default_factory=dict)
    made: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known beside the schemas. `samples`: values by source object and field; `own` and `there`: what
    the plugins of the two sides say that their fields mean; `memories`: what was confirmed before; `usage`:
    by source object and field how it is used; `judge`: who is asked where matching is unsure."""

    samples: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)
    own: Meanings = field(default_factory=dict)
    there: Meanings = field(default_factory=dict)
    memories: Sequence[Memory] = ()
    usage: Mapping[str, Mapping[str, FieldUse]] = field(default_factory=dict)
    judge: Judge | None = None

    def judged(self, pairing: Pairing, allowed: Allowed) -> tuple[Pairing, Mapping[str, str]]:
        """The pairing after who can be asked was asked; by source field what was answered."""
        if self.judge is None:
            return pairing, {}
        found = self.judge.settled(pairing, allowed, self.samples.get(pairing.source.name, {}))
        return found.pairing, found.said

    def said_of(self, object_name: str, field_name: str) -> str:
        """How a field is used, as the end of a sentence; "" where nobody looked."""
        use = self.usage.get(object_name, {}).get(field_name)
        return f"; {use.words()}" if use is not None and use.records else ""


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
            name: side_of_schema(schema, known.samples.get(name), of_object(known.own, name))
            for name, schema in sources.items()
        }
        self._there = {
            name: side_of_schema(schema, meanings=of_object(known.there, name))
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
            why = comment_of(SURE, remembered[1]) if remembered else _object_reason(pairs[name])
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
            self.comments |= {(route, f): comment_of(SURE, remembered[1]) for f in fields}
        fields |= self._paired(route, own, target, goes_to, fields)
        if remembered:
            match = tuple(key for key in remembered[0].match if all(f in fields for f in key))
            return route_of(name, target.name, match=match, fields=fields, create=remembered[0].create)
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
        used = _sources(confirmed.values())
        taken = {name.partition(".")[0] for name in confirmed}
        impossible: set[tuple[str, str]] = set()

        def allowed(one: str, other: str) -> bool:
            mine, theirs = own.field(one), target.field(other)
            if mine is None or theirs is None or one in used or other in taken:
                return False
            if theirs.read_only or entry_of(mine, theirs, goes_to) is not None:
                return True
            impossible.add((one, other))
            return False

        pairing = pair_fields(self._own[own.name], self._there[target.name], allowed=allowed)
        pairing, answers = self._known.judged(pairing, allowed)
        fields: dict[str, Any] = {}
        for candidate in pairing.chosen:
            mine, theirs = own.field(candidate.source.name), target.field(candidate.destination.name)
            entry = entry_of(mine, theirs, goes_to) if mine and theirs else None
            if mine is None or theirs is None or entry is None:
                continue
            if candidate.opposite:
                if not mine.type is theirs.type is FieldType.BOOLEAN:
                    continue  # nobody knows how to turn such values round
                entry = {"from": mine.name, "values": {"true": False, "false": True}}
            entry, losses = with_choices(entry, mine, theirs)
            fields[theirs.name] = entry
            asked = [answers[candidate.source.name]] if candidate.source.name in answers else []
            said = "; ".join([reason(candidate, pairing), *asked, *losses])
            self.comments[route, theirs.name] = comment_of(candidate.confidence, said)
        self._list_unmapped(route, pairing, own, fields, confirmed, impossible, answers)
        return fields

    def _list_unmapped(
        self,
        route: str,
        pairing: Pairing,
        own: ObjectSchema,
        fields: Mapping[str, Any],
        confirmed: Mapping[str, Any],
        impossible: set[tuple[str, str]],
        answers: Mapping[str, str],
    ) -> None:
        taken = {name: _source_of(entry) for name, entry in fields.items()}
        proposed = {*taken.values(), *_sources(confirmed.values())}
        for path, entry in confirmed.items():
            taken[path.partition(".")[0]] = f"{' and '.join(_sources([entry]))}, as was confirmed"
        left = unmapped_of(pairing, taken, proposed, impossible)
        left = [replace(each, why=answers.get(each.field, each.why)) for each in left]
        if not left:
            return
        self.unmapped[route] = left
        lines = [left_line(each, own, self._known.said_of(own.name, each.field)) for each in left]
        self.comments[route, BELOW] = "\n".join([_HOW_TO_KEEP, *lines])


def left_line(left: Unmapped, own: ObjectSchema, used: str = "") -> str:
    """A field that stays behind, in one line, with the line that would make a field of its type. Labels are a
    platform's words, and a comment ends with its line."""
    known = own.field(left.field)
    kind = known.type.value if known is not None else "text"
    return " ".join(f"{left.sentence()}{used}; or make it: {{{left.field}: {kind}}}".split())


def of_object(meanings: Meanings, name: str) -> dict[str, str]:
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


def route_of(source: str, target: str, **more: Any) -> ObjectMapping:
    """A route between two objects; `more`: its further settings."""
    return ObjectMapping.model_validate({"from": source, "target": target, **more})


def _sources(entries: Iterable[Any]) -> dict[str, None]:
    """The source fields that confirmed entries read, each once and in order."""
    return dict.fromkeys(path.partition(".")[0] for entry in entries for path in entry.sources)


def _source_of(entry: Any) -> str:
    return str(entry["from"] if isinstance(entry, dict) else entry)


def _plain_route(own: ObjectSchema, target: ObjectSchema, fields: Mapping[str, Any]) -> ObjectMapping:
    match = match_of(target, fields)
    return route_of(own.name, target.name, match=match, fields=fields, create=not target.match_only)
