"""What every step of loading a phase needs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from crossdock.idmap import LedgerIdMap
from crossdock.ids import IdMap
from crossdock.ledger import Ledger, PhaseRecord, Run
from crossdock.loading.reading import EVERYTHING, Reading
from crossdock.mapping import ObjectMapping
from crossdock.model import (
    LoadPolicy,
    ObjectSchema,
    Observation,
    Receipt,
    Record,
    Rejected,
    Selection,
    Skipped,
    TargetRecord,
)
from crossdock.sending import Sender
from crossdock.staging import StagedRecord, Staging

if TYPE_CHECKING:
    from crossdock.loading.duplicates import SharedKeys

Transform = Callable[[Sequence[Record], ObjectMapping, IdMap], Sequence[TargetRecord | Rejected | Skipped]]


class LoadDestination(Protocol):
    """The part of a destination that loading needs."""

    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Iterator[Receipt]:
        """Write one batch."""

    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read records back."""


@dataclass(frozen=True)
class PhaseContext:
    """One phase of one tenant, and everything it works with.

    `decisions` answers queue lines by (queue, key): what a person wrote into the decision column.
    `on_progress` is told how many more source records are in the books. `selection` holds the keys of
    the records that the phase is limited to, None for all; `reading` says which of the staged records a
    delta looks at.
    """

    run: Run
    record: PhaseRecord
    mapping: ObjectMapping
    schema: ObjectSchema
    ids: LedgerIdMap
    ledger: Ledger
    staging: Staging
    destination: LoadDestination
    sender: Sender
    transform: Transform
    decisions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    on_progress: Callable[[int], None] = lambda _: None
    selection: frozenset[str] | None = None
    shared: "SharedKeys | None" = None
    reading: Reading = EVERYTHING

    def chosen(self, staged: Sequence[StagedRecord]) -> list[StagedRecord]:
        """Those of the staged records that the phase is about."""
        return [s for s in staged if self.selection is None or s.record.key in self.selection]

    @property
    def tenant(self) -> str:
        """The tenant whose records are loaded."""
        return self.record.tenant

    def transformed(
        self, staged: Sequence[StagedRecord]
    ) -> tuple[list[TargetRecord], list[Rejected], list[Skipped]]:
        """Target records, rejects and skipped records of staged ones, in their order."""
        records = [s.record for s in staged]
        self.ids.prefetch(records)
        results = self.transform(records, self.mapping, self.ids)
        return (
            [r for r in results if isinstance(r, TargetRecord)],
            [r for r in results if isinstance(r, Rejected)],
            [r for r in results if isinstance(r, Skipped)],
        )

    def targets_of_keys(self, keys: Sequence[str]) -> dict[tuple[str, str], TargetRecord]:
        """Target records of staged records by (key, part): the same as were sent, as transform is pure."""
        staged = self.staging.get(self.tenant, self.mapping.source, keys)
        targets, _, _ = self.transformed(list(staged.values()))
        return {(t.origin.key, t.origin.part): t for t in targets}

    def observed(self, target_ids: Sequence[str]) -> dict[str, Observation]:
        """Fresh observations by target id; ids that do not exist are absent."""
        if not target_ids:
            return {}
        selection = Selection(ids=tuple(dict.fromkeys(target_ids)))
        return {o.id: o for o in self.destination.reconcile(self.schema.name, selection)}
