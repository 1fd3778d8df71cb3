"""Queues: what waits for a person, as CSV files with a decision column that the next run honours.

One file a queue in `queues/`: `duplicates`, `unmatched`, `trash`, `conflicts`, `references`.
Columns: tenant, object, key, reason, decision.
Two lines about one record that do not agree are refused. What a decision may be:

    duplicates   load (as one of its own) | merge (all of them into the first) | skip
    unmatched    the id or match value (an e-mail) of the record there that shall stand for it | none
    trash        restore | skip
    conflicts    source | destination
    references   - (load what it refers to, or change the mapping)
"""

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crossdock.errors import ConfigError
from crossdock.spreadsheet import text_of_cell, write_rows

COLUMNS = ("tenant", "object", "key", "reason", "decision")
# The names are part of the command line's contract.
DUPLICATES, UNMATCHED, TRASHED = "duplicates", "unmatched", "trash"
CONFLICTS, REFERENCES = "conflicts", "references"
NOBODY = "none"  # a decision for somebody unmatched: nobody stands for them
TAKEN = "decide merge or skip for it in queues/duplicates.csv instead of load"
"""How the reason of a duplicate ends that the destination cannot hold as a record of its own."""
MEANINGS: Mapping[str, str] = {
    DUPLICATES: "load (as a record of its own), merge (all of them into one: the first that is loaded or"
    " decided) or skip (leave it out)",
    UNMATCHED: "the id or e-mail of the record at the destination that stands for this one, or none",
    TRASHED: "restore (take it out of the trash and go on from it) or skip (leave this one out)",
    CONFLICTS: "source (the source's value wins) or destination (what is there stays)",
    REFERENCES: "nothing to fill in: it loads by itself once the record that it refers to is loaded",
}
"""What a decision may be, in words."""
ALLOWED: Mapping[str, frozenset[str] | None] = {
    DUPLICATES: frozenset({"load", "merge", "skip"}),
    UNMATCHED: None,  # any text
    TRASHED: frozenset({"restore", "skip"}),
    CONFLICTS: frozenset({"source", "destination"}),
    REFERENCES: frozenset(),
}


Place = tuple[str, str, str, str]
"""What tells a line from all others: queue, tenant, object, key."""


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


def write_queues(
    folder: Path, lines: Iterable[QueueLine], settled: Collection[tuple[str, str]] = ()
) -> dict[str, int]:
    """Write what is held now; gives the number of lines by queue.

    Decisions made so far are kept, also those of records that are not held any more: a later run
    would ask again without them. Not so those of conflicts among the tenants and objects `settled`, that
    a run has gone through: such a decision is about one conflict, and the next one is another.
    """
    held = {_place(x): x for x in lines}
    known = {
        _place(x): x
        for x in read_queues(folder)
        if x.queue != CONFLICTS or (x.tenant, x.object_name) not in settled or _place(x) in held
    }
    return {
        queue: _write_queue(folder, queue, {n: x for n, x in held.items() if x.queue == queue}, known)
        for queue in ALLOWED
    }


def update_queue(folder: Path, queue: str, lines: Iterable[QueueLine]) -> None:
    """Write what one queue holds now, the others left as they are; decisions are kept as ever."""
    known = {_place(x): x for x in read_queues(folder)}
    _write_queue(folder, queue, {_place(x): x for x in lines}, known)


def _place(line: QueueLine) -> Place:
    return line.queue, line.tenant, line.object_name, line.key


def _write_queue(
    folder: Path, queue: str, held: Mapping[Place, QueueLine], known: Mapping[Place, QueueLine]
) -> int:
    kept = [x for name, x in known.items() if x.queue == queue and x.decision and name not in held]
    now = [_with_decision(x, known.get(name)) for name, x in held.items()]
    _write(folder / f"{queue}.csv", [*now, *kept])
    return len(now)


def _with_decision(line: QueueLine, known: QueueLine | None) -> QueueLine:
    decision = known.decision if known else line.decision
    return QueueLine(line.queue, line.tenant, line.object_name, line.key, line.reason, decision)


def _read(queue: str, path: Path) -> list[QueueLine]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if missing := set(COLUMNS) - set(reader.fieldnames or ()):
                raise ConfigError(f"{path.name}: the column {', '.join(sorted(missing))} is missing.")
            numbered = ((reader.line_num, row) for row in reader)
            return _each_once(
                path.name, ((n, _line(queue, row, f"{path.name} line {n}")) for n, row in numbered)
            )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path.name} cannot be read: {error}.") from error


def _each_once(name: str, numbered: Iterable[tuple[int, QueueLine]]) -> list[QueueLine]:
    """The lines without those that say the same again. Raises ConfigError if two decide differently."""
    seen: dict[Place, tuple[int, QueueLine]] = {}
    for n, line in numbered:
        first, known = seen.setdefault(_place(line), (n, line))
        if line.decision != known.decision:
            said = " and ".join(x.decision or "nothing" for x in (known, line))
            raise ConfigError(
                f"{name}: lines {first} and {n} are about one record ({line.object_name}/{line.key} of tenant"
                f" {line.tenant}) and do not agree: {said}.",
                hint="Keep one of the two lines.",
            )
    return [line for _, line in seen.values()]


def _line(queue: str, row: Mapping[str, str], place: str) -> QueueLine:
    if None in row or any(row[name] is None for name in COLUMNS):
        raise ConfigError(f"{place}: it has not {len(COLUMNS)} columns.")
    tenant, object_name, key, reason = (text_of_cell(row[name]) for name in COLUMNS[:4])
    decision, allowed = text_of_cell(row["decision"]).strip(), ALLOWED[queue]
    if decision and allowed is not None and decision not in allowed:
        known = ", ".join(sorted(allowed)) or "nothing"
        raise ConfigError(f"{place}: {decision!r} is no decision here.", hint=f"Possible: {known}.")
    return QueueLine(queue, tenant, object_name, key, reason, decision)


def _write(path: Path, lines: list[QueueLine]) -> None:
    if not lines:
        path.unlink(missing_ok=True)
        return
    rows = ((x.tenant, x.object_name, x.key, x.reason, x.decision) for x in lines)
    write_rows(path, COLUMNS, rows)
