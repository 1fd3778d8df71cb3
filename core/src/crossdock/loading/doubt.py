"""After a crash: entries whose request may or may not have happened are looked up, then ended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from crossdock.compare import has_arrived
from crossdock.ledger import Entry
from crossdock.loading.context import PhaseContext
from crossdock.loading.merging import onto_existing
from crossdock.loading.phase import confirm, send
from crossdock.model import Action, Observation, Outcome, Receipt, TargetRecord

_log = structlog.get_logger(__name__)


def settle_doubt(context: PhaseContext) -> int:
    """End every entry of this phase that is in doubt; gives how many there were.

    What has arrived is booked: a create that is there, an update whose values are there. The rest is
    sent again; an update that is sent twice would leave its traces twice.
    """
    doubtful = [e for e in context.ledger.journal.in_doubt(context.run) if e.phase == context.record.n]
    if not doubtful:
        return 0
    _log.info("looking up what was in doubt", object=context.schema.name, entries=len(doubtful))
    there = context.observed([e.link.target_id for e in doubtful])
    arrived = [e for e in doubtful if e.action is Action.CREATE and e.link.target_id in there]
    if arrived:
        receipts = [Receipt(e.link.origin, Outcome.CREATED, e.link.target_id) for e in arrived]
        confirm(context, arrived, receipts)
    booked = {e.n for e in arrived}
    _settle_rest(context, [e for e in doubtful if e.n not in booked], there)
    return len(doubtful)


def _settle_rest(context: PhaseContext, entries: Sequence[Entry], there: Mapping[str, Observation]) -> None:
    targets = context.targets_of_keys([e.link.origin.key for e in entries])
    lost, ready, records = [], [], []
    for entry in entries:
        target = targets.get((entry.link.origin.key, entry.link.origin.part))
        if target is None:
            lost.append(entry)
            continue
        if not entry.fields and entry.action is Action.UPDATE:
            confirm(context, [entry], [Receipt(entry.link.origin, Outcome.UNCHANGED, entry.link.target_id)])
            continue
        observation = there.get(entry.link.target_id)
        sent = _as_sent(entry, target, observation)
        if entry.action is not Action.CREATE and has_arrived(sent, observation, context.schema):
            confirm(context, [entry], [Receipt(entry.link.origin, Outcome.UPDATED, entry.link.target_id)])
        else:
            ready.append(entry)
            records.append(sent)
    if lost:
        reason = "it was interrupted before it was sent, and the staged record is gone since"
        confirm(context, lost, [Receipt(e.link.origin, Outcome.FAILED, "", (reason,)) for e in lost])
    context.sender.doubt(record.target_id for record in records)  # the request may be under way still
    send(context, ready, records)


def _as_sent(entry: Entry, target: TargetRecord, observation: Observation | None) -> TargetRecord:
    values = {name: target.values[name] for name in entry.fields if name in target.values}
    if observation is not None:
        values = onto_existing(values, entry.link, observation.values)
    return replace(target, target_id=entry.link.target_id, values=values, action=entry.action)
