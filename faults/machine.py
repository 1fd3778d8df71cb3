"""Faults of the machine that crossdock runs on: a full disk, databases that somebody locks, the clock."""

import random
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from faults.again import Ended, disturbed, faulty, judged, lines_of, said, trial
from faults.cell import DISCOVER, HOOKS, PLATFORMS, Cell, Entry, register
from faults.inside import WATCHED
from faults.scenes import AT_ONCE, COMMAND, Ground

from crossdock.testing.commands import STOPPED, Done
from crossdock.testing.scene import Scene

_BASES = ("ledger.db", "staging.db")
_DISK = re.compile(
    r"(the database \S+ refused: [^\n]*\bdisk\b[^\n]*|\bcannot [^\n]*: File too large)\.\n"
    r" +(Mend that|Free disk space) and run the same command again\."
)
"""What happened and what to do, as the product says it (`crossdock.database.failures`, `wholefile`,
`filestore`). SQLite's own words are "database or disk is full" or "disk I/O error", those of a limited file
are the system's."""

_LOCKED = re.compile(
    r"the database \S+ refused: database is locked\.\n +Mend that and run the same command again\."
)
"""The same where a database was locked for too long."""


def state_of(scene: Scene) -> Path:
    """The folder of the project's databases."""
    return scene.project.folder / ".crossdock"


def says_disk_full(done: Done) -> bool:
    """Whether a command stopped because a file could not grow, in the product's own words for that."""
    return done.code == STOPPED and not faulty(done) and bool(_DISK.search(done.err))


def says_locked(done: Done) -> bool:
    """Whether a command stopped because a database was locked, in the product's own words for that."""
    return done.code == STOPPED and not faulty(done) and bool(_LOCKED.search(done.err))


def disk_full(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """No file can grow beyond some size, which is a bit larger at each start."""
    ended = Ended()
    with ground.scene(cell.hook) as scene:
        now = max(path.stat().st_size for path in state_of(scene).rglob("*") if path.is_file())
        step = dice.randint(2_000, 20_000)

        def once(n: int) -> tuple[Done, int]:
            limit = now // 2 + n * step
            done = scene.call(COMMAND[cell.hook], patch=AT_ONCE, file_limit=limit)
            if done.code == STOPPED and not says_disk_full(done):
                ended.differs(f"no file above {limit} bytes, and it does not say so: {said(done)}")
            return done, int(done.code == STOPPED)

        disturbed(ground, scene, cell, ended, once)
    return ended


@dataclass
class Locker:
    """Somebody else who locks a database of the project again and again, in a thread, or once."""

    paths: tuple[Path, ...]
    seconds: float
    dice: random.Random
    once: bool = False
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Lock meanwhile."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _run(self) -> None:
        locked = False
        while not self._over.wait(self.dice.uniform(0.02, 0.25)) and not (self.once and locked):
            path = self.dice.choice(self.paths)
            if path.exists():
                with suppress(sqlite3.OperationalError):
                    self._lock(path)
                    locked = True

    def _lock(self, path: Path) -> None:
        with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as db:
            db.execute("begin exclusive")
            self._over.wait(self.seconds)
            db.execute("rollback")


def locked_for_a_while(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """Databases are locked now and then, for less than they are waited for: the command waits, and that is
    all. What counts is each time that it found a database locked, and waited."""
    ended = Ended()
    with ground.scene(cell.hook) as scene:
        lines = scene.folder / "lines"
        with Locker(_paths(scene), 0.15, dice).at_work():
            done = scene.call(COMMAND[cell.hook], patch=f"{AT_ONCE}; waits", env={WATCHED: str(lines)})
        ended.hits = lines_of(lines)
        judged(ground, scene, cell, ended, done)
    return ended


def locked_for_long(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """A database is locked for longer than it is waited for: the command stops, and goes on later. Each
    stop counts."""
    ended = Ended()
    with ground.scene(cell.hook) as scene:

        def once(_: int) -> tuple[Done, int]:
            with Locker(_paths(scene), 10.0, dice, once=True).at_work():
                done = scene.call(COMMAND[cell.hook], patch=f"{AT_ONCE}; impatient")
            if done.code == STOPPED and not says_locked(done):
                ended.differs(f"stopped, and does not say that the database is locked: {said(done)}")
            return done, int(done.code == STOPPED)

        disturbed(ground, scene, cell, ended, once)
    return ended


def clock_back(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """The clock goes back by an hour after each change, also while the command was stopped. Each time
    counts that the product read an earlier time than the last one."""
    del dice
    ended = Ended()
    with ground.scene(cell.hook) as scene:
        lines = scene.folder / "lines"
        patch, env = f"{AT_ONCE}; clock", {WATCHED: str(lines)}
        death = "SIGKILL after 9 ledger.journal.confirm"
        done = scene.call(COMMAND[cell.hook], patch=f"{patch}; {death}", env=env)
        if done.code < 0:
            done = scene.call(COMMAND[cell.hook], patch=patch, env=env)
        ended.hits = lines_of(lines)
        judged(ground, scene, cell, ended, done)
    return ended


def _paths(scene: Scene) -> tuple[Path, ...]:
    return tuple(state_of(scene) / name for name in _BASES)


FAULTS = {
    "disk full": disk_full,
    "database locked for a while": locked_for_a_while,
    "database locked for long": locked_for_long,
    "clock set back": clock_back,
}
register(
    "machine",
    (
        Entry(Cell(name, platform, hook), trial(one))
        for name, one in FAULTS.items()
        for platform in PLATFORMS
        for hook in HOOKS
        if hook != DISCOVER  # it changes no database
    ),
)
