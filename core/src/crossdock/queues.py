"""Queues: what waits for a person, as CSV files with a decision column that the next run honours.

One file a queue in `queues/`: `duplicates`, `unmatched`, `trash`, `conflicts`, `references`.
Columns: tenant, object, key, reason, decision. A line that cannot be followed (a decision that is none,
too few columns, two lines about one record that do not agree) is told and stays in the file as it is; the
other lines count. Files are written whole, and never over what a person saved meanwhile.
What a decision may be:

    duplicates   load (as one of its own) | merge (all of them into the first) | skip
    unmatched    the id or match value (an e-mail) of the record there that shall stand for it | none
    trash        restore | skip
    conflicts    source | destination
    references   - (load what it refers to, or change the mapping)
"""

import csv
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from crossdock.errors import ConfigError, RefusedError
from crossdock.log import get_logger
from crossdock.queuefile import Fault, Row, read_rows
from crossdock.spreadsheet import plain_cell
from crossdock.wholefile import whole_file

_log = get_logger(__name__)

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


_ASIDE = "-unread-"  # in the name of a file that nobody could read
_TRIES = 5  # at a file that a person saves meanwhile

Place = tuple[str, str, str, str]
"""What tells a line from all others: queue, tenant, object, key."""


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One held record and what a person decided about it ("" while nothing is decided). `line`: where it
    stands in its file, 0 if it stands in none."""

    queue: str
    tenant: str
    object_name: str
    key: str
    reason: str
    decision: str = ""
    line: int = field(default=0, compare=False)


@dataclass
class Queues:
    """What the queue files say: lines to be followed, and what is wrong with others.

    `unclear`: lines of which the record is known, but not what was decided; `raw`: the text of lines that
    say nothing that can be told, by queue. Both stay in their files.
    """

    lines: list[QueueLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unclear: list[QueueLine] = field(default_factory=list)
    raw: dict[str, list[str]] = field(default_factory=dict)

    def every(self) -> list[QueueLine]:
        """Every line; nothing is decided in those that cannot be followed."""
        unclear = {_place(line): replace(line, decision="") for line in self.unclear}
        return [*self.lines, *unclear.values()]


def look(folder: Path) -> Queues:
    """What every queue file says. Raises ConfigError naming a file that cannot be read at all."""
    found = Queues()
    for queue in ALLOWED:
        if (path := folder / f"{queue}.csv").exists():
            _look_at(queue, path, found)
    return found


def read_queues(folder: Path) -> list[QueueLine]:
    """Every line of every queue file (`Queues.every`). Raises ConfigError as `look` does."""
    return look(folder).every()


def told(folder: Path, found: Queues | None = None) -> list[str]:
    """What a person has to see to in these files, one sentence each; `found`: what `look` gave, if it was
    asked already. Raises ConfigError as `look` does."""
    faults = (found or look(folder)).faults
    wrong = [f"correct queues/{fault}; it is not followed until then" for fault in faults]
    aside = [
        f"queues/{path.name} could not be read and was put aside: move its decisions into"
        f" queues/{path.name.partition(_ASIDE)[0]}.csv and delete it"
        for path in sorted(folder.glob(f"*{_ASIDE}*.csv"))
    ]
    still_open = [
        f"queues/{queue}.csv is open in a spreadsheet: save there, close it, and run again"
        for queue in ALLOWED
        for mark in (f".~lock.{queue}.csv#", f"~${queue}.csv")
        if (folder / mark).exists()
    ]
    return [*wrong, *aside, *still_open]


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
    return {
        queue: _write_queue(folder, queue, {n: x for n, x in held.items() if x.queue == queue}, settled)
        for queue in ALLOWED
    }


def update_queue(folder: Path, queue: str, lines: Iterable[QueueLine]) -> None:
    """Write what one queue holds now, the others left as they are; decisions are kept as ever."""
    _write_queue(folder, queue, {_place(x): x for x in lines})


def decide(
    folder: Path, queue: str, decided: Mapping[Place, tuple[str, str]]
) -> dict[Place, tuple[str, str]]:
    """Write decisions, each with what its line said when the person saw it: place -> (was, now).

    Gives those that were not written, with the reason and what the line says now: somebody else decided it
    meanwhile, the line is gone, or it cannot be followed. All that others wrote stays.
    Raises ConfigError for what is no decision of that queue or if the file cannot be read, RefusedError if
    it is being saved over and over, StorageError.
    """
    for _, now in decided.values():
        require_decision(queue, now)
    if not decided:
        return {}
    path = folder / f"{queue}.csv"
    for _ in range(_TRIES):
        stamp, found = _stamp(path), Queues()  # in this order
        if path.exists():
            _look_at(queue, path, found)
        lines, refused = _decided(found, decided)
        raw = found.raw.get(queue, [])
        if _write(path, lines, raw, lambda: _stamp(path) == stamp):  # noqa: B023 - called at once
            return refused
    raise RefusedError(f"{path.name} is being saved by somebody else.", hint="Look at it again, then decide.")


def require_decision(queue: str, decision: str) -> None:
    """Raises ConfigError for what is no decision of that queue; "" takes one back."""
    if queue not in ALLOWED:
        raise ConfigError(f"there is no queue {queue!r}.", hint=f"Queues: {', '.join(ALLOWED)}.")
    if problem := _problem(queue, decision):
        raise ConfigError(f"{queue}: {problem}.")


def _decided(
    found: Queues, decided: Mapping[Place, tuple[str, str]]
) -> tuple[list[QueueLine], dict[Place, tuple[str, str]]]:
    """The lines with the new decisions, and those that are not followed: (why, what is there)."""
    there = {_place(line): line for line in found.lines}
    unclear = {_place(line) for line in found.unclear}
    refused: dict[Place, tuple[str, str]] = {}
    for place, (was, now) in decided.items():
        line = there.get(place)
        if line is None:
            gone = "its line cannot be followed as it stands" if place in unclear else "its line is gone"
            refused[place] = (gone, "")
        elif line.decision not in (was, now):
            refused[place] = ("somebody else decided it meanwhile", line.decision)
        else:
            there[place] = replace(line, decision=now)
    return [*there.values(), *found.unclear], refused


def _place(line: QueueLine) -> Place:
    return line.queue, line.tenant, line.object_name, line.key


def _write_queue(
    folder: Path,
    queue: str,
    held: Mapping[Place, QueueLine],
    settled: Collection[tuple[str, str]] = (),
) -> int:
    """Write one file; once more if a person saves it meanwhile."""
    path = folder / f"{queue}.csv"
    for attempt in range(_TRIES):
        last = attempt == _TRIES - 1
        stamp, found = _stamp(path), _found_at(queue, path)  # in this order
        known = {
            _place(x): x
            for x in found.lines
            if queue != CONFLICTS or (x.tenant, x.object_name) not in settled or _place(x) in held
        }
        unclear = {_place(x) for x in found.unclear}
        now = [_with_decision(x, known.get(name)) for name, x in held.items() if name not in unclear]
        again = [replace(x, reason=held[_place(x)].reason) if _place(x) in held else x for x in found.unclear]
        kept = [x for name, x in known.items() if x.decision and name not in held and name not in unclear]
        lines, raw = [*now, *again, *kept], found.raw.get(queue, [])
        if _write(path, lines, raw, lambda: last or _stamp(path) == stamp):  # noqa: B023 - called at once
            break
    return len(held)


def _found_at(queue: str, path: Path) -> Queues:
    """What a file says that is about to be written; one that cannot be read is put aside, not lost."""
    found = Queues()
    if not path.exists():
        return found
    try:
        _look_at(queue, path, found)
    except ConfigError as error:
        names = (path.with_name(f"{queue}{_ASIDE}{n}.csv") for n in range(1, 1000))
        aside = next(name for name in names if not name.exists())
        path.rename(aside)
        _log.warning("a queue file was put aside", file=aside.name, problem=error.message)
        return Queues()
    return found


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes when somebody saves a file; None if there is none."""
    if not path.exists():
        return None
    state = path.stat()
    return state.st_mtime_ns, state.st_size, state.st_ino


