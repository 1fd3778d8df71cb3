"""Records that a person wants merged into what another source record became.

The other record leads: its empty fields are filled, what it has stays. So does what it has later, when the
merged one changes at the source.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from crossdock.equality import is_empty
from crossdock.ledger import Intent, Link, LinkState
from crossdock.loading.chunk import Chunk
from crossdock.loading.context import PhaseContext
from crossdock.loading.duplicates import SharedKeys, live_links
from crossdock.loading.merging import fill_existing
from crossdock.model import Action, Observation, Origin, TargetRecord
from crossdock.queues import DUPLICATES
from crossdock.serial import content_hash
from crossdock.staging import StagedRecord

MERGED = "merged into"
"""How the note of a record begins that went into another one."""


def follow(context: PhaseContext, shared: SharedKeys, staged: Sequence[StagedRecord]) -> Chunk:
    """What becomes of records that are to be merged into others; these are loaded by now."""
    chunk = Chunk()
    targets, _, _ = context.transformed(staged)
    source = (context.tenant, context.mapping.source, context.schema.name)
    links = {
        link.origin: link for link in context.ledger.links.of_keys(*source, [t.origin.key for t in targets])
    }
    fresh = [t for t in targets if not _is_known(links.get(t.origin))]
    leaders = {origin: leader for origin, leader in shared.leaders(fresh).items() if leader != origin}
    became = _became(context, leaders.values())
    for target in fresh:
        leader = leaders.get(target.origin)
        if leader is None:
            continue
        if hit := became.get(leader):
            join(target, hit, links.get(target.origin), context, chunk)
        else:
            chunk.hold(target.origin, DUPLICATES, f"{leader}, which it is to be merged into, is not there")
    return chunk


def join(
    target: TargetRecord, hit: Observation, link: Link | None, context: PhaseContext, chunk: Chunk
) -> None:
    """Merge a record into what another one became."""
    differing = fill_existing(target, hit, context.schema)
    allowed = to_write(context, target, hit)
    write = {name: value for name, value in allowed.items() if is_empty(hit.values.get(name))}
    left = [name for name in differing if name not in write]
    left += target.deferred  # what leads to records that are loaded later is not worth a second pass here
    said = f"{MERGED} {hit.id}" + (f", which keeps its own {', '.join(left)}" if left else "")
    update = replace(
        target,
        target_id=hit.id,
        external_id=hit.external_id,  # it stays what the other record became
        values=write,
        action=Action.UPDATE,
        deferred=(),
        notes=(*target.notes, said),
    )
    intent = Intent(update, content_hash(target.values), link, hit.image)
    (chunk.intents if write else chunk.found_only).append(intent)


def leaves(context: PhaseContext) -> bool:
    """Whether nothing is written into a record that was there before."""
    return context.schema.match_only or context.mapping.existing == "keep"


def to_write(context: PhaseContext, target: TargetRecord, hit: Observation) -> dict[str, Any]:
    """What is to be written into a record that was there before."""
    return {} if leaves(context) else fill_existing(target, hit, context.schema)


def to_wait(context: PhaseContext, target: TargetRecord) -> tuple[str, ...]:
    """What a second pass writes into a record that was there before."""
    return () if leaves(context) else target.deferred


def of_another(hit: Observation, target: TargetRecord) -> bool:
    """Whether the record there was made from another source record."""
    return bool(hit.external_id) and hit.external_id != target.external_id


def kept_of_another_tenant(
    context: PhaseContext, target: TargetRecord, hit: Observation, taken: Origin | None
) -> bool:
    """Whether another tenant's record became what is there, and the route leaves what is there as it is:
    then it is this record too, and nobody is asked. `taken`: who stands for it, if it was there before."""
    if context.mapping.existing != "keep" or hit.trashed:
        return False
    if taken is not None and taken.tenant == target.origin.tenant:
        return False
    if not of_another(hit, target):
        return taken is not None
    ours = f"{context.ids.project}:"
    own = f"{ours}{target.origin.tenant}/"
    return hit.external_id.startswith(ours) and not hit.external_id.startswith(own)


def left_to_leader(target: TargetRecord, link: Link, observed: Observation | None) -> TargetRecord:
    """Of a record that was merged into another one only what it filled there, or still can.

    Any other record as it is.
    """
    if link.made_by is not None or observed is None or not of_another(observed, target):
        return target
    filled = link.base or {}
    values = {
        name: value
        for name, value in target.values.items()
        if name in filled or is_empty(observed.values.get(name))
    }
    return replace(target, values=values, external_id=observed.external_id)


def _is_known(link: Link | None) -> bool:
    return link is not None and link.state not in (LinkState.REFUSED, LinkState.UNDONE)


def _became(context: PhaseContext, origins: Iterable[Origin]) -> dict[Origin, Observation]:
    """By source record of any tenant its live target record; those without one are absent."""
    links = live_links(context.ledger, origins, context.schema.name)
    there = context.observed([link.target_id for link in links.values()])
    ids = {origin: link.target_id for origin, link in links.items()}
    return {origin: there[i] for origin, i in ids.items() if i in there and not there[i].trashed}
