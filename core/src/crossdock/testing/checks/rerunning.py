"""A second run: what did not change is left alone, and what people did at the destination is respected."""

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

EDITED = samples.BRANCH


def things(done: Done) -> dict[str, int]:
    """The source book of the things."""
    phases = done.json["phases"]
    found: dict[str, int] = next(p["source"] for p in phases if p["name"].startswith(samples.THING))
    return found


@check()
def nothing_changed_nothing_is_written(kit: Kit) -> None:
    """Not one request that changes anything, and no record that bears another time."""
    scene = kit.scene(LOADED)
    scene.a_day_later()
    scene.sandbox.forget_log()
    done = scene.call("run").must(FOUND)
    nothing(scene.writes(), "written by a second run")
    assert_same(scene.dump(), kit.stages.dump(LOADED))
    total = done.json["totals"]["source"]
    same(set(total) - {"unchanged", "held", "rejected"}, set(), "outcomes")
    same(things(done)["unchanged"], samples.THINGS, "unchanged things")


@check()
def a_record_changed_at_the_source_is_updated(kit: Kit) -> None:
    """That one, and no other."""
    scene = kit.scene(LOADED)
    scene.changed(EDITED, title="Новое имя")
    scene.sandbox.forget_log()
    done = scene.call("run").must(FOUND)
    same(scene.value(EDITED, "title"), "Новое имя", "the title there")
    same(things(done)["loaded"], 1, "loaded things")
    same(len(scene.writes()), 1, "requests that write")
    scene.call("reconcile").must(OK)


@check()
def a_value_that_the_source_emptied_is_emptied(kit: Kit) -> None:
    """An update can take a value away."""
    scene = kit.scene(LOADED)
    scene.changed(EDITED, text=None, date=None, party=None, select=None)
    scene.call("run").must(FOUND)
    left = {name: scene.value(EDITED, name) for name in ("text", "date", "party", "select")}
    same({name for name, value in left.items() if value}, set(), "fields that hold something still")
    scene.call("reconcile").must(OK)


@check()
def an_edit_there_of_another_field_stays(kit: Kit) -> None:
    """Only what changed is written."""
    scene = kit.scene(LOADED)
    scene.edit(EDITED, integer=4321)
    scene.changed(EDITED, title="Новое имя")
    scene.call("run").must(FOUND)
    same((scene.value(EDITED, "title"), scene.value(EDITED, "integer")), ("Новое имя", 4321), "both edits")


_DECISIONS = {
    "undecided": ("", "Имя там", 2),
    "source": ("source", "Имя здесь", 1),
    "destination": ("destination", "Имя там", 1),
}


@check(cases=_DECISIONS)
def what_both_sides_changed_is_decided_by_a_person(kit: Kit, decision: str, title: str, held: int) -> None:
    """Nothing is written before; then what was decided."""
    scene = kit.scene(LOADED)
    conflicting(scene)
    scene.project.decide("conflicts", {EDITED: decision})
    done = scene.call("run").must(FOUND)
    same(scene.value(EDITED, "title"), title, "the title there")
    same(things(done)["held"], held, "held things")


def conflicting(scene: Scene) -> None:
    """A thing whose title was changed on both sides, after a run that put it into the queue."""
    scene.edit(EDITED, title="Имя там")
    scene.changed(EDITED, title="Имя здесь")
    scene.sandbox.forget_log()
    scene.call("run").must(FOUND)
    nothing(scene.writes(), "written in spite of a conflict")
    holds(EDITED in scene.project.queue("conflicts"), "the conflict is in its queue")


def made_again(kit: Kit, action: Action) -> None:
    """A thing that somebody took away there does not come back, whatever the source does."""
    scene = kit.scene(LOADED)
    scene.remove(samples.LEAF, action)
    before = scene.dump()
    scene.changed(samples.LEAF, title="Новое имя")
    scene.sandbox.forget_log()
    scene.call("run").must(FOUND)
    scene.call("run").must(FOUND)
    nothing(scene.writes(), "written for a record that was deleted there")
    assert_same(scene.dump(), before)
    found = scene.call("reconcile").must(FOUND).json["findings"]
    holds({"deleted there"} <= {f["kind"] for f in found}, "reconcile says that it was deleted there")


@check()
def what_was_destroyed_there_is_never_made_again(kit: Kit) -> None:
    """Somebody wanted it gone."""
    made_again(kit, Action.DESTROY)


@check(Capability.TRASH)
def what_lies_in_the_trash_there_is_never_made_again(kit: Kit) -> None:
    """Nor taken out of it."""
    made_again(kit, Action.TRASH)


@check(Capability.TRASH, cases={"restore": ("restore",), "skip": ("skip",)})
def a_match_in_the_trash_waits_for_a_decision(kit: Kit, decision: str) -> None:
    """It is taken out or left there as a person says, and a rollback puts it back."""
    scene = kit.scene(LOADED)
    record, schema = kit.target.record, scene.hand.catalog.object(kit.target.record.name)
    field = schema.field(record.match) if schema else None
    if field is None:
        raise AssertionError(f"the catalog has no {record.name}.{record.match}")
    value = samples.match_value(field.type, 77, kit.target)
    made = scene.hand.make(
        record.name, {record.title: "В корзине", record.match: (value,) if field.multiple else value}
    )
    there = scene.hand.find(record.name, made)
    if there is None:
        raise AssertionError("it was not made")
    scene.hand.remove(there, Action.TRASH)
    before = scene.sandbox.dump()
    with scene.company() as company:
        company.put(samples.PARTY, "p77", title="Партия 77", match=value, note="из корзины")
    scene.call("run").must(FOUND)
    holds("p77" in scene.project.queue("trash"), "it waits in the queue")
    assert_same(scene.dump(), kit.target.canonical(before))
    scene.project.decide("trash", {"p77": decision})
    scene.call("run").must(FOUND)
    now = scene.hand.find(record.name, made)
    same(bool(now and now.trashed), decision == "skip", "in the trash")
    if decision == "restore":
        scene.call("rollback").must(OK)
        assert_same(kit.target.undone(scene.sandbox.dump()), kit.target.undone(before))
