"""Sends batches to a destination until every record has exactly one receipt.

What a destination may answer to a batch, and what is done then:

    receipts              kept, one a record
    BatchRefusedError     split in two and sent again, down to the offending record
    BatchTooLargeError    smaller batches from now on, for the rest of the run
    OutcomeUnknownError   look up the sent ids, trash included; send only what is not there
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import structlog

from crossdock.errors import BatchRefusedError, BatchTooLargeError, OutcomeUnknownError, UnreachableError
from crossdock.model import Action, LoadPolicy, Observation, Origin, Outcome, Receipt, Selection, TargetRecord

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
        self._attempts: dict[str, int] = {}

    def send(self, object_name: str, records: Sequence[TargetRecord]) -> list[Receipt]:
        """Send records; the receipts come in the order of `records`."""
        receipts: dict[Origin, Receipt] = {}
        waiting = list(records)
        while waiting:
            batch, waiting = waiting[: self.batch_size], waiting[self.batch_size :]
            try:
                receipts.update(self._send_batch(object_name, batch))
            except BatchTooLargeError as error:
                if len(batch) == 1:
                    receipts[batch[0].origin] = _rejected(batch[0], error.message)
                else:
                    self._shrink(len(batch), error)
                    waiting = [*batch, *waiting]
        return [receipts[record.origin] for record in records]

    def _shrink(self, tried: int, error: BatchTooLargeError) -> None:
        smaller = tried // 2
        if error.limit is not None and 0 < error.limit < tried:
            smaller = error.limit
        self.batch_size = max(1, smaller)
        _log.info("batch size lowered", batch_size=self.batch_size, because=error.message)

    def _send_batch(self, object_name: str, batch: Sequence[TargetRecord]) -> dict[Origin, Receipt]:
        try:
            return {
                receipt.origin: receipt
                for receipt in self._destination.load(object_name, batch, self._policy)
            }
        except BatchRefusedError as error:
            if len(batch) == 1:
                return {batch[0].origin: self._refused(object_name, batch[0], error)}
            middle = len(batch) // 2
            _log.debug("batch split", object=object_name, size=len(batch), because=error.message)
            first = self._send_batch(object_name, batch[:middle])
            return first | self._send_batch(object_name, batch[middle:])
        except OutcomeUnknownError as error:
            return self._settle_doubt(object_name, batch, error)

    def _settle_doubt(
        self, object_name: str, batch: Sequence[TargetRecord], error: OutcomeUnknownError
    ) -> dict[Origin, Receipt]:
        """After an unknown outcome: count what is there, send what is not. Updates are sent again."""
        _log.warning(
            "outcome unknown, looking up", object=object_name, size=len(batch), because=error.message
        )
        if all(record.target_id in self._doubtful for record in batch):
            self._give_up_after(batch, error)
        self._doubtful.update(record.target_id for record in batch)
        there = self.present(object_name, [r.target_id for r in batch if r.action is Action.CREATE])
        done = {
            record.origin: Receipt(record.origin, Outcome.CREATED, record.target_id)
            for record in batch
            if record.action is Action.CREATE and record.target_id in there
        }
        missing = [record for record in batch if record.origin not in done]
        return done | (self._send_batch(object_name, missing) if missing else {})

    def _give_up_after(self, batch: Sequence[TargetRecord], error: OutcomeUnknownError) -> None:
        key = f"{batch[0].target_id}:{len(batch)}"
        tried = self._attempts.get(key, 0) + 1
        self._attempts[key] = tried
        if tried >= _LOOK_UPS:
            name = batch[0].object_name
            raise UnreachableError(
                f"{name}: {tried + 1} requests in a row ended without an answer: {error.message}",
                hint="Run the same command again when the destination is well; nothing is sent twice.",
            )

    def _refused(self, object_name: str, record: TargetRecord, error: BatchRefusedError) -> Receipt:
        # A request that timed out may commit after it was looked up; its second sending is then
        # refused as a duplicate of itself.
        doubtful = record.action is Action.CREATE and record.target_id in self._doubtful
        if doubtful and self.present(object_name, [record.target_id]):
            return Receipt(record.origin, Outcome.CREATED, record.target_id)
        return _rejected(record, error.message)

    def present(self, object_name: str, target_ids: Sequence[str]) -> set[str]:
        """Which of these ids exist at the destination, trash included."""
        if not target_ids:
            return set()
        found = self._destination.reconcile(object_name, Selection(ids=tuple(target_ids)))
        return {observation.id for observation in found}


def _rejected(record: TargetRecord, reason: str) -> Receipt:
    return Receipt(record.origin, Outcome.REJECTED, "", (reason,))
