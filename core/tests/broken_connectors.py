"""Connectors that break one promise about records each; a run has to stop or to say so.

Those that the conformance kit tells apart by itself are in `tiny_connector`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from core.tests.fake_destination import FakeDestination
from core.tests.fake_source import FakeSource

from crossdock.errors import BatchRefusedError
from crossdock.filestore import FileStore
from crossdock.hookspecs import hookimpl
from crossdock.model import Action, Batch, LoadPolicy, Outcome, Receipt, TargetRecord

# --- sources -------------------------------------------------------------------------------------


class DropsTheLast(FakeSource):
    """Leaves out the last record of each batch, and counts it all the same."""

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """All but the last."""
        for batch in super().extract(object_name, cursor, since, files):
            yield replace(batch, records=batch.records[:-1])


class DropsAndCountsNothing(DropsTheLast):
    """Leaves out the last record of each batch, and says of no object how much it holds."""

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """All but the last, uncounted."""
        for batch in super().extract(object_name, cursor, since, files):
            yield replace(batch, total=None)


class GivesTwice(FakeSource):
    """Gives the first record of each batch once more."""

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """One record twice."""
        for batch in super().extract(object_name, cursor, since, files):
            yield replace(batch, records=(*batch.records, *batch.records[:1]))


class GoesOnTooLate(FakeSource):
    """Skips a batch where it is asked to go on after a cursor."""

    @hookimpl
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """Everything, or what comes after the batch after the cursor."""
        late = None if cursor is None else str(int(cursor) + self.batch_size)
        yield from super().extract(object_name, late, since, files)


# --- destinations --------------------------------------------------------------------------------


class AnswersForAllButTheLast(FakeDestination):
    """Keeps every record of a batch and gives no receipt for the last."""

    @hookimpl
    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Iterator[Receipt]:
        """One receipt too few."""
        yield from list(super().load(object_name, records, policy))[:-1]


class AnswersTwice(FakeDestination):
    """Gives the first receipt of a batch once more."""

    @hookimpl
    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Iterator[Receipt]:
        """One receipt too many."""
        receipts = list(super().load(object_name, records, policy))
        yield from [*receipts, *receipts[:1]]


class ClaimsTheLast(FakeDestination):
    """Gives a receipt for every record of a batch and does not keep the last."""

    @hookimpl
    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Iterator[Receipt]:
        """A receipt too much."""
        yield from super().load(object_name, records[:-1], policy)
        yield Receipt(records[-1].origin, Outcome.CREATED, records[-1].target_id)


class SwallowsRefusals(FakeDestination):
    """Calls a batch done that the platform refused."""

    @hookimpl
    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Iterator[Receipt]:
        """Good news only."""
        try:
            yield from list(super().load(object_name, records, policy))
        except BatchRefusedError:
            for record in records:
                outcome = Outcome.CREATED if record.action is Action.CREATE else Outcome.UPDATED
                yield Receipt(record.origin, outcome, record.target_id)


class MakesTwice(FakeDestination):
    """Makes the first record of each batch once more, under an id of its own."""

    @hookimpl
    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Iterator[Receipt]:
        """One record too many."""
        yield from super().load(object_name, records, policy)
        row = self.table(object_name)[records[0].target_id]
        twin = replace(row, values={k: v for k, v in row.values.items() if k != "domain"})
        self.table(object_name)[f"twin-of-{records[0].target_id}"] = twin


class ForgetsAField(FakeDestination):
    """Leaves a field empty and gives the receipt for it."""

    @hookimpl
    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Iterator[Receipt]:
        """All but the city."""
        some = [replace(r, values={k: v for k, v in r.values.items() if k != "city"}) for r in records]
        yield from super().load(object_name, some, policy)
