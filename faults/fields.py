"""Somebody changes the schema behind the back of a load: fields go, are renamed, or are of another type."""

import json
import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from faults.again import A_ROUND, TRACES, Ended, as_it_should, finished, said, trial
from faults.cell import LOAD, PLATFORMS, Cell, Entry, Verdict, register
from faults.judge import HARMLESS, compared, named
from faults.meanwhile import meanwhile
from faults.scenes import AT_ONCE, COMMAND, ENDS, Ground
from faults.tidying import aside, rename_field, retype_field, take_field

from crossdock.model import Change, ChangeKind
from crossdock.testing.commands import FOUND, OK, STOPPED, Done
from crossdock.testing.dumps import as_it_is, without
from crossdock.testing.scene import Scene

BESIDE = {"twenty": as_it_is, "odoo": without(("records", "ir.ui.view", "arch_db"))}
"""Whoever deletes or renames a field in Odoo has to take it out of the views first (measured on 18.0). A view
that somebody changed is not written again: the field is there, and not shown."""


def made_fields(scene: Scene) -> list[Change]:
    """The fields of things that the project has made, but for the one that names the source record."""
    with closing(sqlite3.connect(scene.project.folder / ".crossdock" / "ledger.db")) as db:
        rows = db.execute("select key, object, name, label, undo from change where kind = 'field' order by n")
        found = [Change(ChangeKind.FIELD, k, o, n, lab, "", json.loads(u)) for k, o, n, lab, u in rows]
    ours = {*scene.plan.fields.values()} - {scene.called("title")}
    return [change for change in found if change.object_name == scene.plan.thing and change.name in ours]


def is_gone(scene: Scene, change: Change) -> bool:
    """Whether the destination says that a field is not there. Since the last command nobody has asked it."""
    there = scene.hand.catalog.object(change.object_name)
    return there is not None and there.field(change.name) is None


def gone_before(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """Fields are taken away between provision and load, one before each start; a run makes them again."""
    ended = Ended()
    with ground.scene(cell.hook) as scene:
        fields = made_fields(scene)
        dice.shuffle(fields)
        for change in fields[:A_ROUND]:
            take_field(scene.sandbox, change)
            ended.hits += is_gone(scene, change)
            stop = "SIGTERM before 1 ledger.changes.made"
            done = scene.call(COMMAND[cell.hook], patch=f"{AT_ONCE}; {stop}")
            if done.code not in (STOPPED, ENDS[cell.hook]):
                ended.differs(f"without {change.key}, ends with {done.code}: {said(done)}")
        done = finished(scene, cell.hook, ended, gates=True)
        if as_it_should(done, cell.hook, ended):
            ended.verdict += compared(ground, cell.hook, scene.sandbox.dump(), beside=BESIDE[cell.platform])
    return ended


def gone_midway(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """Fields are taken away while records are loaded: it is said which, and the rest arrives when they are
    there again."""
    ended = Ended()
    with ground.scene(cell.hook) as scene:
        gone = _altered(ground, scene, cell, dice, ended, (take_field,))
        ended.verdict += _with_fields_again(ground, scene, cell.hook, ended, gone)
    return ended


def changed_midway(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """Fields are renamed, or made anew with another type, while records are loaded: it is said which, also
    when the command is given again; and the rest arrives when somebody has taken the wrong ones away."""
    ended = Ended()
    with ground.scene(cell.hook) as scene:
        changed = _altered(ground, scene, cell, dice, ended, (rename_field, retype_field))
        if retyped := changed[1::2]:
            _must_say(scene.call(COMMAND[cell.hook], patch=AT_ONCE), retyped, ended)
        for n, change in enumerate(changed):
            take_field(scene.sandbox, change, "" if n % 2 else aside(change))
        ended.verdict += _with_fields_again(ground, scene, cell.hook, ended, changed)
    return ended


def _altered(
    ground: Ground,
    scene: Scene,
    cell: Cell,
    dice: random.Random,
    ended: Ended,
    ways: Sequence[Callable[..., None]],
) -> list[Change]:
    """Give the command while somebody changes one field after the other, in these ways by turns; it has to
    say which. The changed ones."""
    fields, altered = made_fields(scene), list[Change]()
    dice.shuffle(fields)

    def act() -> None:
        if fields and len(altered) < A_ROUND:
            altered.append(fields.pop())
            ways[(len(altered) - 1) % len(ways)](scene.sandbox, altered[-1])

    done, ended.hits = meanwhile(ground, scene, cell.hook, dice, act)
    _must_say(done, altered, ended)
    return altered


def _must_say(done: Done, altered: Sequence[Change], ended: Ended) -> None:
    """What a command says has to name one of the fields that are not as they were."""
    text: Any = done.out + done.err
    if altered and not any(change.name in text for change in altered):
        names = ", ".join(change.name for change in altered)
        ended.differs(f"ends with {done.code} and names none of {names}: {said(done)}")


def _with_fields_again(
    ground: Ground, scene: Scene, hook: str, ended: Ended, altered: Sequence[Change]
) -> Verdict:
    """The end of a run after which the fields are there again, made by the run itself."""
    done = finished(scene, hook, ended, gates=True)
    done = finished(scene, hook, ended, gates=True)  # what one run refused is loaded by the next one
    if not as_it_should(done, hook, ended, OK, FOUND):
        return Verdict()
    found = scene.call("reconcile", patch=AT_ONCE).must(OK, FOUND)
    told = named(done.json) | named(found.json)
    kept = told - named(ground.answer(hook))
    lost = {f["field"] for f in found.json["first_findings"] if f["kind"] != HARMLESS}
    strange = lost - {change.name for change in altered}
    more = tuple(f"the field {name} differs, and nobody touched it" for name in strange if name)
    views = BESIDE[ground.target.platform]
    verdict = compared(ground, hook, scene.sandbox.dump(), kept, beside=lambda dump: views(TRACES(dump)))
    return verdict + Verdict(unexplained=more)


FAULTS = {
    "fields gone before the load": gone_before,
    "fields gone in the middle": gone_midway,
    "fields changed in the middle": changed_midway,
}
register(
    "fields",
    (Entry(Cell(name, platform, LOAD), trial(one)) for name, one in FAULTS.items() for platform in PLATFORMS),
)
