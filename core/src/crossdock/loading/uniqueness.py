"""Why a record that a person wanted loaded as one of its own was refused: its value is taken there."""

from collections.abc import Sequence
from dataclasses import replace

from crossdock.loading.context import PhaseContext
from crossdock.loading.matching import find_existing, match_value
from crossdock.model import Action, Outcome, Receipt, TargetRecord
from crossdock.queues import DUPLICATES, TAKEN


def explained(
    context: PhaseContext, targets: Sequence[TargetRecord], receipts: Sequence[Receipt]
) -> list[Receipt]:
    """The receipts, in their order; those of refused duplicates say which field may hold a value only once.

    Looks the match keys of these up at the destination, and asks nothing if there are none.
    """
    refused = [
        target
        for target, receipt in zip(targets, receipts, strict=True)
        if receipt.outcome is Outcome.REJECTED
        and target.action is Action.CREATE
        and context.decisions.get((DUPLICATES, target.origin.key)) == "load"
    ]
    taken = _taken(context, refused) if refused else {}
    return [
        replace(receipt, reasons=(*receipt.reasons, taken[target.target_id]))
        if target.target_id in taken
        else receipt
        for target, receipt in zip(targets, receipts, strict=True)
    ]


def _taken(context: PhaseContext, refused: Sequence[TargetRecord]) -> dict[str, str]:
    """By target id which unique fields are taken, and what to decide instead."""
    schema, reasons = context.schema, {}
    names = dict.fromkeys(name for key in context.mapping.match for name in key)
    unique = [name for name in names if (field := schema.field(name)) is not None and field.unique]
    filled = {t.target_id: [n for n in unique if match_value(t, (n,), schema)] for t in refused}
    found = find_existing(context, [t for t in refused if filled[t.target_id]])
    for target_id, hits in found.items():
        others = ", ".join(hit.id for hit in hits if hit.id != target_id)
        if others:
            fields = ", ".join(filled[target_id])
            reasons[target_id] = (
                f"{fields} is unique at the destination, and {others} holds the same value there: {TAKEN}"
            )
    return reasons
