"""Sends batches to a destination until every record has exactly one receipt.

What a destination may answer to a batch, and what is done then:

    receipts              kept, one a record
    BatchRefusedError     split in two and sent again, down to the offending record
    BatchTooLargeError    smaller batches from now on, for the rest of the run
    OutcomeUnknownError   look up the sent ids, trash included; send again only what has not arrived
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from crossdock.compare import has_arrived
from crossdock.errors import (
    BatchError,
    BatchTooLargeError,
    OutcomeUnknownError,
    UnreachableError,
)
from crossdock.model import (
    REMOVALS,
    Action,
    LoadPolicy,
    ObjectSchema,
    Observation,
    Origin,
    Outcome,
    Receipt,
    Selection,
    TargetRecord,
)

_log = structlog.get_logger(__name__)
_LOOK_UPS = 5


class Loader(Protocol):
    """The part of a destination that sending needs."""

    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Iterator[Receipt]:
        """One receipt a record."""

    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read records back."""


class Sender:
    """Sends target records of any object; `batch_size` only ever shrinks, on the platform's own word."""

    def __init__(self, destination: Loader, policy: LoadPolicy, batch_size: int) -> None:
        self._destination = destination
        self._policy = policy
        self.batch_size = max(1, batch_size)
        self._doubtful: set[str] = set()
        self._unanswered = 0

    def send(
        self, object_name: str, records: Sequence[TargetRecord], schema: ObjectSchema | None = None
    ) -> list[Receipt]:
        """Send records; the receipts come in the order of `records`. Raises UnreachableError.

        Without `schema` an update in doubt cannot be looked up, and is sent again.
        """
        receipts: dict[Origin, Receipt] = {}
        waiting = [list(records)] if records else []
        while waiting:
            waiting[:0] = self._send_batch(object_name, waiting.pop(0), receipts, schema)
        return [receipts[record.origin] for record in records]

    def _send_batch(
        self,
        object_name: str,
        batch: list[TargetRecord],
        receipts: dict[Origin, Receipt],
        schema: ObjectSchema | None,
    ) -> list[list[TargetRecord]]:
        """Send one batch and keep its receipts; gives the batches that are to be sent instead of it."""
        if len(batch) > self.batch_size:
            return [batch[: self.batch_size], batch[self.batch_size :]]
        given: list[Receipt] = []
        try:
            given.extend(self._destination.load(object_name, batch, self._policy))
        except OutcomeUnknownError as error:
            # What has its receipt is not in doubt.
            receipts.update(self._told(batch, given))
            doubtful = [record for record in batch if record.origin not in receipts]
            return self._look_up(object_name, doubtful, receipts, error, schema)
        except BatchError as error:
            self._unanswered = 0
            if len(batch) == 1:
                receipts[batch[0].origin] = self._refused(object_name, batch[0], error, schema)
                return []
            if isinstance(error, BatchTooLargeError):
                self._shrink(len(batch), error)
                return [batch]
            _log.debug("batch split", object=object_name, size=len(batch), because=error.message)
            middle = len(batch) // 2
            return [batch[:middle], batch[middle:]]
        self._unanswered = 0
        receipts.update(self._told(batch, given))
        return []

    def doubt(self, target_ids: Iterable[str]) -> None:
        """These were sent before, by another process perhaps, and may be made yet whatever a look-up said."""
        self._doubtful.update(target_ids)

    def _told(
        self, batch: Sequence[TargetRecord], given: Sequence[Receipt]
    ) -> Iterator[tuple[Origin, Receipt]]:
        """The receipts by origin. A new record in doubt that is there already was made by the request before,
        which was carried out after the look-up."""
        doubtful = {r.origin for r in batch if r.action is Action.CREATE and r.target_id in self._doubtful}
        for receipt in given:
            if receipt.outcome is Outcome.UNCHANGED and receipt.origin in doubtful:
                receipt = replace(receipt, outcome=Outcome.CREATED)
            yield receipt.origin, receipt

    def _shrink(self, tried: int, error: BatchTooLargeError) -> None:
        smaller = tried // 2
        if error.limit is not None and 0 < error.limit < tried:
            smaller = error.limit
        self.batch_size = max(1, smaller)
        _log.info("batch size lowered", batch_size=self.batch_size)
        _log.debug("batch too large", because=error.message)

    def _look_up(
        self,
        object_name: str,
        batch: Sequence[TargetRecord],
        receipts: dict[Origin, Receipt],
        error: OutcomeUnknownError,
        schema: ObjectSchema | None,
    ) -> list[list[TargetRecord]]:
        """After an unknown outcome: creates that are there have arrived, and updates whose values are
        there; everything else is sent again."""
        _log.warning("outcome unknown, looking up", object=object_name, size=len(batch))
        _log.debug("no usable answer", because=error.message)  # it may quote what the platform said
        self.doubt(record.target_id for record in batch)
        there = self._observed(object_name, [record.target_id for record in batch])
        arrived = {r.origin: _arrival(r) for r in batch if _is_there(r, there.get(r.target_id), schema)}
        receipts.update(arrived)
        missing = [record for record in batch if record.origin not in arrived]
        self._unanswered = 0 if arrived else self._unanswered + 1
        if self._unanswered > _LOOK_UPS:
            raise UnreachableError(
                f"{object_name}: {self._unanswered} requests in a row ended without an answer:"
                f" {error.message}",
                hint="Run the same command again when the destination is well; nothing is sent twice.",
            )
        return [missing] if missing else []

    def _refused(
        self, object_name: str, record: TargetRecord, error: BatchError, schema: ObjectSchema | None
    ) -> Receipt:
        # A request that timed out may commit after it was looked up; its second sending is then
        # refused as a duplicate of itself, or because what it was to take away is gone.
        if record.target_id in self._doubtful:
            there = self._observed(object_name, [record.target_id]).get(record.target_id)
            if _is_there(record, there, schema):
                return _arrival(record)
        return _rejected(record, error.message)

    def present(self, object_name: str, target_ids: Sequence[str]) -> set[str]:
        """Which of these ids exist at the destination, trash included."""
        return set(self._observed(object_name, target_ids))

    def _observed(self, object_name: str, target_ids: Sequence[str]) -> dict[str, Observation]:
        if not target_ids:
            return {}
        found = self._destination.reconcile(object_name, Selection(ids=tuple(target_ids)))
        return {observation.id: observation for observation in found}


def _is_there(record: TargetRecord, observed: Observation | None, schema: ObjectSchema | None) -> bool:
    if record.action in REMOVALS:
        return is_removed(record.action, observed)
    if observed is None or record.action is Action.CREATE:
        return observed is not None
    return schema is not None and has_arrived(record, observed, schema)


def is_removed(action: Action, observed: Observation | None) -> bool:
    """True if a record that was to be taken away is not there any more."""
    return observed is None or (action is Action.TRASH and observed.trashed)


def _arrival(record: TargetRecord) -> Receipt:
    outcome = Outcome.CREATED if record.action is Action.CREATE else Outcome.UPDATED
    return Receipt(record.origin, outcome, record.target_id)


def _rejected(record: TargetRecord, reason: str) -> Receipt:
    return Receipt(record.origin, Outcome.REJECTED, "", (reason,))
