"""What a command is doing right now, in a file of the project folder that other processes may read.

`.crossdock/under-way-PID.lock` is there while the command works: which command, since when, and how far each
part of its work is. It holds no values. What a killed process left is passed over, and taken away by the next
command that writes such a file. A process on another machine has its file only in its own project folder:
of it the ledger alone tells.
"""

import json
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_NAME: Final = "under-way-{}.lock"
_EVERY: Final = 0.5  # seconds between two writes
_QUIET: Final = 60.0  # seconds after which a process on another machine counts as gone


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the work: how many records or requests are done, `total` None if nobody knows."""

    what: str
    done: int
    total: int | None

    @property
    def share(self) -> float | None:
        """Between 0 and 1, None if it is not known."""
        return min(1.0, self.done / self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A command that works. `since`, `at`: seconds since the epoch, `at` that of its last word; `pace`: its
    requests and how long it waited, in words."""

    pid: int
    command: str
    since: float
    at: float
    pace: str
    parts: Sequence[Part]


class ProgressFile:
    """Writes down what this process is doing, in the folder `state` of a project. It never raises."""

    def __init__(self, state: Path, command: str = "", pace: Any = None) -> None:
        self._path = state / _NAME.format(os.getpid())
        self._command = command or called_as(sys.argv[1:])
        self._pace = pace or (lambda: "")
        self._since = time.time()
        self._parts: dict[str, Part] = {}
        self._next = 0.0

    def tell(self, what: str, more: int, total: int | None) -> None:
        """So much more of a part is done."""
        known = self._parts.get(what)
        # Told of again it goes to the end: what is worked on stands last.
        self._parts.pop(what, None)
        self._parts[what] = Part(what, (known.done if known else 0) + more, total)
        if (now := time.monotonic()) >= self._next:
            self._next = now + _EVERY
            self._write()

    def close(self) -> None:
        """The work has ended."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        note = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "command": self._command,
            "since": self._since,
            "at": time.time(),
            "pace": self._pace(),
            "parts": [[part.what, part.done, part.total] for part in self._parts.values()],
        }
        partial = self._path.with_suffix(".partial.lock")
        with suppress(OSError):  # work goes on where nobody can watch it
            if not self._path.exists():
                _clear(self._path.parent)
                partial.touch(mode=0o600)
            partial.write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
            partial.replace(self._path)


def under_way(state: Path) -> list[UnderWay]:
    """The commands that work on a project right now, oldest first."""
    notes = [(path, _note(path)) for path in sorted(state.glob(_NAME.format("*")))]
    found = [_read(note) for _, note in notes if note is not None and _is_alive(note)]
    return sorted((each for each in found if each is not None), key=lambda each: each.since)


def called_as(arguments: Sequence[str]) -> str:
    """A command as people typed it, without folders and addresses."""
    words = [word for word in arguments if not word.startswith("/") and word not in ("-C", "--json")]
    return " ".join(["crossdock", *words])


def _clear(state: Path) -> None:
    for path in state.glob(_NAME.format("*")):
        note = _note(path)
        if note is None or not _is_alive(note):
            path.unlink(missing_ok=True)


def _note(path: Path) -> Mapping[str, Any] | None:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return note if isinstance(note, dict) else None


def _is_alive(note: Mapping[str, Any]) -> bool:
    try:
        if note["host"] != socket.gethostname():
            return time.time() - float(note["at"]) < _QUIET
        os.kill(int(note["pid"]), 0)
    except PermissionError:
        return True
    except (OSError, KeyError, TypeError, ValueError, OverflowError):
        return False
    return True


def _read(note: Mapping[str, Any]) -> UnderWay | None:
    try:
        parts = [Part(str(what), int(done), total) for what, done, total in note["parts"]]
        said = (str(note["command"]), float(note["since"]), float(note["at"]), str(note["pace"]))
        return UnderWay(int(note["pid"]), *said, parts)
    except (KeyError, TypeError, ValueError):
        return None
