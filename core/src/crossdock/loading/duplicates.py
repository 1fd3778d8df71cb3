"""Source records of all tenants that share a match key. They are put to a person, not merged in silence.

Looked for before anything is written, so references are told by the source's keys here. Two passes: the
first keeps eight bytes a record however many there are, the second only looks at values that came twice.
"""

from __future__ import annotations  # array is no generic before Python 3.12

from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise
from typing import Any, Protocol

from crossdock.ids import IdMap, ReferenceStatus
from crossdock.ledger import Ledger, Link, LinkState
from crossdock.loading.context import PhaseContext
from crossdock.loading.matching import first_match
from crossdock.mapping import ObjectMapping
from crossdock.model import ObjectSchema, Origin, Record, Rejected, Skipped, TargetRecord
from crossdock.names import shown_name
from crossdock.queues import DUPLICATES, QueueLine
from crossdock.staging import Staging

DECIDE = frozenset({"load", "merge"})
_SHOWN = 5  # others that a reason names

Transform = Callable[[Sequence[Record], ObjectMapping, IdMap], Sequence[TargetRecord | Rejected | Skipped]]
Loaded = Callable[[Iterable[Origin], str], set[Origin]]
"""Which of these source records became a record of that target object."""
Value = tuple[tuple[str, ...], tuple[Hashable, ...]]
"""A match key and the value of it."""


class LeadingIds(IdMap, Protocol):
    """An id map that knows where references may lead at all."""

    def leads(self, object_name: str, target_object: str) -> bool:
        """Whether a route leads from that object to the target object."""


@dataclass(frozen=True, slots=True)
class Member:
    """A source record of a group. `name` is what a person knows it by; `merges`: the mapping says that it
    is merged with the others, so that nobody is asked; `keeps`: that what is there is left as it is."""

    origin: Origin
    name: str
    merges: bool = False
    keeps: bool = False

    def __str__(self) -> str:
        return f"{self.origin} ({self.name})" if self.name else str(self.origin)


@dataclass(slots=True)
class Group:
    """Records that share the value of a match key, in load order: the first tenant's are first."""

    value: Value
    members: list[Member] = field(default_factory=list)

    def merges(self, member: Member) -> bool:
        """Whether the mapping says that this one is merged with the others.

        Of a record that is left as it is once it is there, each tenant may have its own: nothing of one gets
        into that of another. Two of the same tenant differ in something, so a person is asked.
        """
        tenants = {m.origin.tenant for m in self.members}
        return member.merges or (member.keeps and len(tenants) == len(self.members))

    def reason(self, origin: Origin) -> str:
        """Why this one of them waits: what is the same, and who has it too, tenants named."""
        parts = zip(*self.value, strict=True)
        same = ", ".join(f"{name} {value}" for name, value in parts if value is not None)
        others = [str(m) for m in self.members if m.origin != origin]
        more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        return f"another source record has the same {same}: {', '.join(others[:_SHOWN])}{more}"


class SharedKeys:
    """The groups, and what was decided about their members.

    `decisions` by (tenant, source object, key); `loaded` tells which records became a target record before.
    """

    def __init__(
        self,
        groups: Mapping[str, Sequence[Group]],
        decisions: Mapping[tuple[str, str, str], str],
        loaded: Loaded,
    ) -> None:
        self._decisions = decisions
        self._loaded = loaded
        self._of = {
            (target, member.origin): group
            for target, found in groups.items()
            for group in found
            for member in group.members
        }
        self._merging = frozenset(
            (target, member.origin)
            for target, found in groups.items()
            for group in found
            for member in group.members
            if group.merges(member)
        )

    def group(self, target: TargetRecord) -> Group | None:
        """The group of a target record that is to be made, None if it shares its key with no other."""
        return self._of.get((target.object_name, target.origin))

    def leaders(self, targets: Iterable[TargetRecord]) -> dict[Origin, Origin]:
        """What each of these records is to be merged into: the first that is loaded or decided to be.

        The first one leads itself; a record that nothing leads is absent.
        """
        groups = {t.origin: (t.object_name, group) for t in targets if (group := self.group(t)) is not None}
        members = [(name, member.origin) for name, group in groups.values() for member in group.members]
        loaded = self._loaded_of(members)
        found: dict[Origin, Origin] = {}
        for origin, (name, group) in groups.items():
            for member in group.members:
                if self._decision(name, member.origin) in DECIDE or (name, member.origin) in loaded:
                    found[origin] = member.origin
                    break
        return found

    def decision(self, target: TargetRecord) -> str:
        """What a person decided about this record among others with its key, else what the mapping says."""
        return self._decision(target.object_name, target.origin)

    def followers(self, tenant: str, source_object: str) -> list[str]:
        """Keys of the records of an object that are to be merged into another one."""
        place = (tenant, source_object)
        own = ((name, origin) for name, origin in self._of if (origin.tenant, origin.object_name) == place)
        merged = (origin.key for name, origin in own if self._decision(name, origin) == "merge")
        return list(dict.fromkeys(merged))

    def undecided(self) -> Iterator[tuple[str, Member, Group]]:
        """Records that wait for a decision: target object, record and group."""
        loaded = self._loaded_of(self._of)
        for (target, origin), group in self._of.items():
            if not self._decision(target, origin) and (target, origin) not in loaded:
                yield target, next(m for m in group.members if m.origin == origin), group

    def _loaded_of(self, members: Iterable[tuple[str, Origin]]) -> set[tuple[str, Origin]]:
        """Of these (target object, record) those that nobody decided about and that are loaded."""
        open_of: dict[str, list[Origin]] = {}
        for target, origin in members:
            if not self._decision(target, origin):
                open_of.setdefault(target, []).append(origin)
        return {(name, origin) for name, some in open_of.items() for origin in self._loaded(some, name)}

    def _decision(self, target: str, origin: Origin) -> str:
        decided = self._decisions.get((origin.tenant, origin.object_name, origin.key), "")
        return decided or ("merge" if (target, origin) in self._merging else "")


