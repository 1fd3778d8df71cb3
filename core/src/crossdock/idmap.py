"""The id map as transform sees it: answers from the ledger and from staging, fetched a batch at a time."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from crossdock.ids import ReferenceStatus
from crossdock.ledger import SEVERITY, Ledger, Link, LinkState
from crossdock.mapping import ObjectMapping
from crossdock.model import Outcome, Record
from crossdock.staging import Staging
from crossdock.values import Reference

_REMEMBERED = 50_000
_THERE = (LinkState.LIVE, LinkState.DELETED_AT_SOURCE)
_STATUS_OF = {
    Outcome.HELD: ReferenceStatus.HELD,
    Outcome.REJECTED: ReferenceStatus.REJECTED,
    Outcome.SKIPPED: ReferenceStatus.SKIPPED,
    Outcome.FAILED: ReferenceStatus.FAILED,
}
_LINK_STATUS = {
    LinkState.LIVE: ReferenceStatus.LOADED,
    LinkState.REFUSED: ReferenceStatus.REJECTED,
    LinkState.DELETED_THERE: ReferenceStatus.REJECTED,
    LinkState.DELETED_AT_SOURCE: ReferenceStatus.DELETED,  # in the trash it can still be pointed to
    LinkState.DESTROYED: ReferenceStatus.SKIPPED,
}


class LedgerIdMap:
    """One tenant's id map.

    `finished` tells whether the phase of a route is over: before that a missing record is pending,
    after it the book says why it is missing. `find` looks up a fallback at the destination. `others` are
    the tenants of the project: what only one of them has is never referred to from here.
    Remembers the last answers, so that memory stays the same however many records there are.
    """

    def __init__(
        self,
        project: str,
        tenant: str,
        ledger: Ledger,
        staging: Staging,
        routes: Sequence[ObjectMapping],
        find: Callable[[str, str], str | None],
        others: Sequence[str] = (),
    ) -> None:
        self.project = project
        self.tenant = tenant
        self._ledger = ledger
        self._staging = staging
        self._routes = {(route.source, route.target) for route in routes}
        self._targets: dict[str, list[str]] = {}
        for route in routes:
            self._targets.setdefault(route.source, []).append(route.target)
        self._find = find
        self._others = tuple(name for name in others if name != tenant)
        self._fallbacks: dict[tuple[str, str], str | None] = {}
        self._links: OrderedDict[tuple[str, str, str], Link | None] = OrderedDict()
        self._values: OrderedDict[tuple[str, str], Mapping[str, Any] | None] = OrderedDict()
        self._reasons: dict[tuple[str, str], dict[str, Callable[[str], Outcome | None]]] = {}

    def phase_finished(self, route: ObjectMapping, outcome_of: Callable[[str], Outcome | None]) -> None:
        """From now on a record without a link in this route is missing for good, and this says why."""
        self._reasons.setdefault((route.source, route.target), {})[route.name] = outcome_of
        self.forget(route)

    def forget(self, route: ObjectMapping) -> None:
        """Drop remembered answers of a route whose links changed."""
        for name in [n for n in self._links if (n[0], n[2]) == (route.source, route.target)]:
            del self._links[name]

    def prefetch(self, records: Iterable[Record]) -> None:
        """Fetch the links of everything that these records refer to, in one query an object pair."""
        wanted: dict[str, set[str]] = {}
        for record in records:
            for value in record.values.values():
                for element in value if type(value) is tuple else (value,):
                    if type(element) is Reference:
                        wanted.setdefault(element.object_name, set()).add(element.key)
        for object_name, keys in wanted.items():
            for target in self._targets.get(object_name, ()):
                missing = [key for key in keys if (object_name, key, target) not in self._links]
                self._fetch(object_name, missing, target)

    def target_id(self, object_name: str, key: str, target_object: str) -> str | None:
        """The target id, or None if that record was not loaded."""
        link = self._link(object_name, key, target_object)
        return link.target_id if link is not None and link.state in _THERE else None

    def status(self, object_name: str, key: str, target_object: str) -> ReferenceStatus:
        """Where that record stands on its way to the target object."""
        route = (object_name, target_object)
        if route not in self._routes:
            return ReferenceStatus.UNMAPPED
        link = self._link(object_name, key, target_object)
        again = link is not None and link.state is LinkState.REFUSED and route not in self._reasons
        if link is not None and link.state in _LINK_STATUS and not again:  # refused: it is tried again
            return _LINK_STATUS[link.state]
        if route not in self._reasons:
            return ReferenceStatus.PENDING
        # Of several routes between two objects one refused the record, and the others are not about it.
        outcomes = [found for reason in self._reasons[route].values() if (found := reason(key)) is not None]
        if outcomes:
            outcome = max(outcomes, key=SEVERITY.__getitem__)
            return _STATUS_OF.get(outcome, ReferenceStatus.ABSENT)
        return ReferenceStatus.FOREIGN if self.holder(object_name, key) else ReferenceStatus.ABSENT

    def awaits(self, record: Record) -> bool:
        """Whether what a record refers to and is not loaded yet may be loaded in this run: the source has it.

        Also if none of its own values tells: it may refer to it by way of another record.
        """
        several = (value if type(value) is tuple else (value,) for value in record.values.values())
        pending = [
            x
            for some in several
            for x in some
            if type(x) is Reference
            for target in self._targets.get(x.object_name, ())
            if self.status(x.object_name, x.key, target) is ReferenceStatus.PENDING
        ]
        return not pending or any(self.source_values(x.object_name, x.key) is not None for x in pending)

    def holder(self, object_name: str, key: str) -> str:
        """The other tenant that has such a record and this one has not, "" if none has."""
        if not self._others or self._staging.get(self.tenant, object_name, [key]):
            return ""
        held = (name for name in self._others if self._staging.get(name, object_name, [key]))
        return next(held, "")

    def leads(self, object_name: str, target_object: str) -> bool:
        """Whether a route leads from that object to the target object."""
        return (object_name, target_object) in self._routes

    def source_values(self, object_name: str, key: str) -> Mapping[str, Any] | None:
        """The values of another source record at rest, None if there is none."""
        name = (object_name, key)
        if name not in self._values:
            staged = self._staging.get(self.tenant, object_name, [key]).get(key)
            self._values[name] = None if staged is None else staged.record.values
            _bound(self._values)
        return self._values[name]

    def fallback(self, match: str, target_object: str) -> str | None:
        """The id of the target record that a fallback names, if it is there."""
        name = (match, target_object)
        if name not in self._fallbacks:
            self._fallbacks[name] = self._find(match, target_object)
        return self._fallbacks[name]

    def _link(self, object_name: str, key: str, target_object: str) -> Link | None:
        name = (object_name, key, target_object)
        if name not in self._links:
            self._fetch(object_name, [key], target_object)
        return self._links[name]

    def _fetch(self, object_name: str, keys: Sequence[str], target_object: str) -> None:
        if not keys:
            return
        links = self._ledger.links.of_keys(self.tenant, object_name, target_object, keys)
        found = {link.origin.key: link for link in links if not link.origin.part}
        for key in keys:
            self._links[(object_name, key, target_object)] = found.get(key)
        _bound(self._links, keep=len(keys))


def _bound(remembered: OrderedDict[Any, Any], keep: int = 0) -> None:
    while len(remembered) > _REMEMBERED + keep:
        remembered.popitem(last=False)
