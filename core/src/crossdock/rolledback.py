"""What the ledger knows of the rollback of a run, for the report of that run."""

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.ledger import ACCOUNT, Ledger, Run


def rolled_back(ledger: Ledger, run: Run) -> dict[str, Any] | None:
    """What the ledger knows of the rollback of a run, None if nothing of it was undone."""
    known = ledger.runs.option(run, ACCOUNT)
    if known is None:
        return None
    kept, failed = known["counts"]
    to_undo, _ = ledger.backwards.counts(run)
    return {
        "undone": known["undone"],
        "schema": known["schema"],
        "left": to_undo,
        "kept": kept,
        "failed": failed,
        "first_kept": known["kept"],
        "first_failed": known["failed"],
        "read": known["read"],
        "differing": known["differing"],
    }


def summary_lines(known: Mapping[str, Any]) -> Sequence[str]:
    """What a report says of a run of which something was undone."""
    lines = [
        "",
        f"Rolled back: {known['undone']} records, {known['schema']} schema changes; left: {known['left']}",
        f"  proved: {known['read']} read back, {known['differing']} differ from before",
    ]
    for bucket in ("kept", "failed"):
        lines += [f"  {bucket}: {what}: {why}" for what, why in known[f"first_{bucket}"]]
        if more := known[bucket] - len(known[f"first_{bucket}"]):
            lines.append(f"  {bucket}: {more} more")
    return lines
