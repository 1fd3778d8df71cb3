"""Loads the records of one phase: two transactions a batch, nothing sent without an intent."""

from collections.abc import Sequence

import structlog

from crossdock.ledger import BookLine, Entry, PhaseState
from crossdock.loading.chunk import Chunk
from crossdock.loading.classify import Classifier
from crossdock.loading.context import PhaseContext
from crossdock.loading.reading import unresolved_keys
from crossdock.loading.uniqueness import explained
from crossdock.model import Outcome, Receipt, TargetRecord

_log = structlog.get_logger(__name__)
STRETCH = 200  # staged records a stretch: the most that proven destinations take in one batch


def load_phase(context: PhaseContext) -> None:
    """Load what the books do not hold yet. Records that are deleted at the source are left out."""
    if context.record.state is not PhaseState.LOADING:
        return
    _book_unreadable(context)
    classifier = Classifier(context)
    scan = context.reading.scan(
        context.staging, context.tenant, context.mapping.source, context.record.position, STRETCH
    )
    for staged in scan:
        write_chunk(context, classifier.classify(context.chosen(staged)), staged[-1].n)
        context.on_progress(len(staged))
    followers = context.staging.get(context.tenant, context.mapping.source, classifier.followers())
    chosen = context.chosen(list(followers.values()))
    for start in range(0, len(chosen), STRETCH):
        write_chunk(context, classifier.follow(chosen[start : start + STRETCH]))
    context.ledger.runs.set_phase_state(context.record, PhaseState.LOADED)


def _book_unreadable(context: PhaseContext) -> None:
    """Items that the source gave in a shape nobody can read are in the book from the start."""
    if context.selection is not None or not context.reading.unreadable:
        return  # they are no records, so none of them was chosen
    items = context.staging.rejected(context.tenant, context.mapping.source)
    lines = [BookLine(item.key, Outcome.REJECTED, item.reasons) for item in items]
    context.ledger.journal.intend(context.run, context.record, (), book=lines)


def write_chunk(context: PhaseContext, chunk: Chunk, position: int | None = None) -> None:
    """Note a stretch in the ledger, send it, note what came of it. `position`: where in staging it ends."""
    context.ledger.links.set_bases(chunk.agreed)
    if chunk.unresolved:
        keys = [intent.target.origin.key for intent in chunk.unresolved]
        chunk.note_unresolved(unresolved_keys(context.ledger, context.mapping, context.tenant, keys))
    entries = context.ledger.journal.intend(
        context.run,
        context.record,
        [*chunk.found_only, *chunk.intents],
        book=chunk.book(),
        unchanged=chunk.untouched(),
        position=position,
    )
    found, sent = entries[: len(chunk.found_only)], entries[len(chunk.found_only) :]
    if found:
        confirm(context, found, [_found(entry) for entry in found])
    send(context, sent, [intent.target for intent in chunk.intents])


def send(context: PhaseContext, entries: Sequence[Entry], targets: Sequence[TargetRecord]) -> None:
    """Send intents batch by batch; each batch's receipts are in the ledger before the next is sent."""
    start = 0
    while start < len(entries):
        end = start + context.sender.batch_size
        receipts = context.sender.send(context.schema.name, targets[start:end], context.schema)
        confirm(context, entries[start:end], explained(context, targets[start:end], receipts))
        start = end


def confirm(context: PhaseContext, entries: Sequence[Entry], receipts: Sequence[Receipt]) -> None:
    """Write receipts, and a book line for what the destination did not take."""
    refused = [
        BookLine(r.origin.key, r.outcome, r.reasons, r.origin.part)
        for r in receipts
        if r.outcome in (Outcome.REJECTED, Outcome.FAILED)
    ]
    for line in refused:
        # Why is in the book: a reason may quote what the record holds, and a log is passed on.
        _log.info("record not taken", key=line.key, outcome=line.outcome.value)
    context.ledger.journal.confirm(entries, receipts, refused=refused)


def _found(entry: Entry) -> Receipt:
    return Receipt(entry.link.origin, Outcome.UNCHANGED, entry.link.target_id)
