"""Records that a person wants merged into what another source record became.

The other record leads: its empty fields are filled, what it has stays. So does what it has later, when the
merged one changes at the source.
"""

from collections.abc import Sequence
from dataclasses import replace

from crossdock.equality import is_empty
from crossdock.ledger import Intent, Link, LinkState
from crossdock.loading.chunk import DUPLICATES, Chunk
from crossdock.loading.context import PhaseContext
from crossdock.loading.duplicates import SharedKeys
from crossdock.loading.merging import fill_existing
from crossdock.model import Action, ObjectSchema, Observation, Origin, TargetRecord
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
    for target in targets:
        leader, link = shared.leader(target), links.get(target.origin)
        known = link is not None and link.state not in (LinkState.REFUSED, LinkState.UNDONE)
        if leader is None or leader == target.origin or known:
            continue
        hit = _became(context, leader)
        if hit is None:
            chunk.hold(target.origin, DUPLICATES, f"{leader}, which it is to be merged into, is not there")
        else:
            join(target, hit, link, context.schema, chunk)
    return chunk


def join(
    target: TargetRecord, hit: Observation, link: Link | None, schema: ObjectSchema, chunk: Chunk
) -> None:
    """Merge a record into what another one became."""
    differing = fill_existing(target, hit, schema)
    write = {name: value for name, value in differing.items() if is_empty(hit.values.get(name))}
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


def of_another(hit: Observation, target: TargetRecord) -> bool:
    """Whether the record there was made from another source record."""
    return bool(hit.external_id) and hit.external_id != target.external_id


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


def _became(context: PhaseContext, origin: Origin) -> Observation | None:
    """The live target record of a source record of any tenant."""
    links = context.ledger.links.of_keys(origin.tenant, origin.object_name, context.schema.name, [origin.key])
    ids = [link.target_id for link in links if link.origin == origin and link.state is LinkState.LIVE]
    found = next(iter(context.observed(ids).values()), None)
    return None if found is None or found.trashed else found
