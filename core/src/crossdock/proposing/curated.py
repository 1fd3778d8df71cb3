"""Why each line of a mapping is there that a curated one brings, and what becomes of the fields it does not
name.

A curated line is what the authors of the plugin decided, so its confidence is 1.00; its reason says which
fields of the two platforms meet. Fields that a customer added to both sides are paired by what they mean.
Every other source field is listed above its route: the field of its own that it becomes or how to make one,
and the field there that comes nearest, with the reason why that was not taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crossdock.conversions import convertible
from crossdock.fieldpaths import head, paths_of, unmapped_fields
from crossdock.fieldtypes import FieldType
from crossdock.mapping import PSEUDO_FIELDS, FieldMapping, MappingFile, ObjectMapping
from crossdock.mappingfile.document import BELOW
from crossdock.mappingfile.resolution import ResolvedMapping, merged_schemas, resolve
from crossdock.matching.fields import Side, side_of_schema
from crossdock.matching.objects import pair_objects
from crossdock.matching.pairing import Candidate, Pairing, pair_fields
from crossdock.matching.reasons import concept_words, reason
from crossdock.matching.unmapped import Unmapped, unmapped_of
from crossdock.model import Catalog, ObjectSchema
from crossdock.names import Naming, camel_name
from crossdock.proposing.entries import SURE, comment_of, entry_of, with_choices
from crossdock.proposing.memory import confirmed_fields
from crossdock.proposing.plain import Knowledge, Proposal, left_line, of_object
from crossdock.proposing.propose import from_curated

_SURE_ENOUGH = 0.8
"""Confidence from which a pair of a customer's own fields is written into a curated route."""

THIN = "the evidence is too thin"
"""What matching says where nothing in particular speaks against a pair."""

NO_TYPE = "its type cannot hold the values"

_MADE = "fields of their own are made of these (to leave one behind put it under `ignore:`):"
_LEFT = "not mapped (to keep a field put it under `extend:` as shown, or say `keep: custom_fields`):"


def curated_proposal(
    curated: MappingFile,
    name: str,
    source: Catalog | Sequence[Catalog],
    destination: Catalog,
    known: Knowledge | None = None,
    naming: Naming = camel_name,
) -> Proposal:
    """The curated mapping `name` made to fit the two catalogs, each line with its reason."""
    mapping, notes = from_curated(curated, source, destination)
    explained = _Explained(name, curated, merged_schemas(source), destination, known or Knowledge())
    mapping = explained.with_matched(mapping)
    return explained.proposal(mapping, notes, resolve(mapping, {}, source, destination, naming))


