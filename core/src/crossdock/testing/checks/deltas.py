"""A delta: what was created, changed or deleted since, and what people did at the destination stays."""

from collections.abc import Callable
from typing import Any

from crossdock.capabilities import Capability
from crossdock.model import Action
from crossdock.testing import samples
from crossdock.testing.commands import FOUND, OK, Done
from crossdock.testing.dumps import assert_same
from crossdock.testing.expecting import holds, nothing, same
from crossdock.testing.kit import Kit
from crossdock.testing.registry import check
from crossdock.testing.scene import Scene
from crossdock.testing.stages import LOADED

THING = samples.LEAF

LATER_THING, LATER_PARTY = "t50", "p50"


def findings(done: Done) -> set[tuple[str, str]]:
    """(kind, source key) of what was found, but for normalised values."""
    found = done.json["first_findings"]
    return {(f["kind"], f["origin"].rpartition("/")[2]) for f in found if f["kind"] != "normalised"}


@check()
def a_delta_without_a_change_writes_nothing(kit: Kit) -> None:
    """However often."""
    scene = kit.scene(LOADED)
    scene.a_day_later()
    for _ in range(2):
        scene.sandbox.forget_log()
        scene.call("run", "--delta").must(FOUND)
        nothing(scene.writes(), "written by a delta")
    assert_same(scene.dump(), kit.stages.dump(LOADED))


@check()
def a_record_that_was_made_since_arrives(kit: Kit) -> None:
    """With its references to what was loaded before."""
    scene = kit.scene(LOADED)
    with scene.company() as company:
        values = next(r for r in company.of(samples.THING) if r.key == samples.key("t", 2)).values
        company.put(samples.THING, LATER_THING)
        company.change(samples.THING, LATER_THING, **values, note=None)
    scene.call("run", "--delta").must(FOUND)
    holds(scene.value(LATER_THING, "party"), "it refers to its party")
    scene.call("reconcile").must(OK)


def _untouched(_scene: Scene) -> None:
    """Nothing happens."""


_AT_SOURCE: dict[str, Callable[[Scene], None]] = {
    "unchanged": _untouched,
    "changed": lambda scene: scene.changed(THING, title="Здесь"),
    "deleted": lambda scene: scene.deleted(THING),
}
_THERE: dict[str, Callable[[Scene], None]] = {
    "unchanged": _untouched,
    "edited": lambda scene: scene.edit(THING, title="Там"),
    "deleted": lambda scene: scene.remove(THING, Action.DESTROY),
}
_BEFORE = f"Вещь {int(THING[1:])}"
# source, there -> the title there afterwards (None: gone), whether it waits, what is found
_CELLS: dict[tuple[str, str], tuple[str | None, bool, set[tuple[str, str]]]] = {
    ("unchanged", "unchanged"): (_BEFORE, False, set()),
    ("unchanged", "edited"): ("Там", False, set()),
    ("unchanged", "deleted"): (None, False, set()),
    ("changed", "unchanged"): ("Здесь", False, set()),
    ("changed", "edited"): ("Там", True, set()),
    ("changed", "deleted"): (None, False, {("deleted there", THING)}),
    ("deleted", "unchanged"): (None, False, set()),
    ("deleted", "edited"): ("Там", True, set()),
    ("deleted", "deleted"): (None, False, set()),
}


@check(cases={f"{source} here, {there} there": (source, there) for source, there in _CELLS})
def each_of_the_nine_cells(kit: Kit, source: str, there: str) -> None:
    """Unchanged, changed and deleted on one side and on the other; a second delta writes nothing."""
    title, queued, found = _CELLS[source, there]
    scene = kit.scene(LOADED)
    scene.found(THING)
    scene.decided(deletions="destroy")
    _AT_SOURCE[source](scene)
    _THERE[there](scene)
    done = scene.call("run", "--delta").must(FOUND)
    now = scene.there(THING)
    same(now and now.values.get(scene.called("title")), title, "the title there")
    same(THING in scene.project.queue("conflicts"), queued, "in the queue of conflicts")
    same(findings(done), found, "findings")
    scene.sandbox.forget_log()
    scene.call("run", "--delta").must(FOUND)
    nothing(scene.writes(), "written by a second delta")


