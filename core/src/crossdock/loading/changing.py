"""What becomes of a record that was loaded before and changed at the source: merged three ways."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crossdock.compare import same
from crossdock.equality import completed, is_empty
from crossdock.ids import external_id
from crossdock.ledger import Intent, Link, LinkState
from crossdock.loading.chunk import Chunk
from crossdock.loading.context import PhaseContext
from crossdock.loading.merging import merge_changes, onto_existing
from crossdock.model import Action, Observation, TargetRecord
from crossdock.queues import CONFLICTS


def bring_change(
    context: PhaseContext,
    target: TargetRecord,
    link: Link,
    new_hash: str,
    observed: Observation | None,
    chunk: Chunk,
) -> None:
    """Put what the source changed into the chunk; what people changed stays, what both changed is held.

    `new_hash` is that of all that the record is to hold, also where `target` is only a part of it.
    """
    if observed is None or observed.trashed:
        context.ledger.links.set_state([link], LinkState.DELETED_THERE)
        chunk.skip(target.origin, "deleted there since; it is never made again")
        return
    if stays(context, link):
        chunk.unchanged(target, link, new_hash)
        return
    base = link.base or {}
    whole = onto_existing(target.values, link, base)
    target = replace(target, values=_own(context, whole, link))
    merge = merge_changes(target, observed, base, context.schema)
    if more := agreed(context, replace(target, values=whole), link, observed):
        link = replace(link, base={**base, **more})
        chunk.agreed.append((link, dict(link.base or {})))
    decision = context.decisions.get((CONFLICTS, target.origin.key), "")
    if merge.conflicts and decision not in ("source", "destination"):
        chunk.hold(target.origin, CONFLICTS, f"changed on both sides: {', '.join(merge.conflicts)}")
        return
    write = dict(merge.write)
    if decision == "source":
        write |= {name: target.values[name] for name in merge.conflicts}
    elif merge.conflicts:
        link = _conceded(target, link, merge.conflicts, chunk)
    if merge.conflicts and not write:
        chunk.skip(target.origin, "decided: what people wrote there stays")
        chunk.rehashed.append((link, new_hash))
        return
    if not write and not target.deferred:
        chunk.unchanged(target, link, new_hash)
        return
    update = replace(target, target_id=link.target_id, values=write, action=Action.UPDATE)
    intent = Intent(update, new_hash, link, observed.image)
    # Where nothing is left to write but what the second pass writes, it needs an entry to go on from.
    (chunk.intents if write else chunk.found_only).append(intent)


def _own(context: PhaseContext, values: Mapping[str, Any], link: Link) -> dict[str, Any]:
    """Without what the source leaves empty and never wrote: in a record that was there before it stays."""
    empty = {name for name, value in values.items() if link.made_by is None and is_empty(value)}
    if not empty.isdisjoint(link.base or {}):
        wrote = context.ledger.links.as_written([link])[0].base or {}
        empty = {name for name in empty if name not in wrote}
    return {name: value for name, value in values.items() if name not in empty}


def agreed(context: PhaseContext, target: TargetRecord, link: Link, observed: Observation) -> dict[str, Any]:
    """By field what is there in a record that was there before, and is no change of either side.

    That the project wrote nothing does not make it nobody's: people may change it later. A record that was
    merged into what another one became agrees on nothing.
    """
    own = external_id(context.ids.project, target.origin)
    if link.made_by is not None or stays(context, link) or observed.external_id not in ("", own):
        return {}
    found = {}
    for name, value in target.values.items():
        field, actual = context.schema.field(name), observed.values.get(name)
        if field is None or name in (link.base or {}):
            continue
        if is_empty(value) or same(completed(value, actual), actual, field):
            found[name] = actual
    return found


def stays(context: PhaseContext, link: Link) -> bool:
    """Whether what is there was there before, and stays as it is."""
    return link.made_by is None and context.mapping.existing == "keep"


def _conceded(target: TargetRecord, link: Link, fields: Sequence[str], chunk: Chunk) -> Link:
    """People keep these fields: the source's values count as known, and their next change is news."""
    base = {**(link.base or {}), **{name: target.values[name] for name in fields}}
    chunk.agreed.append((link, base))
    return replace(link, base=base)
