"""The phase that deals with records that were deleted at the source: after all others, last route first.

What refers to a record is taken away before it, and nothing moves away from it afterwards. Every record is
an intent with its before-image first, like any other write.
"""

from collections.abc import Iterator, Sequence

from crossdock.compare import edited_fields
from crossdock.delta.deletions import Policy
from crossdock.equality import is_empty
from crossdock.ledger import BookLine, Intent, Link, LinkState, PhaseState
from crossdock.loading.chunk import CONFLICTS, Chunk
from crossdock.loading.context import PhaseContext
from crossdock.loading.phase import STRETCH, confirm, send, write_chunk
from crossdock.loading.settlement import Settlement
from crossdock.model import (
    REMOVALS,
    Action,
    Finding,
    FindingKind,
    ObjectSchema,
    Observation,
    Outcome,
    Receipt,
    TargetRecord,
)
from crossdock.sending import is_removed
from crossdock.staging import StagedRecord

DELETED = "deleted at the source"
_NOTES = {Action.TRASH: f"{DELETED}: put into the trash", Action.DESTROY: f"{DELETED}: destroyed"}

_DEALT_WITH = (LinkState.DELETED_THERE, LinkState.DELETED_AT_SOURCE, LinkState.DESTROYED)
_THERE_ONCE = (LinkState.LIVE, *_DEALT_WITH)


def deleted_keys(context: PhaseContext) -> Iterator[str]:
    """Keys of the records of a route that are there, and not at the source any more.

    A route that takes deleted records too (its `where` says so) goes on keeping what it made of them.
    """
    source = context.mapping.source
    for staged in context.staging.scan(context.tenant, source, deleted=True):
        links = _links(context, staged)
        loaded = {link.origin.key for link in links if link.state is LinkState.LIVE}
        targets, _, _ = context.transformed([s for s in staged if s.record.key in loaded])
        yield from sorted(loaded - {target.origin.key for target in targets})


def remove_deleted(context: PhaseContext, keys: Sequence[str], policy: Policy) -> None:
    """Do what is decided about these records, or go on with it."""
    if context.record.state is not PhaseState.LOADING:
        return
    source, wanted = context.mapping.source, frozenset(keys)
    position = context.record.position
    for page in context.staging.scan(context.tenant, source, position, STRETCH, deleted=True):
        staged = [s for s in page if s.record.key in wanted]
        if staged:
            write_chunk(context, _chunk(context, staged, policy), staged[-1].n)
            context.on_progress(len(staged))
    context.ledger.runs.set_phase_state(context.record, PhaseState.LOADED)


def settle_removal_doubt(context: PhaseContext) -> None:
    """End what a killed process left in doubt: what is gone is booked, the rest is sent again."""
    doubtful = [e for e in context.ledger.journal.in_doubt(context.run) if e.phase == context.record.n]
    there = context.observed([e.link.target_id for e in doubtful])
    waiting = []
    for entry in doubtful:
        if is_removed(entry.action, there.get(entry.link.target_id)):
            confirm(context, [entry], [Receipt(entry.link.origin, Outcome.UPDATED, entry.link.target_id)])
        else:
            waiting.append(entry)
    send(context, waiting, [_target(entry.link, entry.action) for entry in waiting])


def settle_removal(context: PhaseContext, page_size: int, allowance: float = 0.0) -> Settlement:
    """Look whether everything that was taken away is gone; name what is still there."""
    settlement, ledger = Settlement(), context.ledger
    ledger.findings.clear(context.run, context.record)
    for entries in ledger.journal.done(context.run, context.record, page_size):
        removed = [e for e in entries if e.action in REMOVALS]
        there = context.observed([e.link.target_id for e in removed])
        left = [e for e in removed if not is_removed(e.action, there.get(e.link.target_id))]
        settlement.checked += len(removed)
        settlement.failing += len(left)
        found = [_finding(e.link, FindingKind.DIFFERS, "it was to be taken away") for e in left]
        ledger.findings.add(context.run, found, context.record)
    for line_page in _pages(ledger.books.lines(context.record, Outcome.SKIPPED)):
        kept = context.ledger.links.of_keys(
            context.tenant, context.mapping.source, context.schema.name, [line.key for line in line_page]
        )
        live = [link for link in kept if link.state is LinkState.LIVE]
        found = [_finding(link, FindingKind.DELETED_AT_SOURCE, "it is still there") for link in live]
        ledger.findings.add(context.run, found, context.record)
        settlement.kinds.update(f.kind for f in found)
    if settlement.passes(allowance):
        ledger.runs.set_phase_state(context.record, PhaseState.SETTLED)
    return settlement