@dataclass
class _Explained:
    """Reasons for one mapping."""

    name: str
    curated: MappingFile
    sources: Mapping[str, ObjectSchema]
    destination: Catalog
    known: Knowledge
    comments: dict[tuple[str, str], str] = field(default_factory=dict)
    unmapped: dict[str, Sequence[Unmapped]] = field(default_factory=dict)
    made: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _pairings: dict[tuple[str, str], Pairing] = field(default_factory=dict)

    def with_matched(self, mapping: MappingFile) -> MappingFile:
        """The mapping with lines for fields that the customer added on both sides."""
        goes_to: dict[str, str] = {}
        for route in mapping.objects:
            goes_to.setdefault(route.source, route.target)
        routes = tuple(self._matched(route, goes_to) for route in mapping.objects)
        return mapping.model_copy(update={"objects": routes})

    def proposal(self, mapping: MappingFile, notes: tuple[str, ...], resolved: ResolvedMapping) -> Proposal:
        """The mapping with its reasons."""
        for route in mapping.objects:
            self.comments.setdefault((route.name, ""), self._of_route(route))
            for name, entry in route.fields.items():
                if (route.name, name) not in self.comments:
                    self.comments[route.name, name] = comment_of(SURE, self._of_field(route, name, entry))
        self._list_others(mapping, resolved)
        return Proposal(mapping, self.comments, notes, self.unmapped, self.made)

    def _matched(self, route: ObjectMapping, goes_to: Mapping[str, str]) -> ObjectMapping:
        own, target = self.sources[route.source], self.destination.object(route.target)
        if target is None or route.for_each or not route.create:
            return route
        route = self._remembered(route, own, target)
        open_ones = set(unmapped_fields(route, own))
        taken = {name.partition(".")[0] for name in route.fields} | set(route.extend)

        def allowed(one: str, other: str) -> bool:
            mine, theirs = own.field(one), target.field(other)
            if mine is None or theirs is None or one not in open_ones or other in taken:
                return False
            own_there = theirs.custom and not theirs.read_only and "crossdock" not in other.casefold()
            return own_there and entry_of(mine, theirs, goes_to) is not None

        pairing = pair_fields(*self._sides(own, target), allowed=allowed)
        pairing, answers = self.known.judged(pairing, allowed)
        added: dict[str, Any] = {}
        for found in pairing.chosen:
            mine, theirs = own.field(found.source.name), target.field(found.destination.name)
            answer = answers.get(found.source.name)
            if mine is None or theirs is None or found.opposite:
                continue
            if found.confidence < _SURE_ENOUGH and not answer:
                continue
            entry, losses = with_choices(entry_of(mine, theirs, goes_to), mine, theirs)
            added[theirs.name] = FieldMapping.model_validate(entry)
            why = "; ".join([f"matched: {reason(found, pairing)}", *([answer] if answer else []), *losses])
            self.comments[route.name, theirs.name] = comment_of(found.confidence, why)
        return route.model_copy(update={"fields": {**route.fields, **added}}) if added else route

    def _remembered(self, route: ObjectMapping, own: ObjectSchema, target: ObjectSchema) -> ObjectMapping:
        """The route with the lines that were confirmed before for fields which the curated mapping leaves."""
        added: dict[str, FieldMapping] = {}
        for memory in self.known.memories:
            for known in memory.mapping.objects:
                if (known.source, known.target) != (route.source, route.target):
                    continue
                for name, entry in confirmed_fields(known, own, target):
                    so_far = route.model_copy(update={"fields": {**route.fields, **added}})
                    free = set(unmapped_fields(so_far, own))
                    if name not in so_far.fields and {head(p, own) for p in entry.sources} <= free:
                        added[name] = entry
                        self.comments[route.name, name] = comment_of(SURE, memory.said)
        return route.model_copy(update={"fields": {**route.fields, **added}}) if added else route

    def _sides(self, own: ObjectSchema, target: ObjectSchema) -> tuple[Side, Side]:
        return (
            side_of_schema(own, self.known.samples.get(own.name), of_object(self.known.own, own.name)),
            side_of_schema(target, meanings=of_object(self.known.there, target.name)),
        )

    def _pairing(self, route: ObjectMapping) -> Pairing | None:
        """What matching finds for the two objects of a route; None if the target is made."""
        own, target = self.sources[route.source], self.destination.object(route.target)
        if target is None:
            return None
        if (own.name, target.name) not in self._pairings:
            self._pairings[own.name, target.name] = pair_fields(*self._sides(own, target))
        return self._pairings[own.name, target.name]

    # --- why a line is there ---------------------------------------------------------------------

    def _of_route(self, route: ObjectMapping) -> str:
        if any((r.source, r.target) == (route.source, route.target) for r in self.curated.objects):
            return comment_of(SURE, f"from the curated mapping {self.name}")
        if any(r.source == route.source for r in self.curated.objects) or route.for_each:
            return comment_of(SURE, "one record for each link, as a reference there holds only one")
        own = self.sources[route.source]
        there = [
            side_of_schema(s, meanings=of_object(self.known.there, s.name)) for s in self.destination.objects
        ]
        found = pair_objects([side_of_schema(own)], there)[own.name]
        if not found:
            return comment_of(SURE, "an object of its own: no object there is like it")
        best = found[0]
        why = f"an object of its own: nearest there is {best.destination.name} ({best.confidence:.2f})"
        return comment_of(SURE - best.confidence, why)

    def _of_field(self, route: ObjectMapping, name: str, entry: FieldMapping) -> str:
        own = self.sources[route.source]
        if entry.constant:
            return "curated: the same value for every record"
        heads = list(dict.fromkeys(head(path, own) for path in paths_of(entry)))
        said = self._meaning(route, name, heads)
        if not said:
            labels = [_label(own, each) for each in heads if each not in PSEUDO_FIELDS]
            origin = " and ".join(labels) or ("the record itself" if heads else "a text")
            said = f"{origin} to {self._label_there(route, name)}"
        return f"curated: {said}"

    def _meaning(self, route: ObjectMapping, name: str, heads: Sequence[str]) -> str:
        """What matching says of a pair, if it says that both mean the same."""
        pairing = self._pairing(route)
        if pairing is None or len(heads) != 1:
            return ""
        found = _candidate(pairing, heads[0], name.partition(".")[0])
        means = found.evidence.source.head if found is not None else ""
        if found is None or not means or means != found.evidence.destination.head:
            return ""
        labels = f"«{found.source.label or found.source.name}» and {self._label_there(route, name)}"
        return f"{labels} mean {concept_words(means)}"

    def _label_there(self, route: ObjectMapping, name: str) -> str:
        start = name.partition(".")[0]
        target = self.destination.object(route.target)
        known = target.field(start) if target is not None else None
        if known is not None:
            return f"«{known.label or known.name}»"
        made = route.extend.get(start)
        return (
            f"«{made.label}», which is made there" if made and made.label else f"{name}, which is made there"
        )

    # --- what no line names ----------------------------------------------------------------------

    def _list_others(self, mapping: MappingFile, resolved: ResolvedMapping) -> None:
        written = {route.name: route for route in mapping.objects}
        told: set[str] = set()
        for route in resolved.objects:
            asked = written.get(route.name)
            if asked is None:
                continue
            added = {
                str(entry.source): name for name, entry in route.fields.items() if name not in asked.fields
            }
            own = self.sources[route.source]
            made = {name: added[name] for name in unmapped_fields(asked, own) if name in added}
            left = [] if route.source in told else list(resolved.unmapped.get(route.source, ()))
            told.add(route.source)
            self._list(asked, route, made, left)

    def _list(
        self, route: ObjectMapping, resolved: ObjectMapping, made: Mapping[str, str], left: Sequence[str]
    ) -> None:
        if not made and not left:
            return
        own = self.sources[route.source]
        found = {each.field: each for each in self._nearest(route, [*made, *left])}
        self.unmapped[route.name] = list(found.values())
        self.made[route.name] = made
        lines = [_MADE] if made else []
        for name, becomes in made.items():
            lines.append(_made_line(found[name], becomes, resolved, self.known.said_of(own.name, name)))
        lines += [_LEFT] if left else []
        lines += [left_line(found[name], own, self.known.said_of(own.name, name)) for name in left]
        self.comments[route.name, BELOW] = "\n".join(lines)

    def _nearest(self, route: ObjectMapping, names: Sequence[str]) -> list[Unmapped]:
        """These fields with the one there that comes nearest to each."""
        own = self.sources[route.source]
        pairing = self._pairing(route)
        if pairing is None:
            why = "its object is made there, and this field with it"
            return [Unmapped(name, _plain_label(own, name), "", 0.0, why) for name in names]
        taken = {}
        for name, entry in route.fields.items():
            taken[name.partition(".")[0]] = " and ".join(head(p, own) for p in paths_of(entry)) or "a value"
        others = {f.name for f in own.fields if f.name not in names}
        return [self._why_not(route, each) for each in unmapped_of(pairing, taken, others, ())]

    def _why_not(self, route: ObjectMapping, left: Unmapped) -> Unmapped:
        """The same with a reason where the evidence alone speaks for the pair."""
        own, target = self.sources[route.source], self.destination.object(route.target)
        mine = own.field(left.field)
        theirs = target.field(left.best) if target is not None and left.best else None
        if mine is None or theirs is None or left.why != THIN:
            return left
        if mine.type is FieldType.REFERENCE and theirs.type is FieldType.REFERENCE:
            why = "nothing that it leads to is moved there"
        else:
            use = f"the curated mapping leaves it out; to use it write {theirs.name}: {mine.name}"
            why = use if convertible(mine, theirs).possible else NO_TYPE
        return replace(left, why=why)


def _made_line(left: Unmapped, becomes: str, resolved: ObjectMapping, used: str) -> str:
    named = f"{left.field} «{left.label}»" if left.label and left.label != left.field else left.field
    there = resolved.target_schema.field(becomes) if resolved.target_schema else None
    kind = f" ({there.type.value})" if there is not None else ""
    near = f"; nearest there is {left.best} ({left.confidence:.2f}), but {left.why}" if left.best else ""
    return " ".join(f"{named}: becomes {becomes}{kind}{used}{near}".split())


def _candidate(pairing: Pairing, own: str, there: str) -> Candidate | None:
    found = pairing.candidates.get(own, ())
    return next((c for c in found if c.destination.name == there), None)


def _plain_label(own: ObjectSchema, name: str) -> str:
    known = own.field(name)
    return known.label if known is not None else ""


def _label(own: ObjectSchema, name: str) -> str:
    return f"«{_plain_label(own, name) or name}»"
