"""What records that go hold of records of a later route that go too: let go of before either is taken away.

Such references were written in a second pass, as the routes refer to each other (a record and its files).
What is loaded later is taken away earlier, and a destination takes nothing away that is referred to. So the
second pass is undone first: an update like any other, with its before-image, that a rollback writes back.
Only where both records go: one that stays keeps its references.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.ledger import BookLine, Entry, Intent, Link, LinkState, PhaseState
from crossdock.loading.chunk import Chunk
from crossdock.loading.context import PhaseContext
from crossdock.loading.phase import STRETCH, confirm, send, write_chunk
from crossdock.loading.removal import DELETED, deleted_keys, links_of, removable
from crossdock.model import Action, Observation, Outcome, Receipt, TargetRecord

_NOTE = f"{DELETED}: lets go of what is taken away before it"


def held_fields(
    first: PhaseContext, deferred: Sequence[str], later: Sequence[PhaseContext]
) -> tuple[str, ...]:
    """The fields of the second pass that may lead to records of these later routes."""
    names = {context.schema.name for context in later}
    fields = filter(None, map(first.schema.field, deferred))
    return tuple(f.name for f in fields if f.type is FieldType.REFERENCE and names & set(f.references))


def bonds(
    first: PhaseContext, fields: Sequence[str], later: Sequence[PhaseContext]
) -> tuple[list[str], frozenset[str]]:
    """Keys of the records of a route that go, and the target ids of later routes' that they hold and that
    go too. `fields` as `held_fields` gives them; the deleted records of all these routes are destroyed."""
    holders = [link for link in _made(first) if _held(link, fields)]
    wanted = {target for link in holders for target in _held(link, fields)}
    gone: set[str] = set()
    for context in later if wanted else ():
        links = [link for link in _made(context) if link.target_id in wanted - gone]
        gone.update(link.target_id for link in removable(context, links))
    letting_go = removable(first, [link for link in holders if _held(link, fields) & gone])
    return list(dict.fromkeys(link.origin.key for link in letting_go)), frozenset(gone)


def release(context: PhaseContext, keys: Sequence[str], fields: Sequence[str], gone: Collection[str]) -> None:
    """Empty these fields of what is gone soon, or go on with it. The position counts keys."""
    if context.record.state is not PhaseState.LOADING:
        return
    for start in range(context.record.position, len(keys), STRETCH):
        some = keys[start : start + STRETCH]
        write_chunk(context, _chunk(context, some, fields, gone), start + len(some))
        context.on_progress(len(some))
    context.ledger.runs.set_phase_state(context.record, PhaseState.LOADED)


def settle_release_doubt(context: PhaseContext, gone: Collection[str]) -> None:
    """End what a killed process left in doubt: what was let go of is booked, the rest is sent again."""
    doubtful = [e for e in context.ledger.journal.in_doubt(context.run) if e.phase == context.record.n]
    there = context.observed([e.link.target_id for e in doubtful])
    waiting: list[tuple[Entry, TargetRecord]] = []
    for entry in doubtful:
        observed = there.get(entry.link.target_id)
        if observed is not None and _targets(observed.values, entry.fields) & set(gone):
            waiting.append((entry, _target(entry.link, observed, entry.fields, gone)))
        else:
            confirm(context, [entry], [Receipt(entry.link.origin, Outcome.UPDATED, entry.link.target_id)])
    send(context, [entry for entry, _ in waiting], [target for _, target in waiting])


def _chunk(context: PhaseContext, keys: Sequence[str], fields: Sequence[str], gone: Collection[str]) -> Chunk:
    chunk = Chunk()
    links = removable(context, links_of(context, keys))
    there = context.observed([link.target_id for link in links])
    for link in links:
        observed = there.get(link.target_id)
        held = [name for name in fields if _held(link, (name,)) & set(gone)]
        if observed is not None and held:
            target = _target(link, observed, held, gone)
            chunk.intents.append(Intent(target, link.hash or "", link, observed.image))
    sent = {intent.target.origin.key for intent in chunk.intents}
    rule = f"{DELETED}; it holds nothing any more that goes before it"
    chunk.lines += [BookLine(key, Outcome.SKIPPED, (rule,)) for key in keys if key not in sent]
    return chunk


def _target(link: Link, observed: Observation, fields: Sequence[str], gone: Collection[str]) -> TargetRecord:
    """An update of the record as it is there: these fields without what is gone soon."""
    values: dict[str, Any] = {}
    for name in fields:
        held = observed.values.get(name)
        left = tuple(t for t in held if t not in gone) if isinstance(held, tuple) else ()
        values[name] = left or None
    target = TargetRecord(link.target_object, link.origin, link.target_id, observed.external_id, values)
    return replace(target, action=Action.UPDATE, notes=(_NOTE,))


def _made(context: PhaseContext) -> Iterator[Link]:
    """Links to what this project made of records of a route that are not at the source any more."""
    keys = list(deleted_keys(context))
    for start in range(0, len(keys), STRETCH):
        links = links_of(context, keys[start : start + STRETCH])
        yield from (x for x in links if x.state is LinkState.LIVE and x.made_by is not None)


def _held(link: Link, fields: Sequence[str]) -> set[str]:
    return _targets(link.base or {}, fields)


def _targets(values: Mapping[str, Any], fields: Sequence[str]) -> set[str]:
    found = [values.get(name) for name in fields]
    several = [value if isinstance(value, tuple) else (value,) for value in found]
    return {target for some in several for target in some if isinstance(target, str)}


__all__ = ["bonds", "held_fields", "release", "settle_release_doubt"]