@check()
def a_deletion_is_only_reported_if_nothing_is_decided(kit: Kit) -> None:
    """People decide what becomes of the record there."""
    scene = kit.scene(LOADED)
    scene.deleted(THING)
    scene.sandbox.forget_log()
    done = scene.call("run", "--delta").must(FOUND)
    nothing(scene.writes(), "written though nothing was decided")
    same(findings(done), {("deleted at source", THING)}, "findings")


def taken_away(kit: Kit, policy: str, there: Callable[[Any], bool]) -> None:
    """A thing that was deleted at the source is taken away, and a rollback brings it back as it was."""
    scene = kit.scene(LOADED)
    scene.found(THING)
    scene.decided(deletions=policy)
    before = scene.sandbox.dump()
    scene.deleted(THING)
    scene.call("run", "--delta").must(FOUND)
    holds(there(scene.there(THING)), f"it was taken away ({policy})")
    scene.call("rollback").must(OK)
    undone = kit.target.undone
    assert_same(undone(scene.sandbox.dump()), undone(before))


@check()
def what_was_destroyed_comes_back_by_rollback(kit: Kit) -> None:
    """With the id that it had."""
    taken_away(kit, "destroy", lambda now: now is None)


@check(Capability.TRASH)
def what_was_put_into_the_trash_comes_back_by_rollback(kit: Kit) -> None:
    """Out of the trash, where it was meanwhile."""
    taken_away(kit, "trash", lambda now: now is not None and now.trashed)


@check()
def what_the_platform_filled_in_is_nobodys_edit(kit: Kit) -> None:
    """A record of an object that was there goes too: what a create fills by itself was not people's work."""
    scene = kit.scene(LOADED)
    with scene.company() as company:
        known = next(r for r in company.of(samples.PARTY) if r.key == samples.key("p", 2)).values
        match = samples.match_value(company.schemas[1].fields[1].type, 50, kit.target)
        company.put(samples.PARTY, LATER_PARTY)
        company.change(samples.PARTY, LATER_PARTY, **{**known, "match": match})
    scene.decided(deletions="destroy")
    scene.call("run", "--delta").must(FOUND)
    was = scene.found(LATER_PARTY, samples.PARTY)
    with scene.company() as company:
        company.delete(samples.PARTY, LATER_PARTY)
    scene.call("run", "--delta").must(FOUND)
    nothing(scene.project.queue("conflicts"), "waits, though nobody edited it")
    nothing(scene.hand.find(was.object_name, was.id), "it is there still")


@check()
def what_others_refer_to_is_not_destroyed(kit: Kit) -> None:
    """It would take something from records that stay: rejected, with the reason."""
    scene = kit.scene(LOADED)
    scene.decided(deletions="destroy")
    party = samples.key("p", 2)
    was = scene.found(party, samples.PARTY)
    with scene.company() as company:
        company.delete(samples.PARTY, party)
    done = scene.call("run", "--delta").must(FOUND)
    lines = [x for p in done.json["phases"] for x in p["not_loaded"] if x["key"] == party]
    same([line["outcome"] for line in lines], ["rejected"], "its outcome")
    holds(any(lines[0]["reasons"]), "there is a reason")
    holds(scene.hand.find(was.object_name, was.id), "it is there still")


@check(cases={kind: (kind,) for kind in ("kill_instead", "kill_after")})
def killed_while_it_takes_away(kit: Kit, kind: str) -> None:
    """The delta, given again, ends as one that nobody disturbed."""
    whole, killed = kit.scene(LOADED), kit.scene(LOADED)
    for scene in (whole, killed):
        scene.decided(deletions="destroy")
        scene.deleted(THING)
    whole.sandbox.forget_log()
    whole.call("run", "--delta").must(FOUND)
    log = whole.sandbox.log()
    [skip, *_] = [i for i, r in enumerate(log) if whole.writes([r])]
    killed.killed("run", "--delta", kind=kind, skip=skip)
    killed.call("run", "--delta").must(FOUND)
    assert_same(killed.dump(), whole.dump())
