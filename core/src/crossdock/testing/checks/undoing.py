"""Rollback leaves the destination as it was, and keeps what people did since."""

from crossdock.model import Action
from crossdock.testing import samples
from crossdock.testing.commands import FOUND, OK
from crossdock.testing.dumps import assert_same
from crossdock.testing.expecting import holds, nothing, same
from crossdock.testing.kit import Kit
from crossdock.testing.registry import check
from crossdock.testing.stages import CONFIRMED, LOADED, UNDONE


@check()
def after_a_rollback_everything_is_as_before(kit: Kit) -> None:
    """Records, trash, files and schema; the one that was filled up holds what it held."""
    undone = kit.target.undone
    assert_same(undone(kit.stages.raw(UNDONE)), undone(kit.stages.raw(CONFIRMED)))
    [result] = kit.stages.answer(UNDONE)
    same((result["kept"], result["failed"]), ([], []), "kept and failed")


@check()
def a_dry_run_of_a_rollback_says_what_the_rollback_does(kit: Kit) -> None:
    """And does nothing."""
    scene = kit.scene(LOADED)
    scene.a_day_later()
    scene.sandbox.forget_log()
    [planned] = scene.call("rollback", "--dry-run").must(OK).json
    nothing(scene.writes(), "written by a dry run")
    assert_same(scene.dump(), kit.stages.dump(LOADED))
    [done] = kit.stages.answer(UNDONE)
    same(planned["undone"], done["undone"], "what was foreseen")


@check()
def a_second_rollback_finds_nothing_to_do(kit: Kit) -> None:
    """Rolled back is rolled back."""
    scene = kit.scene(UNDONE)
    scene.sandbox.forget_log()
    done = scene.call("rollback")
    holds(done.code != OK, "there is nothing to roll back")
    nothing(scene.writes(), "written")


@check()
def what_somebody_edited_since_is_kept_unless_forced(kit: Kit) -> None:
    """The edited record stays and is named, and so is the schema of its object that it needs, and no other.

    Once a person took the record away, the same command takes that schema back too.
    """
    scene = kit.scene(LOADED)
    scene.edit(samples.BRANCH, title="Правка")
    [result] = scene.call("rollback").must(FOUND).json
    (record, why), *schema = result["kept"]
    same((samples.BRANCH in record, why[:6], result["failed"]), (True, "edited", []), "what was kept")
    objects = {key.partition(":")[2].partition(".")[0] for key, _ in schema}
    nothing(objects - {scene.plan.thing}, "other objects whose schema was kept")
    same(scene.value(samples.BRANCH, "title"), "Правка", "the edit")
    left = scene.hand.owned(scene.plan.thing, scene.project_id)
    same(len(left), 1, "things that are left")
    scene.remove(samples.BRANCH, Action.DESTROY)
    scene.call("rollback").must(OK)
    undone = kit.target.undone
    assert_same(undone(scene.sandbox.dump()), undone(kit.stages.raw(CONFIRMED)))


@check()
def a_forced_rollback_takes_what_was_edited_too(kit: Kit) -> None:
    """It is as before in spite of the edit."""
    scene = kit.scene(LOADED)
    scene.edit(samples.BRANCH, title="Правка")
    scene.call("rollback", "--force").must(OK)
    undone = kit.target.undone
    assert_same(undone(scene.sandbox.dump()), undone(kit.stages.raw(CONFIRMED)))


@check()
def what_somebody_deleted_since_is_no_obstacle(kit: Kit) -> None:
    """It is gone already."""
    scene = kit.scene(LOADED)
    scene.remove(samples.LEAF, Action.DESTROY)
    scene.call("rollback").must(OK)
    undone = kit.target.undone
    assert_same(undone(scene.sandbox.dump()), undone(kit.stages.raw(CONFIRMED)))


@check()
def an_update_is_undone_field_by_field(kit: Kit) -> None:
    """What the second run wrote is taken back; what people edited beside it stays."""
    scene = kit.scene(LOADED)
    before = scene.sandbox.dump()
    scene.changed(samples.BRANCH, title="Новое имя", text="новый текст", date=None)
    scene.call("run").must(FOUND)
    scene.call("rollback").must(OK)
    undone = kit.target.undone
    assert_same(undone(scene.sandbox.dump()), undone(before))
