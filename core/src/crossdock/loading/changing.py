"""What becomes of a record that was loaded before and changed at the source: merged three ways."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crossdock.equality import is_empty
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
    target = replace(target, values=_own(onto_existing(target.values, link, base), link, base))
    merge = merge_changes(target, observed, base, context.schema)
    decision = context.decisions.get((CONFLICTS, target.origin.key), "")
    if merge.conflicts and decision not in ("source", "destination"):
        chunk.hold(target.origin, CONFLICTS, f"changed on both sides: {', '.join(merge.conflicts)}")
        return
    write = dict(merge.write)
    if decision == "source":
        write |= {name: target.values[name] for name in merge.conflicts}
    elif merge.conflicts:
        link = _conceded(context, target, link, merge.conflicts)
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


def _own(values: Mapping[str, Any], link: Link, base: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the source leaves empty and never wrote: in a record that was there before it stays."""
    return {
        name: value
        for name, value in values.items()
        if link.made_by is not None or name in base or not is_empty(value)
    }


def stays(context: PhaseContext, link: Link) -> bool:
    """Whether what is there was there before, and stays as it is."""
    return link.made_by is None and context.mapping.existing == "keep"


def _conceded(context: PhaseContext, target: TargetRecord, link: Link, fields: Sequence[str]) -> Link:
    """People keep these fields: the source's values count as known, and their next change is news."""
    base = {**(link.base or {}), **{name: target.values[name] for name in fields}}
    context.ledger.links.set_bases([(link, base)])
    return replace(link, base=base)