def _with_decision(line: QueueLine, known: QueueLine | None) -> QueueLine:
    decision = known.decision if known else line.decision
    return QueueLine(line.queue, line.tenant, line.object_name, line.key, line.reason, decision)


def _look_at(queue: str, path: Path, found: Queues) -> None:
    rows, faults = read_rows(path, COLUMNS)
    found.raw.setdefault(queue, []).extend(fault.text for fault in faults if fault.text)
    found.faults += faults
    by_record: dict[Place, list[QueueLine]] = {}
    wrong: set[Place] = set()
    for row in rows:
        line, problem = _line(queue, row)
        by_record.setdefault(_place(line), []).append(line)
        if problem:
            found.faults.append(Fault(path.name, row.line, problem, row.text))
            wrong.add(_place(line))
    for place, lines in by_record.items():
        if len({line.decision for line in lines}) > 1:
            found.faults.append(_disagreement(path.name, lines))
        elif place not in wrong:
            found.lines.append(lines[0])
            continue
        found.unclear += lines


def _disagreement(name: str, lines: Sequence[QueueLine]) -> Fault:
    first, *others = lines
    said = " and ".join(line.decision or "nothing" for line in lines)
    which = " and ".join(f"line {line.line}" for line in others)
    record = f"{first.object_name}/{first.key} of tenant {first.tenant}"
    problem = f"it and {which} are about one record ({record}) and do not agree: {said}; keep one of them"
    return Fault(name, first.line, problem)


def _line(queue: str, row: Row) -> tuple[QueueLine, str]:
    """A line, and what is wrong with its decision ("" if nothing is)."""
    decision = row.cells["decision"].strip()
    tenant, object_name, key, reason = (row.cells[name] for name in COLUMNS[:4])
    line = QueueLine(queue, tenant, object_name, key, reason, decision, row.line)
    return line, _problem(queue, decision)


def _problem(queue: str, decision: str) -> str:
    """What is wrong with a decision, "" if nothing is."""
    allowed = ALLOWED[queue]
    if decision and allowed is not None and decision not in allowed:
        known = ", ".join(sorted(allowed)) or "nothing"
        return f"{decision!r} is no decision here (possible: {known})"
    return ""


def _write(
    path: Path, lines: Sequence[QueueLine], raw: Sequence[str], is_as_read: Callable[[], bool]
) -> bool:
    """Write a file whole (mode 0600), without one if it would be empty. False, and nothing is written, if
    somebody saved it since it was read. Raises StorageError."""
    if not lines and not raw:
        if not is_as_read():
            return False
        path.unlink(missing_ok=True)
        return True
    try:
        with whole_file(path) as partial:
            with partial.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                for x in lines:
                    cells = (x.tenant, x.object_name, x.key, x.reason, x.decision)
                    writer.writerow([plain_cell(cell) for cell in cells])
                file.writelines(f"{text}\r\n" for text in raw)
            if not is_as_read():
                raise _SavedMeanwhileError
    except _SavedMeanwhileError:
        return False
    return True


class _SavedMeanwhileError(Exception):
    """A person saved the file while it was being written."""
