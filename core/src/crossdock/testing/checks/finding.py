"""What reconcile finds: records that nobody knows of, edits, deletions, and what never arrived."""

from collections import Counter

from crossdock.capabilities import Capability
from crossdock.model import Action
from crossdock.testing import samples
from crossdock.testing.checks.crashing import BEFORE, BETWEEN, nth_write
from crossdock.testing.commands import FOUND, Done
from crossdock.testing.expecting import same
from crossdock.testing.kit import Kit
from crossdock.testing.registry import check
from crossdock.testing.scene import Scene
from crossdock.testing.stages import LOADED, PROVISIONED


def findings(done: Done) -> Counter[str]:
    """How many findings of each kind, but for those that a declared rule explains."""
    found: Counter[str] = Counter()
    for finding in done.json["findings"]:
        if finding["kind"] != "normalised":
            found[finding["kind"]] += finding["count"]
    return found


def only(scene: Scene, kind: str, target_id: str) -> None:
    """Reconcile finds this, about that record, and nothing else."""
    done = scene.call("reconcile").must(FOUND)
    same(findings(done), {kind: 1}, "findings")
    first = [f["target_id"] for f in done.json["first_findings"] if f["kind"] == kind]
    same(first, [target_id], f"the record that is {kind!r}")


@check()
def a_planted_copy_is_extra(kit: Kit) -> None:
    """Duplicates are found without the ledger."""
    scene = kit.scene(LOADED)
    there = scene.found(samples.BRANCH)
    values = {scene.called(name): there.values.get(scene.called(name)) for name in ("title", "text")}
    only(scene, "extra", scene.hand.make(scene.plan.thing, values, there.external_id))


@check()
def an_edit_there_is_found(kit: Kit) -> None:
    """Told apart from a difference of the load."""
    scene = kit.scene(LOADED)
    there = scene.found(samples.BRANCH)
    scene.edit(samples.BRANCH, title="Переименована")
    only(scene, "edited there since", there.id)


@check()
def a_deletion_there_is_found(kit: Kit) -> None:
    """A record that is gone."""
    scene = kit.scene(LOADED)
    there = scene.found(samples.LEAF)
    scene.hand.remove(there, Action.DESTROY)
    only(scene, "deleted there", there.id)


@check(Capability.TRASH)
def a_record_in_the_trash_is_found(kit: Kit) -> None:
    """In the trash it is as good as gone."""
    scene = kit.scene(LOADED)
    there = scene.found(samples.LEAF)
    scene.hand.remove(there, Action.TRASH)
    only(scene, "deleted there", there.id)


@check()
def a_value_that_changes_before_the_gate_differs(kit: Kit) -> None:
    """Between the load and the reading back somebody wrote: what was sent is not what is there."""
    skip = nth_write(kit, LOADED, 0, 6)
    scene = kit.scene(PROVISIONED)
    with scene.project.edited("crossdock.yaml") as document:
        document["options"]["gate_allowance"] = 1.0
    scene.killed("run", kind=BETWEEN, skip=skip)
    [there, *_] = scene.hand.owned(kit.target.record.name, scene.project_id)
    scene.hand.change(there, **{scene.plan.note: "не то"})
    done = scene.call("run").must(FOUND)
    same(findings(done), {"differs": 1}, "findings of the run")
    same(findings(scene.call("reconcile").must(FOUND)), {"differs": 1}, "findings of reconcile")


@check()
def a_record_that_vanishes_before_the_gate_never_arrived(kit: Kit) -> None:
    """It was confirmed, and is not there when everything is read back."""
    whole, scene = _only_parties(kit), _only_parties(kit)
    whole.sandbox.forget_log()
    whole.call("run").must(FOUND)
    log = whole.sandbox.log()
    last = max(i for i, request in enumerate(log) if whole.writes([request]))
    scene.killed("run", kind=BEFORE, skip=last + 1)
    there = scene.found(samples.key("p", 3), samples.PARTY)
    scene.hand.remove(there, Action.DESTROY)
    done = scene.call("run").must(FOUND)
    same(findings(done), {"never arrived": 1}, "findings of the run")
    first = [f["target_id"] for f in done.json["first_findings"] if f["kind"] == "never arrived"]
    same(first, [there.id], "the record that never arrived")


def _only_parties(kit: Kit) -> Scene:
    """A scene in which there are no things: the last write of a run is one of a party."""
    scene = kit.scene(PROVISIONED)
    with scene.company() as company:
        company.records[samples.THING].clear()
    with scene.project.edited("crossdock.yaml") as document:
        document["options"]["gate_allowance"] = 1.0
    return scene