@dataclass(frozen=True, slots=True)
class Part:
    """One route of one tenant, to be looked through."""

    mapping: ObjectMapping
    schema: ObjectSchema
    ids: LeadingIds

    @property
    def looked_at(self) -> bool:
        """Whether records of it that share a match key are held, or merged, at all."""
        return bool(self.mapping.match) and self.mapping.duplicates != "keep" and self.mapping.create


def shared_in_phase(context: PhaseContext) -> SharedKeys:
    """What the records of one phase share among themselves."""
    part = Part(context.mapping, context.schema, context.ids)
    decisions = {
        (context.tenant, context.mapping.source, key): decision
        for (queue, key), decision in context.decisions.items()
        if queue == DUPLICATES
    }
    groups = find_groups([part], context.staging, context.transform)
    return SharedKeys(groups, decisions, loaded_in(context.ledger))


def waiting_lines(shared: SharedKeys) -> list[QueueLine]:
    """The queue lines of the records that wait for a decision."""
    return [
        QueueLine(
            DUPLICATES,
            member.origin.tenant,
            member.origin.object_name,
            member.origin.key,
            ": ".join(filter(None, (member.name, group.reason(member.origin)))),
        )
        for _, member, group in shared.undecided()
    ]


def loaded_in(ledger: Ledger) -> Loaded:
    """Which records became a target record of an object, by the ledger."""

    def loaded(origins: Iterable[Origin], target_object: str) -> set[Origin]:
        return set(live_links(ledger, origins, target_object))

    return loaded


def live_links(ledger: Ledger, origins: Iterable[Origin], target_object: str) -> dict[Origin, Link]:
    """The links of these records of any tenant to a target object, as far as they are live."""
    keys: dict[tuple[str, str], list[str]] = {}
    wanted = set(origins)
    for origin in wanted:
        keys.setdefault((origin.tenant, origin.object_name), []).append(origin.key)
    return {
        link.origin: link
        for (tenant, object_name), some in keys.items()
        for link in ledger.links.of_keys(tenant, object_name, target_object, some)
        if link.origin in wanted and link.state is LinkState.LIVE
    }


def find_groups(parts: Iterable[Part], staging: Staging, transform: Transform) -> dict[str, list[Group]]:
    """Groups by target object, over all parts; these are given in load order."""
    by_target: dict[str, list[Part]] = {}
    for part in parts:
        if part.looked_at:
            by_target.setdefault(part.mapping.target, []).append(part)
    found = {}
    for name, several in by_target.items():
        hashes = array("q")
        for part in several:
            hashes.extend(_hash(value) for value, _, _ in _values(part, staging, transform))
        twice = frozenset(one for one, following in pairwise(sorted(hashes)) if one == following)
        found[name] = _groups(several, staging, transform, twice) if twice else []
    return found


def _groups(
    parts: Sequence[Part], staging: Staging, transform: Transform, twice: frozenset[int]
) -> list[Group]:
    groups: dict[Value, Group] = {}
    for part in parts:
        for value, target, record in _values(part, staging, transform):
            if _hash(value) in twice:
                group = groups.setdefault(value, Group(value))
                merges, keeps = part.mapping.duplicates == "merge", part.mapping.existing == "keep"
                group.members.append(Member(target.origin, shown_name(record.values), merges, keeps))
    return [group for group in groups.values() if len(group.members) > 1]


def _values(
    part: Part, staging: Staging, transform: Transform
) -> Iterator[tuple[Value, TargetRecord, Record]]:
    """The first filled match key of every record that would be loaded."""
    ids = _SourceIds(part.ids)
    for staged in staging.scan(ids.tenant, part.mapping.source):
        records = {s.record.key: s.record for s in staged if not s.record.deleted}
        for outcome in transform(list(records.values()), part.mapping, ids):
            if isinstance(outcome, TargetRecord):
                value = first_match(outcome, part.mapping.match, part.schema)
                if value is not None:
                    yield value, outcome, records[outcome.origin.key]


def _hash(value: Value) -> int:
    digest = blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


class _SourceIds:
    """Tells every reference by the record that it leads to, whether that is loaded yet or not."""

    def __init__(self, inner: LeadingIds) -> None:
        self._inner = inner
        self.project = inner.project
        self.tenant = inner.tenant

    def target_id(self, object_name: str, key: str, target_object: str) -> str | None:
        leads = self._inner.leads(object_name, target_object)
        return f"{self.tenant}/{object_name}/{key}" if leads else None

    def status(self, object_name: str, key: str, target_object: str) -> ReferenceStatus:
        del key
        leads = self._inner.leads(object_name, target_object)
        return ReferenceStatus.LOADED if leads else ReferenceStatus.UNMAPPED

    def source_values(self, object_name: str, key: str) -> Mapping[str, Any] | None:
        return self._inner.source_values(object_name, key)

    def fallback(self, match: str, target_object: str) -> str | None:
        return f"{target_object}/{match}"
