"""What the ledger gives back: its rows as dataclasses. Times in seconds since the epoch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from crossdock.model import Action, Origin, Outcome, TargetRecord

ACCOUNT: Final = "rollback"
"""The option of a run that holds what its rollback came to, with what it kept or failed at, and why."""


SECOND_PHASE: Final = " (second pass)"
"""How the name of a phase ends that writes what an earlier one of the same records had to leave out."""


class LinkState(StrEnum):
    """What is known of the target record behind a link."""

    LIVE = "live"
    REFUSED = "refused"  # the destination did not take it
    DELETED_THERE = "deleted there"  # somebody deleted it: never made again
    DELETED_AT_SOURCE = "deleted at source"  # dealt with: in the trash, or people keep what is there
    DESTROYED = "destroyed"  # dealt with: nothing is there any more
    UNDONE = "undone"  # rolled back


class EntryState(StrEnum):
    """Where a journal entry stands between the intent and its end."""

    IN_DOUBT = "in doubt"
    DONE = "done"
    UNDONE = "undone"


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    DONE = "done"
    ROLLED_BACK = "rolled back"


class PhaseState(StrEnum):
    """Where a phase stands: its batches are sent, all sent, or read back and compared."""

    LOADING = "loading"
    LOADED = "loaded"
    SETTLED = "settled"


def _between(began: float, ended: float | None) -> float:
    """Seconds from one time to another; a clock that was set back in between makes them none."""
    return max(0.0, (ended or began) - began)


@dataclass(frozen=True, slots=True)
class Run:
    """One start of the tool that may write to the destination."""

    n: int
    id: str
    kind: str
    destination: str
    state: RunState
    options: Mapping[str, Any]
    started_at: float
    finished_at: float | None

    @property
    def seconds(self) -> float:
        """How long it took, 0 while it goes on."""
        return _between(self.started_at, self.finished_at)


@dataclass(frozen=True, slots=True)
class Link:
    """Source record (and part) -> target record. `base` is None until it was read back."""

    n: int
    origin: Origin
    target_object: str
    target_id: str
    state: LinkState
    hash: str | None = None
    base: Mapping[str, Any] | None = None
    made_by: int | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What needed no request: source records, target records, and links whose hash is new all the same."""

    records: int = 0
    targets: int = 0
    rehashed: tuple[tuple[Link, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseRecord:
    """A phase as the ledger keeps it. `position` is the last staging place that is in the books."""

    n: int
    run: int
    tenant: str
    name: str
    ordinal: int
    state: PhaseState
    position: int
    unchanged: Unchanged
    started_at: float
    finished_at: float | None
    source_object: str
    target_object: str

    @property
    def seconds(self) -> float:
        """How long it took, 0 while it goes on."""
        return _between(self.started_at, self.finished_at)


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be sent. `link` is the known link, None for a record that never was loaded."""

    target: TargetRecord
    hash: str
    link: Link | None = None
    before: Mapping[str, Any] | None = None
    was_trashed: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal.

    `before` is the image of the record before an update, `base` what the link's base held of `fields`,
    or all of it if the record was taken away.
    """

    n: int
    run: int
    phase: int
    link: Link
    action: Action
    state: EntryState
    outcome: Outcome | None
    reasons: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    was_trashed: bool = False
    at: float = 0.0
    base: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Among:
    """Some of what runs wrote: all of some routes (tenant, source object, target object), and single links
    by their number."""

    routes: frozenset[tuple[str, str, str]] = frozenset()
    links: frozenset[int] = frozenset()

    def holds(self, link: Link) -> bool:
        """Whether a link is among them."""
        return self.names(link.n, link.origin.tenant, link.origin.object_name, link.target_object)

    def names(self, link: int, tenant: str, source_object: str, target_object: str) -> bool:
        """Whether the link of that number and route is among them."""
        return link in self.links or (tenant, source_object, target_object) in self.routes


@dataclass(frozen=True, slots=True)
class BookLine:
    """A source record (or one part of it) that ended as anything but loaded."""

    key: str
    outcome: Outcome
    reasons: tuple[str, ...]
    part: str = ""
    queue: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Filed:
    """One row that was written into a file. `row` counts from 1, which is the header; `values` are those
    that the row holds, canonical."""

    origin: Origin
    target_object: str
    target_id: str
    file: str
    row: int
    values: Mapping[str, Any]
