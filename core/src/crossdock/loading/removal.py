"""The phase that deals with what was deleted at the source: after all others, last route first.

That is records, and single links of records that are still there (a route with `for_each`).

What refers to a record is taken away before it, also within a route, and records that refer to each other
go in one request; nothing moves away from a record afterwards. What records of two routes hold of each other
was let go of before (`release`). Every record is an intent with its before-image first, like any other write.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from crossdock.compare import edited_fields
from crossdock.equality import is_blank
from crossdock.ledger import BookLine, Intent, Link, LinkState, PhaseState
from crossdock.loading.chunk import Chunk
from crossdock.loading.context import PhaseContext
from crossdock.loading.phase import STRETCH, confirm, send, write_chunk
from crossdock.loading.removalorder import circles, references_of, stretches
from crossdock.loading.settlement import Settlement
from crossdock.loading.shared import Shared
from crossdock.mapping import ObjectMapping
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
from crossdock.queues import CONFLICTS
from crossdock.sending import is_removed
from crossdock.staging import StagedRecord
from crossdock.vanished import vanished

DELETED = "deleted at the source"
_NOTES = {Action.TRASH: f"{DELETED}: put into the trash", Action.DESTROY: f"{DELETED}: destroyed"}

_DEALT_WITH = (LinkState.DELETED_THERE, LinkState.DELETED_AT_SOURCE, LinkState.DESTROYED)
_THERE_ONCE = (LinkState.LIVE, *_DEALT_WITH)


def deleted_keys(context: PhaseContext, routes: Sequence[ObjectMapping] = ()) -> Iterator[str]:
    """Keys of the records of a route (of `routes`, all of its pair of objects) that are there, and not at the
    source any more.

    A route that takes deleted records too (its `where` says so) goes on keeping what it made of them.
    """
    source = context.mapping.source
    for staged in context.staging.scan(context.tenant, source, deleted=True):
        links = _links(context, staged)
        loaded = {link.origin.key for link in links if link.state is LinkState.LIVE}
        known = [s.record for s in staged if s.record.key in loaded]
        context.ids.prefetch(known)
        outcomes = [o for r in routes or (context.mapping,) for o in context.transform(known, r, context.ids)]
        kept = {outcome.origin.key for outcome in outcomes if isinstance(outcome, TargetRecord)}
        yield from sorted(loaded - kept)


def vanished_keys(context: PhaseContext, routes: Sequence[ObjectMapping]) -> list[str]:
    """Keys of the records that are still at the source and gave several target records of which some are
    there, and are not at the source any more. `routes`: all from that source object to that target object.

    A record that a rule leaves out by now is none of them: the rule may have changed, not the source.
    """
    if not any(route.for_each for route in routes):
        return []
    found: dict[str, None] = {}
    source = context.mapping.source
    for links in context.ledger.links.scan(context.tenant, source, context.schema.name, size=STRETCH):
        parts = [link for link in links if link.origin.part]
        staged = context.staging.get(context.tenant, source, dict.fromkeys(x.origin.key for x in parts))
        gone = _vanished(context, parts, staged.values(), routes)
        found.update(dict.fromkeys(link.origin.key for link in gone))
    return list(found)


def remove_deleted(
    context: PhaseContext, keys: Sequence[str], action: Action | None, routes: Sequence[ObjectMapping] = ()
) -> None:
    """Do what is decided about these records and links, or go on with it. `routes` as in `vanished_keys`;
    without an `action` they are only reported.

    The position of the phase counts the source records that were dealt with, in the order of removal.
    """
    if context.record.state is not PhaseState.LOADING:
        return
    position = context.record.position
    for staged in _in_stretches(context, keys):
        position += len(staged)
        write_chunk(context, _chunk(context, staged, action, routes), position)
        context.on_progress(len(staged))
    context.ledger.runs.set_phase_state(context.record, PhaseState.LOADED)


def _in_stretches(context: PhaseContext, keys: Sequence[str]) -> Iterator[list[StagedRecord]]:
    """The staged records of these keys that the phase has not dealt with, in the order of removal.

    That order comes from staging and the ledger, so it is the same when a killed process is started again.
    """
    source = context.mapping.source
    places = context.staging.places(context.tenant, source, keys, sys.maxsize)
    parts = list(circles(_references(context, sorted(places, key=lambda key: places[key]))))
    ends, done = accumulate(map(len, parts)), context.record.position
    left = [part for part, end in zip(parts, ends, strict=True) if end > done]
    for some in stretches(left, min(STRETCH, context.sender.batch_size)):
        staged = context.staging.get(context.tenant, source, some)
        yield [staged[key] for key in some]


def _references(context: PhaseContext, keys: Sequence[str]) -> dict[str, set[str]]:
    """By source key the others of these keys whose records its own ones refer to at the destination."""
    key_of: dict[str, str] = {}
    targets: dict[str, set[str]] = {key: set() for key in keys}
    for start in range(0, len(keys), STRETCH):
        for link in links_of(context, keys[start : start + STRETCH]):
            key_of[link.target_id] = link.origin.key
            targets[link.origin.key].update(references_of(link, context.schema))
    return {key: {key_of[i] for i in sorted(ids) if i in key_of} for key, ids in targets.items()}


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
        named = {(line.key, line.part) for line in line_page}
        live = [x for x in kept if x.state is LinkState.LIVE and (x.origin.key, x.origin.part) in named]
        found = [_finding(link, FindingKind.DELETED_AT_SOURCE, "it is still there") for link in live]
        ledger.findings.add(context.run, found, context.record)
    if settlement.passes(allowance):
        ledger.runs.set_phase_state(context.record, PhaseState.SETTLED)
    return settlement


def _chunk(
    context: PhaseContext,
    staged: Sequence[StagedRecord],
    action: Action | None,
    routes: Sequence[ObjectMapping],
) -> Chunk:
    chunk = Chunk()
    links = [*_links(context, staged), *_vanished(context, _parts(context, staged), staged, routes)]
    there = context.observed([link.target_id for link in links])
    order = {s.record.key: n for n, s in enumerate(staged)}
    shared, taken = Shared(context, links), set[str]()
    for link in sorted(links, key=lambda link: order[link.origin.key]):
        if link.state is LinkState.LIVE and link.target_id in taken:
            context.ledger.links.set_state([link], LinkState.DELETED_AT_SOURCE)
            chunk.skip(link.origin, f"{DELETED}; it goes with the record that it became")
            continue
        _place(context, link, there.get(link.target_id), action, chunk, shared)
        taken.update(intent.target.target_id for intent in chunk.intents[-1:])  # this one, if it goes
    return chunk


def _place(
    context: PhaseContext,
    link: Link,
    observed: Observation | None,
    action: Action | None,
    chunk: Chunk,
    shared: Shared,
) -> None:
    """What becomes of one record whose source record is gone."""
    origin = link.origin
    if link.state is not LinkState.LIVE:
        chunk.skip(origin, f"{DELETED}; nothing is left to do")  # noted before the process was killed
    elif observed is None or observed.trashed:
        context.ledger.links.set_state([link], LinkState.DELETED_THERE)
        chunk.skip(origin, "deleted on both sides")
    elif action is None:
        chunk.skip(origin, f"{DELETED}; it is reported and stays, as decided")
    elif (other := shared.staying(link)) is not None:
        context.ledger.links.set_state([link], LinkState.DELETED_AT_SOURCE)
        chunk.skip(origin, f"{DELETED}; {other.origin} became the same record, which stays")
    elif (made := shared.made(link)) is None:
        chunk.skip(origin, f"{DELETED}; {link.target_id} was there before and stays")
    else:
        _take_away(context, made, observed, action, chunk)


def removable(context: PhaseContext, links: Sequence[Link]) -> list[Link]:
    """Those of the links whose records are there, made by this project, and not kept for people's edits."""
    found: list[Link] = []
    shared = Shared(context, links)
    for start in range(0, len(links), STRETCH):
        some = [x for x in links[start : start + STRETCH] if x.state is LinkState.LIVE and x.made_by]
        some = [x for x in some if shared.staying(x) is None]
        there = context.observed([link.target_id for link in some])
        known = [(link, there[link.target_id]) for link in some if link.target_id in there]
        found += [x for x, o in known if not o.trashed and _decision(context, x, o)[0] == "source"]
    return found


