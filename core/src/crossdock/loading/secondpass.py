"""The second pass: fields that point to records which were loaded after their own."""

from collections.abc import Sequence
from dataclasses import replace

from crossdock.ledger import BookLine, Entry, Intent, PhaseRecord, PhaseState
from crossdock.loading.changing import bring_change
from crossdock.loading.chunk import Chunk
from crossdock.loading.context import PhaseContext
from crossdock.loading.joining import left_to_leader
from crossdock.loading.phase import write_chunk
from crossdock.model import Action, Outcome, TargetRecord
from crossdock.serial import content_hash


def load_deferred(context: PhaseContext, first_pass: PhaseRecord) -> None:
    """Write the fields that the first pass of this phase left out."""
    if context.record.state is not PhaseState.LOADING:
        return
    for entries in context.ledger.journal.deferred(context.run, first_pass, context.record.position):
        write_chunk(context, _chunk(context, entries), entries[-1].n)
        context.on_progress(len(entries))
    context.ledger.runs.set_phase_state(context.record, PhaseState.LOADED)


def _chunk(context: PhaseContext, entries: Sequence[Entry]) -> Chunk:
    chunk = Chunk()
    staged = context.staging.get(context.tenant, context.mapping.source, [e.link.origin.key for e in entries])
    targets, rejected, _ = context.transformed(list(staged.values()))
    by_part = {(t.origin.key, t.origin.part): t for t in targets}
    reasons = {r.key: r.reasons for r in rejected}
    # Records of this run are undone by destroying them, and nobody edited them before they were there.
    older = [e.link.target_id for e in entries if e.link.made_by != context.run.n]
    there = context.observed(older)
    for entry in entries:
        origin = entry.link.origin
        target = by_part.get((origin.key, origin.part))
        if target is None:
            why = reasons.get(origin.key, ("the staged record is gone since",))
            notes = tuple(f"loaded, but without {', '.join(entry.deferred)}: {reason}" for reason in why)
            chunk.lines.append(BookLine(origin.key, Outcome.REJECTED, notes, origin.part))
            continue
        update, new_hash = _update(entry, target), content_hash(target.values)
        if entry.link.made_by != context.run.n:
            observed = there.get(update.target_id)
            update = left_to_leader(update, entry.link, observed)
            bring_change(context, update, entry.link, new_hash, observed, chunk)
            continue
        (chunk.intents if update.values else chunk.found_only).append(Intent(update, new_hash, entry.link))
    return chunk


def _update(entry: Entry, target: TargetRecord) -> TargetRecord:
    values = {name: target.values[name] for name in entry.deferred if name in target.values}
    return replace(target, target_id=entry.link.target_id, values=values, action=Action.UPDATE, deferred=())
