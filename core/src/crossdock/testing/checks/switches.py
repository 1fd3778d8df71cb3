"""Automations of the destination: refused until decided, off while records are written, then on again."""

from crossdock.testing.commands import FOUND, OK, REFUSED
from crossdock.testing.dumps import assert_same
from crossdock.testing.expecting import holds, same
from crossdock.testing.kit import Kit
from crossdock.testing.registry import check
from crossdock.testing.scene import Scene
from crossdock.testing.stages import CONFIRMED, PROVISIONED
from crossdock.testing.target import Target


def _none(target: Target) -> str:
    return "" if target.automation else "the sandbox's seed has no active automation"


def decide(scene: Scene, decision: str) -> None:
    """Settle one decision about all automations, and confirm it."""
    with scene.project.edited("mapping.yaml") as document:
        document["automations"] = dict.fromkeys(document["automations"], decision)
    scene.call("map", "confirm", "--by", "Kit").must(OK)


def active(scene: Scene) -> set[str]:
    """The automations that are on."""
    reports = scene.hand.catalog.artifacts
    return {f"{a.kind} {a.id}" for report in reports for a in report.found if a.active}


@check(unless=_none)
def nothing_is_written_while_an_automation_is_undecided(kit: Kit) -> None:
    """It is named, and the exit code says that a person has to decide."""
    scene = kit.scene(CONFIRMED)
    on = active(scene)
    holds(any(name.startswith(kit.target.automation) for name in on), f"an active {kit.target.automation}")
    before = scene.sandbox.dump()
    decide(scene, "undecided")
    done = scene.call("run").must(REFUSED)
    holds(kit.target.automation in done.err, "the message names what waits")
    assert_same(scene.sandbox.dump(), before)


@check(unless=_none)
def paused_automations_are_on_again_at_the_end(kit: Kit) -> None:
    """After the run, and after its rollback."""
    scene = kit.scene(CONFIRMED)
    before, on = scene.sandbox.dump(), active(scene)
    decide(scene, "pause")
    done = scene.call("run").must(FOUND)
    same({a["state"] for a in done.json["automations"]}, {"on again"}, "states of the automations")
    same(active(scene), on, "automations that are on")
    scene.call("rollback").must(OK)
    same(active(scene), on, "automations that are on after the rollback")
    assert_same(kit.target.undone(scene.sandbox.dump()), kit.target.undone(before))


@check(unless=_none, cases={"the same command": ("run",), "a rollback": ("rollback",)})
def what_a_killed_run_left_off_is_switched_on_by(kit: Kit, command: str) -> None:
    """Killed while automations are off: whatever ends the matter switches them on."""
    whole = kit.scene(PROVISIONED)
    on = active(whole)
    decide(whole, "pause")
    whole.sandbox.forget_log()
    whole.call("run").must(FOUND)
    log = whole.sandbox.log()
    writes = [i for i, r in enumerate(log) if whole.writes([r])]
    scene = kit.scene(PROVISIONED)
    decide(scene, "pause")
    scene.killed("run", kind="kill_after", skip=writes[len(writes) // 2])
    holds(active(scene) != on, "they are off when the run was killed")
    scene.call(command).must(OK, FOUND)
    same(active(scene), on, "automations that are on")