def _decision(context: PhaseContext, link: Link, observed: Observation) -> tuple[str, list[str]]:
    """Who has the last word about a record ("" as long as nobody said), and what people edited in it."""
    edited = edited_since(observed, link, context.schema)
    said = context.decisions.get((CONFLICTS, link.origin.key), "") if edited else "source"
    return said, edited


def _take_away(
    context: PhaseContext, link: Link, observed: Observation, action: Action, chunk: Chunk
) -> None:
    """Intend to take a record away, unless people edited it."""
    origin, (decision, edited) = link.origin, _decision(context, link, observed)
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
        and not is_blank(value := observed.values.get(field.name), field)
        and value != own  # the external id is the project's own
    ]
    return [*edited_fields(observed, base, schema), *filled]


def _target(link: Link, action: Action) -> TargetRecord:
    return TargetRecord(
        link.target_object, link.origin, link.target_id, "", {}, action, notes=(_NOTES[action],)
    )


def _links(context: PhaseContext, staged: Sequence[StagedRecord]) -> list[Link]:
    found = links_of(context, [s.record.key for s in staged if s.record.deleted])
    return [link for link in found if link.state in _THERE_ONCE]


def _parts(context: PhaseContext, staged: Sequence[StagedRecord]) -> list[Link]:
    """The links of records that are still at the source and gave several target records."""
    found = links_of(context, [s.record.key for s in staged if not s.record.deleted])
    return [link for link in found if link.origin.part and link.state in _THERE_ONCE]


def links_of(context: PhaseContext, keys: Sequence[str]) -> list[Link]:
    """The links of these source records, of every part and in every state."""
    return context.ledger.links.of_keys(context.tenant, context.mapping.source, context.schema.name, keys)


def _vanished(
    context: PhaseContext,
    links: Sequence[Link],
    staged: Iterable[StagedRecord],
    routes: Sequence[ObjectMapping],
) -> list[Link]:
    """Those of the links that the source no longer gives, though their records are still there."""
    records = {s.record.key: s.record for s in staged if not s.record.deleted}
    known = [link for link in links if link.origin.key in records]
    if not known:
        return []
    there = [records[key] for key in dict.fromkeys(link.origin.key for link in known)]
    context.ids.prefetch(there)
    outcomes = [o for route in routes for o in context.transform(there, route, context.ids)]
    return vanished(known, outcomes)


def _finding(link: Link, kind: FindingKind, note: str) -> Finding:
    return Finding(kind, link.target_object, link.target_id, link.origin, note=note)


def _pages(lines: Sequence[BookLine]) -> Iterator[Sequence[BookLine]]:
    for start in range(0, len(lines), STRETCH):
        yield lines[start : start + STRETCH]


__all__ = [
    "DELETED",
    "deleted_keys",
    "links_of",
    "removable",
    "remove_deleted",
    "settle_removal",
    "settle_removal_doubt",
    "vanished_keys",
]
