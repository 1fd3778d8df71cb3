"""Faults of the machine that crossdock runs on: a full disk, databases that somebody locks, the clock."""

import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from faults.again import A_ROUND, AT_ONCE, INSIDE, Ended, as_it_should, finished, said, trial
from faults.cell import DISCOVER, HOOKS, PLATFORMS, Cell, Entry, register
from faults.inside import WATCHED
from faults.judge import judge
from faults.scenes import COMMAND, Ground

from crossdock.testing.commands import STOPPED
from crossdock.testing.scene import Scene

_BASES = ("ledger.db", "staging.db")


def state_of(scene: Scene) -> Path:
    """The folder of the project's databases."""
    return scene.project.folder / ".crossdock"


def disk_full(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """No file can grow beyond some size, which is a bit larger at each start."""
    ended = Ended()
    with ground.scene(cell.hook) as scene:
        now = max(path.stat().st_size for path in state_of(scene).rglob("*") if path.is_file())
        step = dice.randint(2_000, 20_000)
        for n in range(A_ROUND):
            limit = now // 2 + n * step
            done = scene.call(COMMAND[cell.hook], patch=AT_ONCE, file_limit=limit)
            if done.code != STOPPED:
                break
            ended.hits += 1
            if "a fault in crossdock itself" in done.err:
                ended.differs(f"no file above {limit} bytes: {said(done)}")
        else:
            done = finished(scene, cell.hook, ended)
        ended.restarts += ended.hits
        if as_it_should(done, cell.hook, ended):
            ended.verdict += judge(ground, scene, cell.hook, done.json)
    return ended


@dataclass
class Locker:
    """Somebody else who locks a database of the project again and again, in a thread. `hits`: how often."""

    paths: tuple[Path, ...]
    seconds: float
    dice: random.Random
    once: bool = False
    hits: int = 0
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
        while not self._over.wait(self.dice.uniform(0.02, 0.25)):
            path = self.dice.choice(self.paths)
            if path.exists():
                with suppress(sqlite3.OperationalError):
                    self._lock(path)
            if self.once and self.hits:
                return

    def _lock(self, path: Path) -> None:
        with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as db:
            db.execute("begin exclusive")
            self.hits += 1
            self._over.wait(self.seconds)
            db.execute("rollback")


def locked_for_a_while(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """Databases are locked now and then, for less than they are waited for: nobody notices."""
    ended = Ended()
    with ground.scene(cell.hook) as scene:
        locker = Locker(_paths(scene), 0.15, dice)
        with locker.at_work():
            done = scene.call(COMMAND[cell.hook], patch=AT_ONCE)
        ended.hits = locker.hits
        if as_it_should(done, cell.hook, ended):
            ended.verdict += judge(ground, scene, cell.hook, done.json)
    return ended


def locked_for_long(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """A database is locked for longer than it is waited for: the command stops, and goes on later."""
    ended = Ended()
    with ground.scene(cell.hook) as scene:
        for _ in range(A_ROUND):
            locker = Locker(_paths(scene), 10.0, dice, once=True)
            with locker.at_work():
                done = scene.call(COMMAND[cell.hook], patch=f"{AT_ONCE}; impatient")
            if done.code != STOPPED:
                break
            ended.hits += locker.hits
            if "locked" not in done.err or "a fault in crossdock itself" in done.err:
                ended.differs(f"stopped, and does not say that the database is locked: {said(done)}")
        else:
            done = finished(scene, cell.hook, ended)
        ended.restarts += ended.hits
        if as_it_should(done, cell.hook, ended):
            ended.verdict += judge(ground, scene, cell.hook, done.json)
    return ended


def clock_back(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """The clock goes back by an hour after each change, also while the command was stopped."""
    del dice
    ended = Ended()
    with ground.scene(cell.hook) as scene:
        lines = scene.folder / "lines"
        patch, env = f"{INSIDE}:at once; clock", {WATCHED: str(lines)}
        death = "SIGKILL after 9 ledger.journal.confirm"
        done = scene.call(COMMAND[cell.hook], patch=f"{patch}; {death}", env=env)
        if done.code < 0:
            done = scene.call(COMMAND[cell.hook], patch=patch, env=env)
        ended.hits = len(lines.read_text().splitlines()) if lines.exists() else 0
        if as_it_should(done, cell.hook, ended):
            ended.verdict += judge(ground, scene, cell.hook, done.json)
    return ended


def _paths(scene: Scene) -> tuple[Path, ...]:
    return tuple(state_of(scene) / name for name in _BASES)


def locked_before_it_begins(scene: Scene, hook: str) -> str:
    """What a command says whose ledger is locked from its start; the lock is gone afterwards."""
    path = state_of(scene) / "ledger.db"
    with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as db:
        db.execute("begin exclusive")
        done = scene.call(COMMAND[hook], patch=f"{AT_ONCE}; impatient").must(STOPPED)
        db.execute("rollback")
    return done.err


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