def _chunk(context: PhaseContext, staged: Sequence[StagedRecord], policy: Policy) -> Chunk:
    chunk = Chunk()
    links = _links(context, staged)
    there = context.observed([link.target_id for link in links])
    for link in links:
        _place(context, link, there.get(link.target_id), policy, chunk)
    return chunk


def _place(
    context: PhaseContext, link: Link, observed: Observation | None, policy: Policy, chunk: Chunk
) -> None:
    """What becomes of one record whose source record is gone."""
    origin, action = link.origin, policy.action
    if link.state is not LinkState.LIVE:
        chunk.skip(origin, f"{DELETED}; nothing is left to do")  # noted before the process was killed
    elif observed is None or observed.trashed:
        context.ledger.links.set_state([link], LinkState.DELETED_THERE)
        chunk.skip(origin, "deleted on both sides")
    elif action is None:
        chunk.skip(origin, f"{DELETED}; it is reported and stays, as decided")
    elif link.made_by is None:
        chunk.skip(origin, f"{DELETED}; {link.target_id} was there before and stays")
    else:
        _take_away(context, link, observed, action, chunk)


def _take_away(
    context: PhaseContext, link: Link, observed: Observation, action: Action, chunk: Chunk
) -> None:
    """Intend to take a record away, unless people edited it."""
    origin, edited = link.origin, edited_since(observed, link, context.schema)
    decision = context.decisions.get((CONFLICTS, origin.key), "") if edited else "source"
    if decision == "destination":
        context.ledger.links.set_state([link], LinkState.DELETED_AT_SOURCE)
        chunk.skip(origin, "decided: what people edited there stays, and is theirs")
    elif decision != "source":
        chunk.hold(origin, CONFLICTS, f"{DELETED}, and edited there since: {', '.join(edited)}")
    else:
        chunk.intents.append(Intent(_target(link, action), link.hash or "", link, observed.image))


def edited_since(observed: Observation, link: Link, schema: ObjectSchema) -> list[str]:
    """Fields that people changed or filled in since the record was loaded."""
    base, own = link.base or {}, observed.external_id
    filled = [
        field.name
        for field in schema.fields
        if field.name not in base
        and not (field.read_only or field.filled or field.default is not None)
        and not is_empty(value := observed.values.get(field.name))
        and value != own  # the external id is the project's own
    ]
    return [*edited_fields(observed, base, schema), *filled]


def _target(link: Link, action: Action) -> TargetRecord:
    return TargetRecord(
        link.target_object, link.origin, link.target_id, "", {}, action, notes=(_NOTES[action],)
    )


def _links(context: PhaseContext, staged: Sequence[StagedRecord]) -> list[Link]:
    keys = [s.record.key for s in staged if s.record.deleted]
    found = context.ledger.links.of_keys(context.tenant, context.mapping.source, context.schema.name, keys)
    return [link for link in found if link.state in _THERE_ONCE]


def _finding(link: Link, kind: FindingKind, note: str) -> Finding:
    return Finding(kind, link.target_object, link.target_id, link.origin, note=note)


def _pages(lines: Sequence[BookLine]) -> Iterator[Sequence[BookLine]]:
    for start in range(0, len(lines), STRETCH):
        yield lines[start : start + STRETCH]


__all__ = ["DELETED", "deleted_keys", "remove_deleted", "settle_removal", "settle_removal_doubt"]
