"""What happens behind the back of a command that is under way: a key is revoked, people work at the
destination."""

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from faults.again import (
    TRACES,
    Ended,
    allow,
    as_it_should,
    disturbed,
    faulty,
    finished,
    happened,
    no_more,
    said,
    trial,
)
from faults.cell import (
    HOOKS,
    LOAD,
    PLATFORMS,
    RECONCILE,
    ROLLBACK,
    Cell,
    Entry,
    Verdict,
    register,
)
from faults.judge import compared, named, origin_in, origin_of, rows
from faults.meanwhile import meanwhile
from faults.scenes import AT_ONCE, COMMAND, Ground

from crossdock.errors import CrossdockError
from crossdock.model import Action, Observation
from crossdock.testing import samples
from crossdock.testing.commands import FOUND, OK, STOPPED, Done
from crossdock.testing.dumps import Dump
from crossdock.testing.scene import Scene
from crossdock.values import Reference

_WAVED_THROUGH = 0.7
"""In how many rounds no gate stops a run that people disturb: it goes on to the end then, and they too."""


_EARLY = 2
"""How many records people edit before a rollback begins."""
_GONE = "what somebody wrote is gone, and nothing names it"

# --- the key -------------------------------------------------------------------------------------


def key_revoked(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """The key is revoked at some request, and there is a new one for the next start."""
    ended, count = Ended(), len(ground.log(cell.hook))
    with ground.scene(cell.hook) as scene:

        def once(_: int) -> tuple[Done, int]:
            skip = dice.randrange(2, max(4, count // 2))
            scene.sandbox.fault(**ground.target.lost_key, skip=skip, times=None)
            done = scene.call(COMMAND[cell.hook], patch=AT_ONCE)
            hit = bool(happened(scene))
            no_more(scene)
            if hit and (done.code != STOPPED or faulty(done)):
                ended.differs(f"revoked at request {skip + 1}, ends with {done.code}: {said(done)}")
            return done, int(hit)

        disturbed(ground, scene, cell, ended, once)
    return ended


# --- people --------------------------------------------------------------------------------------


@dataclass
class Person:
    """Somebody who works at the destination while a command waits for an answer. `touched`: the source
    records whose records were edited or taken away, with the text that was written, "" if none was; `early`:
    those of them that were edited before the command began; `lost`: edits that nothing could keep."""

    scene: Scene
    dice: random.Random
    act: str
    touched: dict[str, str] = field(default_factory=dict)
    early: frozenset[str] = frozenset()
    lost: list[str] = field(default_factory=list)

    def work(self) -> None:
        """Do one thing to a record of the project that nobody has touched yet, if there is one.

        What a rollback takes away at the same time cannot be had: then nothing was done.
        """
        objects = [self.scene.plan.thing, self.scene.target.record.name]
        self.dice.shuffle(objects)
        with suppress(CrossdockError, AssertionError):
            for name in objects:
                mine = self.scene.hand.owned(name, self.scene.project_id)
                left = [o for o in mine if (origin := origin_in(o.external_id)) and self._may(origin)]
                if left:
                    self._do(self.dice.choice(left))
                    return

    def begin_early(self) -> None:
        """Edit some records before the command begins."""
        for _ in range(_EARLY):
            self.work()
        self.early = frozenset(self.touched)

    def _may(self, origin: str) -> bool:
        """What was there before and is taken away by somebody, no rollback has to bring back."""
        theirs = self.act != "edited" and origin.endswith(f"/{samples.THERE_BEFORE}")
        return origin not in self.touched and not theirs

    def title_of(self, origin: str) -> str:
        """The column that people write into, of the record that a source record became."""
        thing = origin.startswith(f"{samples.THING}/")
        return self.scene.called("title") if thing else self.scene.target.record.title

    def _do(self, there: Observation) -> None:
        origin, text = origin_in(there.external_id), ""
        if self.act == "edited":
            text = f"Руками {len(self.touched)}"
            self.scene.hand.change(there, **{self.title_of(origin): text})
        else:
            self.scene.hand.remove(there, Action.TRASH if self.act == "trashed" else Action.DESTROY)
        self.touched[origin] = text


def people(act: str) -> Callable[[Ground, Cell, random.Random], Ended]:
    """A round in which people edit records of the project, put them into the trash, or destroy them."""

    def one(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
        ended = Ended()
        with ground.scene(cell.hook) as scene:
            person = Person(scene, dice, act)
            if dice.random() < _WAVED_THROUGH:
                allow(scene)
            if act == "edited" and cell.hook == ROLLBACK:
                person.begin_early()
            done, ended.hits = meanwhile(ground, scene, cell.hook, dice, person.work)
            done = finished(scene, cell.hook, ended, done, gates=True)
            if as_it_should(done, cell.hook, ended, OK, FOUND):
                ended.verdict += _after_people(ground, scene, cell.hook, person, done)
                ended.notes += person.lost
        return ended

    return one


def _after_people(ground: Ground, scene: Scene, hook: str, person: Person, done: Done) -> Verdict:
    if hook == ROLLBACK:
        return _after_rollback(ground, scene, person, done)
    told = named(done.json)
    done = scene.call("reconcile", patch=AT_ONCE).must(OK, FOUND)
    told |= named(done.json)
    edited = {one: columns_of(person.title_of(one)) for one, text in person.touched.items() if text}
    end, explained = scene.sandbox.dump(), told - named(ground.answer(hook)) - {*edited}
    verdict = compared(ground, hook, end, explained, edited=edited, beside=TRACES)
    strange = told - named(ground.answer(LOAD)) - named(ground.answer(RECONCILE))
    strange -= referring(scene, {*person.touched})
    lines = [f"{_GONE}: {one}" for one in overwritten(end, person, told)]
    lines += [f"{one} is named, and nobody touched it" for one in strange]
    return verdict + Verdict(unexplained=tuple(lines))


def columns_of(title: str) -> tuple[str, ...]:
    """The columns that differ where people wrote into this one: Odoo puts the name together once more."""
    return (title, "complete_name")


def overwritten(dump: Dump, person: Person, told: Collection[str]) -> Iterator[str]:
    """The source records whose records somebody wrote into, that are not there so any more, and that no
    command named."""
    there: dict[str, list[Any]] = {}
    for _, row in rows(dump):
        if origin := origin_of(row):
            there.setdefault(origin, []).append(row.get(person.title_of(origin)))
    for origin, text in person.touched.items():
        if text and text not in there.get(origin, ()) and origin not in told:
            yield origin


def _after_rollback(ground: Ground, scene: Scene, person: Person, done: Done) -> Verdict:
    """What people edited is kept and named; undone by force as well, all is as it was."""
    told = named(done.json)
    scene.call("status").must(OK)  # whoever looks now looks at the schema that is left
    left = {
        origin
        for name in (scene.plan.thing, scene.target.record.name)
        for there in _owned(scene, name)
        if (origin := origin_in(there.external_id))
    }
    gone = {*overwritten(scene.sandbox.dump(), person, told)}
    lines = [f"{one} is kept and not named" for one in sorted(left - told)]
    lines += [f"{_GONE}: {one}" for one in sorted(gone & person.early)]
    # No platform takes back a record only if it is as it was when somebody looked at it.
    person.lost += [f"edited while it was undone: {one}" for one in sorted(gone - person.early)]
    if left or told:
        run = done.json[0]["run"]
        scene.call("rollback", "--run", run, "--force", patch=AT_ONCE).must(OK, FOUND)
    found = compared(ground, ROLLBACK, scene.sandbox.dump(), beside=TRACES)
    return found + Verdict(unexplained=tuple(lines))


def _owned(scene: Scene, name: str) -> list[Observation]:
    known = {schema.name for schema in scene.hand.catalog.objects}
    return scene.hand.owned(name, scene.project_id) if name in known else []


def referring(scene: Scene, touched: set[str]) -> set[str]:
    """These source records and all that refer to one of them, over others too: where something is taken away,
    what refers to it stays empty or is not taken."""
    with scene.company() as company:
        records = [record for table in company.records.values() for record in table.values()]
    links = {f"{r.object_name}/{r.key}": set(_links(r.values.values())) for r in records}
    found = set(touched)
    while more := {one for one, others in links.items() if one not in found and others & found}:
        found |= more
    return found


def _links(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Reference):
                yield f"{one.object_name}/{one.key}"


FAULTS: dict[str, tuple[Callable[[Ground, Cell, random.Random], Ended], Sequence[str]]] = {
    "key revoked": (key_revoked, HOOKS),
    "records edited by somebody": (people("edited"), (LOAD, RECONCILE, ROLLBACK)),
    "records trashed by somebody": (people("trashed"), (LOAD, RECONCILE, ROLLBACK)),
    "records destroyed by somebody": (people("destroyed"), (LOAD, RECONCILE, ROLLBACK)),
}
NOT_ODOO = ("records trashed by somebody",)
"""Odoo has no trash but ours, and who archives a record there leaves an ordinary one (decision 0016)."""

register(
    "events",
    (
        Entry(Cell(name, platform, hook), trial(one))
        for name, (one, hooks) in FAULTS.items()
        for platform in (PLATFORMS if name not in NOT_ODOO else PLATFORMS[:1])
        for hook in hooks
    ),
)
