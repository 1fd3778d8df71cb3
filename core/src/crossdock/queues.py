"""Queues: what waits for a person, as CSV files with a decision column that the next run honours.

One file a queue in `queues/`: `duplicates`, `unmatched`, `trash`, `conflicts`, `references`.
Columns: tenant, object, key, reason, decision. What a decision may be:

    duplicates   load (this one after all) | skip
    unmatched    the id or match value (an e-mail) of the record there that shall stand for it
    trash        restore | skip
    conflicts    source | destination
    references   - (load what it refers to, or change the mapping)
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crossdock.errors import ConfigError, StorageError

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
COLUMNS = ("tenant", "object", "key", "reason", "decision")
REFERENCES = "references"
MEANINGS: Mapping[str, str] = {
    "duplicates": "load (load it all the same) or skip (leave it out)",
    "unmatched": "the id or e-mail of the record at the destination that stands for this one",
    "trash": "restore (take it out of the trash and go on from it) or skip (leave this one out)",
    "conflicts": "source (the source's value wins) or destination (what is there stays)",
    REFERENCES: "nothing to fill in: it loads by itself once the record that it refers to is loaded",
}
"""What a decision may be, in words."""
ALLOWED: Mapping[str, frozenset[str] | None] = {
    "duplicates": frozenset({"load", "skip"}),
    "unmatched": None,  # any text
    "trash": frozenset({"restore", "skip"}),
    "conflicts": frozenset({"source", "destination"}),
    REFERENCES: frozenset(),
}


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One held record and what a person decided about it ("" while nothing is decided)."""

    queue: str
    tenant: str
    object_name: str
    key: str
    reason: str
    decision: str = ""


def read_queues(folder: Path) -> list[QueueLine]:
    """Every line of every queue file. Raises ConfigError naming the file and line that is broken."""
    lines = []
    for queue in ALLOWED:
        path = folder / f"{queue}.csv"
        if path.exists():
            lines.extend(_read(queue, path))
    return lines


def decisions_of(lines: Iterable[QueueLine], tenant: str, object_name: str) -> dict[tuple[str, str], str]:
    """(queue, key) -> decision, for the records of one source object."""
    return {
        (line.queue, line.key): line.decision
        for line in lines
        if line.decision and (line.tenant, line.object_name) == (tenant, object_name)
    }


def write_queues(folder: Path, lines: Iterable[QueueLine]) -> dict[str, int]:
    """Write what is held now; gives the number of lines by queue.

    Decisions made so far are kept, also those of records that are not held any more: a later run
    would ask again without them.
    """
    known = {(x.queue, x.tenant, x.object_name, x.key): x for x in read_queues(folder)}
    held = {(x.queue, x.tenant, x.object_name, x.key): x for x in lines}
    counts = {}
    for queue in ALLOWED:
        kept = [x for name, x in known.items() if x.queue == queue and x.decision and name not in held]
        now = [_with_decision(x, known.get(name)) for name, x in held.items() if x.queue == queue]
        counts[queue] = len(now)
        _write(folder / f"{queue}.csv", [*now, *kept])
    return counts


def _with_decision(line: QueueLine, known: QueueLine | None) -> QueueLine:
    decision = known.decision if known else line.decision
    return QueueLine(line.queue, line.tenant, line.object_name, line.key, line.reason, decision)


def _read(queue: str, path: Path) -> list[QueueLine]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if missing := set(COLUMNS) - set(reader.fieldnames or ()):
                raise ConfigError(f"{path.name}: the column {', '.join(sorted(missing))} is missing.")
            return [_line(queue, row, f"{path.name} line {reader.line_num}") for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path.name} cannot be read: {error}.") from error


def _line(queue: str, row: Mapping[str, str], place: str) -> QueueLine:
    if None in row or any(row[name] is None for name in COLUMNS):
        raise ConfigError(f"{place}: it has not {len(COLUMNS)} columns.")
    tenant, object_name, key, reason = (_unquoted(row[name]) for name in COLUMNS[:4])
    decision, allowed = row["decision"].strip(), ALLOWED[queue]
    if decision and allowed is not None and decision not in allowed:
        known = ", ".join(sorted(allowed)) or "nothing"
        raise ConfigError(f"{place}: {decision!r} is no decision here.", hint=f"Possible: {known}.")
    return QueueLine(queue, tenant, object_name, key, reason, decision)


def _write(path: Path, lines: list[QueueLine]) -> None:
    if not lines:
        path.unlink(missing_ok=True)
        return
    partial = path.with_name(f"{path.name}.partial")  # a full disk must not cost anybody's decisions
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for line in lines:
                cells = (line.tenant, line.object_name, line.key, line.reason)
                writer.writerow([*map(_plain, cells), line.decision])
        partial.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}.") from error


def _plain(cell: str) -> str:
    # A spreadsheet runs cells that start like a formula.
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unquoted(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
