"""What a stretch of staging becomes: intents, book lines, and what needs no request."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from crossdock.ledger import SEVERITY, BookLine, Intent, Link, Unchanged
from crossdock.model import Action, Origin, Outcome, Rejected, Skipped, TargetRecord
from crossdock.referenceplan import unresolved


@dataclass
class Chunk:
    """Collects the ends of the records of one stretch. Every source key ends up in exactly one place
    or, with several target records, with the worst outcome of them."""

    intents: list[Intent] = field(default_factory=list)
    lines: list[BookLine] = field(default_factory=list)
    found_only: list[Intent] = field(default_factory=list)
    unchanged_targets: Counter[str] = field(default_factory=Counter)
    rehashed: list[tuple[Link, str]] = field(default_factory=list)
    agreed: list[tuple[Link, dict[str, Any]]] = field(default_factory=list)
    unresolved: list[Intent] = field(default_factory=list)

    def skip(self, origin: Origin, rule: str) -> None:
        """Leave a record out by a rule."""
        self.lines.append(BookLine(origin.key, Outcome.SKIPPED, (rule,), origin.part))

    def hold(self, origin: Origin, queue: str, reason: str) -> None:
        """Put a record into a queue until a person decided."""
        self.lines.append(BookLine(origin.key, Outcome.HELD, (reason,), origin.part, queue))

    def reject(self, rejected: Rejected) -> None:
        """Book a record that could not become a target record."""
        outcome = Outcome.HELD if rejected.queue else Outcome.REJECTED
        self.lines.append(BookLine(rejected.key, outcome, rejected.reasons, "", rejected.queue))

    def leave_out(self, skipped: Skipped) -> None:
        """Book a record that a rule of the mapping leaves out."""
        self.lines.append(BookLine(skipped.key, Outcome.SKIPPED, (skipped.rule,)))

    def unchanged(self, target: TargetRecord, link: Link, new_hash: str) -> None:
        """Nothing to send: the destination holds it already."""
        self.unchanged_targets[target.origin.key] += 1
        if link.hash != new_hash:
            self.rehashed.append((link, new_hash))
        if unresolved(target.notes):
            found = replace(target, target_id=link.target_id, values={}, action=Action.UPDATE, deferred=())
            self.unresolved.append(Intent(found, new_hash, link))

    def note_unresolved(self, noted: Collection[str]) -> None:
        """Give an entry to what is unchanged but refers to what is not there, except where one tells of it
        already: by these notes a delta knows what to look at again."""
        for intent in self.unresolved:
            if intent.target.origin.key not in noted:
                self.unchanged_targets[intent.target.origin.key] -= 1
                self.found_only.append(intent)

    def untouched(self) -> Unchanged:
        """What needed no request. A key that also has an intent or a line is counted there alone."""
        elsewhere = {i.target.origin.key for i in (*self.intents, *self.found_only)}
        elsewhere |= {line.key for line in self.lines}
        records = sum(1 for key, n in self.unchanged_targets.items() if n and key not in elsewhere)
        return Unchanged(records, self.unchanged_targets.total(), tuple(self.rehashed))

    def book(self) -> list[BookLine]:
        """The lines, one a (key, part): the worst."""
        worst: dict[tuple[str, str], BookLine] = {}
        for line in self.lines:
            known = worst.get((line.key, line.part))
            if known is None or SEVERITY[line.outcome] > SEVERITY[known.outcome]:
                worst[(line.key, line.part)] = line
        return list(worst.values())
