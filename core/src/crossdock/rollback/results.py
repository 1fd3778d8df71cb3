"""What became of a rollback: three buckets, what people had edited, and the proof that all is as before."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from crossdock.ledger import Entry
from crossdock.model import REMOVALS, Action, Finding

SCHEMA = "schema"
"""Stands for the object where schema changes are counted."""
DESTROYED, RESTORED, BROUGHT_BACK, REMOVED = "destroyed", "restored", "brought back", "removed"
"""What undoing does: to a created record, an updated one, one that was taken away, to schema."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A field of a record there that somebody changed since; `was` as read back after the load."""

    record: str
    object_name: str
    target_id: str
    field_name: str
    was: Any
    now: Any


@dataclass
class Proof:
    """What was read back after undoing: how many records and schema changes, and each that is not as it was
    before the run."""

    read: int = 0
    differing: list[Finding] = field(default_factory=list)

    def with_more(self, other: "Proof") -> "Proof":
        """Both together."""
        return Proof(self.read + other.read, [*self.differing, *other.differing])


@dataclass
class RollbackResult:
    """The three buckets. `kept` and `failed` hold (what, reason); `deeds` counts undone by object and deed.

    `total`: how much there was to undo at this start; `earlier`: how much of the run earlier ones had undone.
    `in_use` counts what was kept because something else needs it: unlike edits of people it can be tried
    again. `entries`: numbers of what this start undid; `read_before`: how many records earlier ones read
    back. `switched_on`: automations that had been paused and are on again, by name; they are in no bucket.
    """

    undone: int = 0
    total: int = 0
    earlier: int = 0
    deeds: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    in_use: int = 0
    switched_on: list[str] = field(default_factory=list)
    proof: Proof | None = None
    entries: set[int] = field(default_factory=set)
    read_before: int = 0

    @property
    def differing(self) -> list[Finding]:
        """What is not as it was before the run."""
        return self.proof.differing if self.proof else []

    @property
    def complete(self) -> bool:
        """True if nothing was kept, nothing failed and nothing differs."""
        return not self.kept and not self.failed and not self.differing


def deed(entry: Entry) -> str:
    """What undoing an entry does to its record."""
    if entry.action in REMOVALS:
        return BROUGHT_BACK
    return DESTROYED if entry.action is Action.CREATE else RESTORED
