"""The audit log: every record of a run with source id, destination id and outcome, as CSV."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from crossdock.errors import StorageError
from crossdock.ledger import Ledger, Run

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
    path = folder / f"audit-{run.id}.csv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows([_plain(cell) for cell in row] for row in _rows(ledger, run))
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}.") from error
    return path


def _rows(ledger: Ledger, run: Run) -> Iterator[tuple[str, ...]]:
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


def _plain(cell: str) -> str:
    # A spreadsheet runs cells that start like a formula.
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell
