"""Killed at every single change of the ledger and of staging, before it is kept and after it.

A command commits some dozens of changes. For each of them a copy of the same project is taken, the command
dies right before or right after that commit, and the same command is given again: what is there in the end,
and what the books say, is what a command that nobody disturbed leaves. Deaths by signal, of real processes
against real platforms, are in the fault matrix (`faults/process.py`).
"""

import copy
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from core.tests.fake_destination import KilledError, reference
from core.tests.toy_platforms import FIRM, FIRM_THERE, PERSON, Desk, world
from sqlalchemy.engine.default import DefaultDialect

from crossdock.config import load_project
from crossdock.database import sqlite_url
from crossdock.ledger import Ledger, PhaseRecord, RunState
from crossdock.model import Outcome
from crossdock.values import Reference

LOADED = datetime(2024, 1, 1, 8, tzinfo=UTC)
LATER = LOADED + timedelta(days=30)
WRITTEN = {Outcome.LOADED, Outcome.MERGED}

EVERY = "EVERY_TRANSITION"
"""The environment variable that has this try all changes, which takes some minutes."""

_SOME, _LAST = 4, 3
"""How many moments a command is tried at, and how many more at its end."""


@dataclass
class Death:
    """Counts the commits that change something, and lets the process die at one of them, for good."""

    at: int = -1
    after: bool = False
    count: int = 0
    dead: bool = False

    def commit(self, whole: Callable[[Any], None], connection: Any) -> None:
        """Instead of a commit."""
        changed, known = connection.total_changes, connection.info
        due = False
        if changed != known.get("changed", 0):
            self.count += 1
            due = self.count == self.at
        known["changed"] = changed
        self.dead = self.dead or (due and not self.after)
        if self.dead:
            raise KilledError
        whole(connection)
        if due:
            self.dead = True
            raise KilledError


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Death]]:
    """Arms a death; without a number it only counts."""
    whole = DefaultDialect.do_commit

    def arm(at: int = -1, *, after: bool = False) -> Death:
        death = Death(at, after)
        monkeypatch.setattr(
            DefaultDialect, "do_commit", lambda _, db: death.commit(lambda c: whole(_, c), db)
        )
        return death

    yield arm
    monkeypatch.undo()


@dataclass
class Kept:
    """A project and both platforms as they were, to be taken out as often as needed."""

    desk: Desk
    folder: Path
    platforms: dict[str, Any]

    @classmethod
    def of(cls, desk: Desk) -> "Kept":
        """As it is now."""
        folder = desk.folder.with_name("kept")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(desk.folder, folder)
        return cls(desk, folder, copy.deepcopy(vars(world)))

    def again(self) -> None:
        """Be as it was."""
        shutil.rmtree(self.desk.folder)
        shutil.copytree(self.folder, self.desk.folder)
        vars(world).update(copy.deepcopy(self.platforms))


def a_company(desk: Desk) -> None:
    """Firms with parents in a ring, one without a name, one that is there already; three people."""
    world.source.schemas = (
        FIRM.__class__(FIRM.name, (*FIRM.fields, reference("parent", "crm.firm")), "Firms"),
        PERSON,
    )
    fields = (*FIRM_THERE.fields, reference("parent", "firm"))
    world.destination.schemas["firm"] = FIRM_THERE.__class__("firm", fields, "Firm")
    world.destination.batch_size = 2
    world.destination.add("firm", "old", name="Old", domain="f1.example")
    world.source.asks_for_changes, world.source.clock = True, LOADED
    for n, (key, record) in enumerate(list(world.source.records["crm.firm"].items())):
        parent = Reference("crm.firm", f"f{(n + 1) % 3}")
        world.source.put("crm.firm", key, LOADED, **{**record.values, "parent": parent})
    for key, record in list(world.source.records["crm.person"].items()):
        world.source.put("crm.person", key, LOADED, **record.values)
    desk.initialise()
    desk.write_mapping()
    desk.edit("motto: motto}", "motto: motto, parent: {from: parent, reference: firm}}")
    desk.edit("destination: beta\n", "destination: beta\ndecisions: {deletions: trash}\n")


def confirmed(desk: Desk) -> None:
    """A confirmed mapping."""
    a_company(desk)
    assert desk("map", "confirm", "--by", "Anna").code == 0


def loaded(desk: Desk) -> None:
    """All is loaded."""
    confirmed(desk)
    assert desk("run").code == 1


def changed(desk: Desk) -> None:
    """All is loaded, and at the source one changed, one is new, one is gone."""
    loaded(desk)
    known = world.source.records["crm.firm"]["f0"]
    world.source.put("crm.firm", "f0", LATER, **{**known.values, "city": "Omsk"})
    world.source.put("crm.firm", "f7", LATER, **{**known.values, "title": "Firm 7", "site": "f7.example"})
    world.source.delete("crm.person", "p2", LATER)
    world.source.clock = LATER


