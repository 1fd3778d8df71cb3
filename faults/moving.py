"""A source that changes between two pages: records go, change and come while they are read."""

import random
import shutil
from typing import Any

from faults.again import TRACES, Ended, finished, lines_of, said, trial
from faults.cell import LOAD, PLATFORMS, Cell, Entry, Verdict, register
from faults.inside import WATCHED
from faults.judge import counted, named, origin_of, origins, rows, without
from faults.livesource import with_extras
from faults.scenes import AT_ONCE, COMMAND, Ground

from crossdock.testing import samples
from crossdock.testing.commands import FOUND, OK, STOPPED
from crossdock.testing.company import Company
from crossdock.testing.dumps import Dump, difference
from crossdock.testing.scene import Scene

FAULT = "source changes between pages"


def source_moves(ground: Ground, cell: Cell, dice: random.Random) -> Ended:
    """The list of things moves up while it is read; a run, a delta and a reconciliation later everything
    that the source holds at last is there once, and what is gone is named or not there."""
    del dice
    ended = Ended()
    with ground.scene(cell.hook) as scene:
        with scene.company() as company:
            with_extras(company)
        lines = scene.folder / "lines"
        more: dict[str, Any] = {"patch": f"{AT_ONCE}; moving", "env": {WATCHED: str(lines)}}
        done = scene.call(COMMAND[cell.hook], **more)
        ended.hits = lines_of(lines)
        if done.code not in (STOPPED, FOUND):
            ended.differs(f"ends with {done.code}: {said(done)}")
        finished(scene, cell.hook, ended, done, gates=True)
        told = named(scene.call("run", "--delta", patch=AT_ONCE).must(OK, FOUND).json)
        told |= named(scene.call("reconcile", patch=AT_ONCE).must(OK, FOUND).json)
        company = Company.load(scene.folder / "company.json")
        ended.verdict += _compared(ground, scene, cell.hook, company, told)
    return ended


def _compared(ground: Ground, scene: Scene, hook: str, company: Company, told: set[str]) -> Verdict:
    """The verdict: beside a run that reads the same source when it has come to rest."""
    with ground.scene(hook) as quiet:
        shutil.copyfile(scene.folder / "company.json", quiet.folder / "company.json")
        quiet.call(COMMAND[hook], patch=AT_ONCE).must(FOUND)
        wanted = quiet.sandbox.dump()
    end = scene.sandbox.dump()
    gone = {f"{samples.THING}/{r.key}" for r in company.of(samples.THING) if r.deleted}
    there = origins(end)
    unnamed = tuple(
        f"{one} is gone at the source, and not named" for one in gone if there[one] and one not in told
    )
    one, other = (TRACES(without(ground.target.canonical(dump), gone)) for dump in (end, wanted))
    differing = (*difference(_by_origin(one), _by_origin(other)), *difference(_others(one), _others(other)))
    return counted(end, wanted) + Verdict(unexplained=(*unnamed, *differing))


def _by_origin(dump: Dump) -> dict[str, Any]:
    """The records of ours: they may have come in another order."""
    found = {origin: row for _, row in rows(dump) if (origin := origin_of(row))}
    if not found:
        raise AssertionError("no record of the dump says where it came from")
    return found


def _others(dump: Dump) -> Dump:
    """The dump without the records of ours."""

    def left(part: Any) -> Any:
        return [row for row in part if not origin_of(row)]

    tables = {
        name: {state: left(part) for state, part in table.items()} if isinstance(table, dict) else left(table)
        for name, table in dump["records"].items()
    }
    return {**dump, "records": tables}


register(
    "moving",
    (Entry(Cell(FAULT, platform, LOAD), trial(source_moves)) for platform in PLATFORMS),
)
