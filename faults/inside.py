"""What disturbs a command from inside its own process (see `crossdock.testing.launcher`).

A transition is a commit that changed something, or a file that took its place. It is called after the
function of the product that made it: `ledger.journal.intend`, `staging.put`, `file queues`. What is read
only is none. Names of patches, several with a semicolon between:

    SIGKILL before 2 ledger.journal.confirm    the process ends at the second of these (SIGTERM; after)
    watch                                      the name of each is written down, a line each
    clock                                      at each of them the clock is set back by an hour; a line each
                                               time that the product reads an earlier time than before
    waits                                      a line each time that a transaction finds its database locked
    impatient                                  a locked database is waited for a tenth of a second
    moving                                     the kit's source gives its list page by page, as it is at that
                                               time; a line for each page of another list than the one before
    at once                                    see `faults.patches`

Lines go to the file that the environment names.
"""

import os
import runpy
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Final

WATCHED: Final = "FAULTS_TRANSITIONS"
"""The environment variable with the file that lines are written to."""

_OWN: Final = "crossdock."
_BELOW: Final = ("crossdock.database", "crossdock.testing", "crossdock.wholefile")
_Transition = Callable[[str, Callable[[], None]], None]


def _caller() -> str:
    """The function of the product that is at work, below the command line."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(_OWN) and not module.startswith(_BELOW):
            return f"{module.removeprefix(_OWN)}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "elsewhere"


def _at_commits(told: _Transition) -> None:
    """Tell of every commit that changed something. The databases are SQLite files."""
    from sqlalchemy.engine.default import DefaultDialect

    whole: Callable[[DefaultDialect, Any], None] = DefaultDialect.do_commit

    mark = object()  # of this patch: there may be another one around it

    def commit(dialect: DefaultDialect, connection: Any) -> None:
        changed, known = connection.total_changes, connection.info
        if changed == known.get(mark, 0):
            whole(dialect, connection)
            return
        known[mark] = changed
        told(_caller(), lambda: whole(dialect, connection))

    DefaultDialect.do_commit = commit  # type: ignore[method-assign]  # a patch: every dialect commits so


def _at_files(told: _Transition) -> None:
    """Tell of every file that takes its place under its own name."""
    replace = os.replace

    def instead(source: Any, target: Any, **more: Any) -> None:
        told(f"file {_caller()}", lambda: replace(source, target, **more))

    vars(os)["replace"] = instead


def _each(told: _Transition) -> None:
    _at_commits(told)
    _at_files(told)


def _line(text: str) -> None:
    with Path(os.environ[WATCHED]).open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def _watch() -> None:
    def told(name: str, change: Callable[[], None]) -> None:
        change()
        _line(name)

    _each(told)


def _clock() -> None:
    real, back, latest = time.time, 0.0, 0.0

    def told(_: str, change: Callable[[], None]) -> None:
        nonlocal back
        change()
        back += 3600.0

    def earlier() -> float:
        nonlocal latest
        now = real() - back
        if str(sys._getframe(1).f_globals.get("__name__", "")).startswith(_OWN):
            if now < latest:
                _line(f"{_caller()} reads a time before the last one")
            latest = now
        return now

    time.time = earlier
    _each(told)


def _waits() -> None:
    """A transaction of SQLite begins by taking the lock of its database, so whoever waits waits there."""
    import sqlite3

    from crossdock import database

    whole = database._begin_immediate

    def begin(connection: Any) -> None:
        raw = connection.connection.driver_connection
        patience = raw.execute("pragma busy_timeout").fetchone()[0]
        raw.execute("pragma busy_timeout = 0")
        try:
            raw.execute("begin immediate")
            raw.execute("rollback")
        except sqlite3.OperationalError as error:
            _line(f"{_caller()}: {error}")
        finally:
            raw.execute(f"pragma busy_timeout = {patience}")
        whole(connection)

    database._begin_immediate = begin


def _impatient() -> None:
    from crossdock import database

    whole = database._connect_args

    def arguments(backend: str) -> dict[str, Any]:
        return whole(backend) | ({"timeout": 0.1} if backend == "sqlite" else {})

    database._connect_args = arguments


def _moving() -> None:
    """Between two pages one record goes, one changes and one comes, each of another place in the list."""
    live = runpy.run_path(str(Path(__file__).with_name("livesource.py")))["live"]
    live(_line)


def _die(signal_name: str, place: str, count: int, wanted: str) -> None:
    """End by this signal before or after the change with that name for the `count`-th time."""
    number, left = getattr(signal, signal_name), count

    def told(name: str, change: Callable[[], None]) -> None:
        nonlocal left
        left -= name == wanted
        due = name == wanted and left == 0
        if due and place == "before":
            os.kill(os.getpid(), number)
        change()
        if due and place == "after":
            os.kill(os.getpid(), number)

    _each(told)


class Patches:
    """Patches by name, made when they are asked for."""

    def __getitem__(self, name: str) -> Callable[[], None]:
        """The patch of that name: several, with a semicolon between."""
        parts = [self._one(part.strip()) for part in name.split(";")]

        def all_of_them() -> None:
            for part in parts:
                part()

        return all_of_them

    def _one(self, name: str) -> Callable[[], None]:
        words = name.split(" ", 3)
        if words[0].startswith("SIG"):
            return lambda: _die(words[0], words[1], int(words[2]), words[3])
        if name in _NAMED:
            return _NAMED[name]
        others = runpy.run_path(str(Path(__file__).with_name("patches.py")))
        patch: Callable[[], None] = others["PATCHES"][name]
        return patch


_NAMED = {
    "watch": _watch,
    "clock": _clock,
    "waits": _waits,
    "impatient": _impatient,
    "moving": _moving,
}
PATCHES = Patches()