def brought_on(desk: Desk) -> None:
    """A delta after it."""
    changed(desk)
    assert desk("run", "--delta").code == 1


@dataclass(frozen=True)
class Way:
    """A command, what has to be before it, and at least how many changes it commits. `answers`: the last of
    them notes that it has answered, and who dies after that has nothing left to do."""

    before: Callable[[Desk], None]
    command: tuple[str, ...]
    least: int
    answers: bool = False


WAYS = {
    "provision": Way(confirmed, ("provision",), 3),
    "sample": Way(confirmed, ("run", "--sample", "3"), 20),
    "run": Way(confirmed, ("run",), 30),
    "delta": Way(changed, ("run", "--delta"), 25),
    "reconcile": Way(loaded, ("reconcile",), 2),
    "rollback of a delta": Way(brought_on, ("rollback",), 3, answers=True),
    "rollback of a run": Way(loaded, ("rollback",), 4, answers=True),
}


def moments(count: int) -> list[tuple[int, bool]]:
    """Which changes are died at, and whether after them: the last two, and some before."""
    every = [(n, after) for n in range(1, count + 1) for after in (False, True)]
    if os.environ.get(EVERY):
        return every
    return [*every[: -_LAST : max(1, len(every) // _SOME) | 1], *every[-_LAST:]]


@dataclass(frozen=True)
class Left:
    """How things stand: what is there, what waits in the queues, each run of a kind with its books, and what
    is said of each change of the schema."""

    there: dict[str, Any]
    queues: dict[str, str]
    runs: list[tuple[str, str, list[Any]]]
    changes: list[tuple[str, str]]

    def beside(self, other: "Left") -> "Left":
        """The same without a second run that found everything done: the first one had ended before it died,
        and only its answer was lost."""
        extra = self.runs[len(other.runs) :]
        written = [p for _, _, phases in extra for p in phases if set(p[2]) & WRITTEN]
        if written or len(extra) > 1:
            return self
        return replace(self, runs=self.runs[: len(other.runs)])


def left(desk: Desk) -> Left:
    """How things stand; nothing may be in doubt, and no run under way."""
    ledger = Ledger(sqlite_url(load_project(desk.folder).ledger_db))
    try:
        runs = ledger.runs.all()
        books = [
            (r.kind, r.state.value, [_phase(ledger, phase) for phase in ledger.runs.phases(r)]) for r in runs
        ]
        changes = [(c.key, state) for r in runs for c, state in ledger.changes.of_run(r)]
        undone = RunState.ROLLED_BACK
        assert [e for r in runs if r.state is not undone for e in ledger.journal.in_doubt(r)] == []
    finally:
        ledger.close()
    queues = {path.name: path.read_text() for path in sorted((desk.folder / "queues").glob("*.csv"))}
    return Left(world.destination.state(), queues, books, changes)


def _phase(ledger: Ledger, phase: PhaseRecord) -> tuple[str, str, dict[Outcome, int]]:
    return phase.name, phase.state.value, dict(ledger.books.of_phase(phase, 0).source)


@pytest.mark.parametrize("name", WAYS)
def test_killed_at_a_change_and_given_again_a_command_ends_as_if_nothing_had_happened(desk, dying, name):
    way = WAYS[name]
    way.before(desk)
    kept = Kept.of(desk)
    counting = dying()
    code = desk(*way.command).code
    expected, count = left(desk), counting.count
    assert count >= way.least
    for n, after in moments(count)[: -1 if way.answers else None]:
        kept.again()
        death = dying(n, after=after)
        with suppress(KilledError):
            desk(*way.command)
        assert death.dead
        dying()
        again = desk(*way.command)
        assert left(desk).beside(expected) == expected, (n, after, again.err)
        assert again.code == code, (n, after, again.err)


def test_a_rollback_that_died_before_it_could_say_so_does_not_undo_the_run_before_too(desk, dying):
    brought_on(desk)
    counting = dying()
    kept = Kept.of(desk)
    first = desk("rollback", json=True)
    kept.again()
    dying(counting.count - 1, after=True)  # the last change is that somebody was told
    with suppress(KilledError):
        desk("rollback")
    dying()
    assert desk("rollback", json=True).json[0]["run"] == first.json[0]["run"]
    assert [r["state"] for r in desk("status", json=True).json] == ["done", "rolled back"]
    assert desk("rollback").code == 0
    assert {r["state"] for r in desk("status", json=True).json} == {"rolled back"}


def test_who_died_before_a_change_was_kept_has_not_kept_it_nor_any_later_one(desk, dying):
    confirmed(desk)
    death = dying(1)
    with pytest.raises(KilledError):
        desk("provision")
    dying()
    assert death.count == 1
    assert desk("status", json=True).json == []
