"""How far runs have read the source, for people and programs."""

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.ledger import Ledger, Mark, Run


def marks_of(ledger: Ledger, run: Run) -> list[dict[str, Any]]:
    """What a run has read, as plain data: times in ISO 8601, null for all, or for none that is known."""
    return [_plain(mark) for mark in ledger.marks.of_run(run).values()]


def newest_marks(ledger: Ledger) -> list[dict[str, Any]]:
    """Where the next delta goes on, object by object."""
    return [_plain(mark) for mark in ledger.marks.latest().values()]


def mark_rows(marks: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str, int]]:
    """Marks as rows of a table: tenant, object, up to when it is read, how many records that gave."""
    return [(m["tenant"], m["object"], m["until"] or "everything each time", m["read"]) for m in marks]


def _plain(mark: Mark) -> dict[str, Any]:
    return {
        "tenant": mark.tenant,
        "object": mark.object_name,
        "since": mark.since.isoformat() if mark.since else None,
        "until": mark.until.isoformat() if mark.until else None,
        "read": mark.read,
    }
