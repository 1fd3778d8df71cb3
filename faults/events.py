"""What happens behind the back of a command that is under way: a key is revoked, people work at the
destination, somebody takes a field away."""

import json
import random
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any

from faults import machine, moving  # noqa: F401 their cells are in the registry then
from faults.again import A_ROUND, AT_ONCE, Ended, allow, as_it_should, beside_traces, finished, said, trial
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
from faults.judge import compared, judge, named
from faults.scenes import COMMAND, ENDS, Ground
from faults.tidying import take_field

from crossdock.errors import CrossdockError
from crossdock.model import (
    Action,
    Change,
    ChangeKind,
    Observation,
)
from crossdock.testing import samples
from crossdock.testing.commands import FOUND, OK, STOPPED, Done
from crossdock.testing.scene import Scene
from crossdock.values import Reference

_WAVED_THROUGH = 0.7
"""In how many rounds no gate stops a run that people disturb: it goes on to the end then, and they too."""

_PAUSE = 0.6
"""Seconds that the sandbox waits at a request, while somebody does something."""
_ORIGIN = re.compile(r"(kit\.\w+/\w+)$")


# --- the key -------------------------------------------------------------------------------------


def key_revoked(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """The key is revoked at some request, and there is a new one for the next start."""
    ended, count = Ended(), len(ground.log(cell.hook))
    with ground.scene(cell.hook) as scene:
        for _ in range(A_ROUND):
            skip = dice.randrange(2, max(4, count // 2))
            scene.sandbox.fault(**ground.target.lost_key, skip=skip, times=None)
            done = scene.call(COMMAND[cell.hook], patch=AT_ONCE)
            if not scene.sandbox.hits():
                break
            ended.hits += 1
            if done.code != STOPPED or "a fault in crossdock itself" in done.err:
                ended.differs(f"revoked at request {skip + 1}, ends with {done.code}: {said(done)}")
        else:
            done = finished(scene, cell.hook, ended)
        ended.restarts += ended.hits
        if as_it_should(done, cell.hook, ended):
            ended.verdict += judge(ground, scene, cell.hook, done.json)
    return ended


# --- people --------------------------------------------------------------------------------------


@dataclass
class Person:
    """Somebody who works at the destination while a command waits for an answer. `touched`: the source
    records whose records were edited or taken away."""

    scene: Scene
    dice: random.Random
    act: str
    touched: set[str] = field(default_factory=set)

    def work(self) -> None:
        """Do one thing to a record of the project that nobody has touched yet, if there is one.

        What a rollback takes away at the same time cannot be had: then nothing was done.
        """
        objects = [self.scene.plan.thing, self.scene.target.record.name]
        self.dice.shuffle(objects)
        with suppress(CrossdockError, AssertionError):
            for name in objects:
                mine = self.scene.hand.owned(name, self.scene.project_id)
                left = [o for o in mine if (origin := origin_of(o)) and self._may(origin)]
                if left:
                    self._do(self.dice.choice(left))
                    return

    def _may(self, origin: str) -> bool:
        """What was there before and is taken away by somebody, no rollback has to bring back."""
        theirs = self.act != "edited" and origin.endswith(f"/{samples.THERE_BEFORE}")
        return origin not in self.touched and not theirs

    def _do(self, there: Observation) -> None:
        thing = there.object_name == self.scene.plan.thing
        title = self.scene.called("title") if thing else self.scene.target.record.title
        if self.act == "edited":
            self.scene.hand.change(there, **{title: f"Руками {len(self.touched)}"})
        else:
            self.scene.hand.remove(there, Action.TRASH if self.act == "trashed" else Action.DESTROY)
        self.touched.add(origin_of(there))


def origin_of(there: Observation) -> str:
    """The source record that a record came from."""
    found = _ORIGIN.search(there.external_id)
    return found[1] if found else ""


def meanwhile(ground: Ground, scene: Scene, hook: str, dice: random.Random, act: Callable[[], None]) -> Done:
    """Give a command, and act some times while it waits for an answer of the destination."""
    stride = max(1, len(ground.log(hook)) // (A_ROUND + 1))

    def pause() -> None:
        scene.sandbox.hits()
        scene.sandbox.fault(kind="slow", seconds=_PAUSE, skip=dice.randrange(stride))

    pause()
    running = scene.project.begin(COMMAND[hook], patch=AT_ONCE)
    while (done := scene.project.within(running, 0.02)) is None:
        if any(fault["hits"] for fault in scene.sandbox.ask("GET", "/_sandbox/faults")):
            act()
            pause()
    scene.sandbox.hits()
    return done


def people(act: str) -> Callable[[Ground, Cell, random.Random], Ended]:
    """A round in which people edit records of the project, put them into the trash, or destroy them."""

    def one(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
        ended = Ended()
        with ground.scene(cell.hook) as scene:
            person = Person(scene, dice, act)
            if dice.random() < _WAVED_THROUGH:
                allow(scene)
            done = meanwhile(ground, scene, cell.hook, dice, person.work)
            ended.hits = len(person.touched)
            done = finished(scene, cell.hook, ended, done)
            if as_it_should(done, cell.hook, ended, OK, FOUND):
                ended.verdict += _after_people(ground, scene, cell.hook, person.touched, done)
        return ended

    return one


def _after_people(ground: Ground, scene: Scene, hook: str, touched: set[str], done: Done) -> Verdict:
    if hook == ROLLBACK:
        return _after_rollback(ground, scene, done)
    told = named(done.json)
    done = scene.call("reconcile", patch=AT_ONCE).must(OK, FOUND)
    told |= named(done.json)
    verdict = beside_traces(compared(ground, hook, scene.sandbox.dump(), told - named(ground.answer(hook))))
    strange = told - named(ground.answer(LOAD)) - named(ground.answer(RECONCILE))
    strange -= referring(scene, touched)
    return verdict + Verdict(unexplained=tuple(f"{one} is named, and nobody touched it" for one in strange))


def _after_rollback(ground: Ground, scene: Scene, done: Done) -> Verdict:
    """What people edited is kept and named; undone by force as well, all is as it was."""
    told = named(done.json)
    scene.call("status").must(OK)  # whoever looks now looks at the schema that is left
    left = {
        origin
        for name in (scene.plan.thing, scene.target.record.name)
        for there in _owned(scene, name)
        if (origin := origin_of(there))
    }
    unnamed = tuple(f"{one} is kept and not named" for one in sorted(left - told))
    if left or told:
        run = done.json[0]["run"]
        scene.call("rollback", "--run", run, "--force", patch=AT_ONCE).must(OK, FOUND)
    found = beside_traces(compared(ground, ROLLBACK, scene.sandbox.dump()))
    return found + Verdict(unexplained=unnamed)


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


# --- the schema ----------------------------------------------------------------------------------


def made_fields(scene: Scene) -> list[Change]:
    """The fields of things that the project has made, but for the one that names the source record."""
    with closing(sqlite3.connect(scene.project.folder / ".crossdock" / "ledger.db")) as db:
        rows = db.execute("select key, object, name, label, undo from change where kind = 'field' order by n")
        found = [Change(ChangeKind.FIELD, k, o, n, lab, "", json.loads(u)) for k, o, n, lab, u in rows]
    ours = {*scene.plan.fields.values()} - {scene.called("title")}
    return [change for change in found if change.object_name == scene.plan.thing and change.name in ours]


def field_gone_before(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """Fields are taken away between provision and load, one before each start; a run makes them again."""
    ended = Ended()
    with ground.scene(cell.hook) as scene:
        fields = made_fields(scene)
        dice.shuffle(fields)
        for change in fields[:A_ROUND]:
            take_field(scene.sandbox, change)
            ended.hits += 1
            stop = "SIGTERM before 1 ledger.changes.made"
            done = scene.call(COMMAND[cell.hook], patch=f"{AT_ONCE}; {stop}")
            if done.code not in (STOPPED, ENDS[cell.hook]):
                ended.differs(f"without {change.key}, ends with {done.code}: {said(done)}")
        done = finished(scene, cell.hook, ended)
        if as_it_should(done, cell.hook, ended):
            ended.verdict += compared(ground, cell.hook, scene.sandbox.dump())
    return ended


def field_gone_midway(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """Fields are taken away while records are loaded: it is said which, and the rest arrives when they are
    there again."""
    ended = Ended()
    with ground.scene(cell.hook) as scene:
        fields = made_fields(scene)
        dice.shuffle(fields)
        gone: list[Change] = []

        def act() -> None:
            if fields and len(gone) < A_ROUND:
                gone.append(fields.pop())
                take_field(scene.sandbox, gone[-1])

        done = meanwhile(ground, scene, cell.hook, dice, act)
        ended.hits = len(gone)
        if gone and not _says_which(done, gone):
            names = ", ".join(change.name for change in gone)
            ended.differs(f"ends with {done.code} and names none of {names}: {said(done)}")
        ended.verdict += _with_fields_again(ground, scene, cell.hook, ended, gone)
    return ended


def _with_fields_again(
    ground: Ground, scene: Scene, hook: str, ended: Ended, gone: Sequence[Change]
) -> Verdict:
    """The end of a run after which the fields are there again, made by the run itself."""
    done = finished(scene, hook, ended)
    done = finished(scene, hook, ended)  # what was refused in a run that ended is loaded by the next one
    if not as_it_should(done, hook, ended, OK, FOUND):
        return Verdict()
    found = scene.call("reconcile", patch=AT_ONCE).must(OK, FOUND)
    told = named(done.json) | named(found.json)
    kept = told - named(ground.answer(hook))
    lost = {f["field"] for f in found.json["first_findings"] if f["kind"] not in ("normalised",)}
    strange = lost - {change.name for change in gone}
    more = tuple(f"the field {name} differs, and nobody touched it" for name in strange if name)
    verdict = beside_traces(compared(ground, hook, scene.sandbox.dump(), kept))
    return verdict + Verdict(unexplained=more)


def _says_which(done: Done, gone: Sequence[Change]) -> bool:
    text: Any = done.out + done.err
    return any(change.name in text for change in gone)


FAULTS: dict[str, tuple[Callable[[Ground, Cell, random.Random], Ended], Sequence[str]]] = {
    "key revoked": (key_revoked, HOOKS),
    "records edited by somebody": (people("edited"), (LOAD, RECONCILE, ROLLBACK)),
    "records trashed by somebody": (people("trashed"), (LOAD, RECONCILE, ROLLBACK)),
    "records destroyed by somebody": (people("destroyed"), (LOAD, RECONCILE, ROLLBACK)),
    "fields gone before the load": (field_gone_before, (LOAD,)),
    "fields gone in the middle": (field_gone_midway, (LOAD,)),
}
NOT_ODOO = ("records trashed by somebody", "fields gone before the load", "fields gone in the middle")
"""Odoo has no trash but ours, and who archives a record there leaves an ordinary one (docs/decisions/0016).
It refuses to delete a field that a view shows (measured on 18.0), and ours are all shown."""

register(
    "events",
    (
        Entry(Cell(name, platform, hook), trial(one))
        for name, (one, hooks) in FAULTS.items()
        for platform in (PLATFORMS if name not in NOT_ODOO else PLATFORMS[:1])
        for hook in hooks
    ),
)
