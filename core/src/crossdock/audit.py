"""The audit log: every record of a run with source id, destination id and outcome, as CSV."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from crossdock.ledger import Ledger, Run
from crossdock.spreadsheet import write_rows

COLUMNS = (
    "time",
    "phase",
    "tenant",
    "source_object",
    "source_id",
    "part",
    "object",
    "id",
    "outcome",
    "reasons",
)


def write_audit(folder: Path, ledger: Ledger, run: Run) -> Path:
    """Write `audit-RUN.csv`; gives its path. Raises StorageError."""
    return write_rows(folder / f"audit-{run.id}.csv", COLUMNS, audit_lines(ledger, run))


def audit_lines(ledger: Ledger, run: Run) -> Iterator[tuple[str, ...]]:
    """The lines of a run, a value for each of `COLUMNS`."""
    for phase in ledger.runs.phases(run):
        for entry in ledger.journal.of_phase(phase):
            origin, outcome = entry.link.origin, entry.outcome.value if entry.outcome else entry.state.value
            yield (
                _time(entry.at),
                phase.name,
                origin.tenant,
                origin.object_name,
                origin.key,
                origin.part,
                entry.link.target_object,
                entry.link.target_id,
                outcome,
                "; ".join(entry.reasons),
            )
        for line in ledger.books.lines(phase):
            yield (
                _time(line.at),
                phase.name,
                phase.tenant,
                phase.source_object,
                line.key,
                line.part,
                phase.target_object,
                "",
                line.outcome.value,
                "; ".join(line.reasons),
            )


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
