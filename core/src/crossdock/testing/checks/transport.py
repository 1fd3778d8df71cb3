"""Faults on the way between crossdock and the destination: the end is that of an undisturbed run."""

from typing import Any

from crossdock.testing.checks.crashing import nth_write, undisturbed
from crossdock.testing.commands import FOUND
from crossdock.testing.dumps import assert_same
from crossdock.testing.expecting import same
from crossdock.testing.kit import Kit
from crossdock.testing.registry import check
from crossdock.testing.stages import LOADED, PROVISIONED

_FAULTS: dict[str, dict[str, Any]] = {
    "timeout after the commit": {"kind": "timeout_after", "seconds": 0.2},
    "timeout before the commit": {"kind": "timeout_before", "seconds": 0.2},
    "reset after the commit": {"kind": "reset_after"},
    "reset before the commit": {"kind": "reset_before"},
    "503": {"kind": "status", "status": 503},
    "429, twice": {"kind": "status", "status": 429, "times": 2, "headers": {"retry-after": "0"}},
    "half of the answer": {"kind": "truncated"},
    "an answer that is no JSON": {"kind": "not_json"},
}
_PLACES = 4


@check(
    cases={f"{name} at write {n + 1}": (name, n) for i, name in enumerate(_FAULTS) for n in (i % _PLACES,)}
)
def a_fault_on_the_way_changes_nothing_in_the_end(kit: Kit, name: str, n: int) -> None:
    """Nothing is lost, and nothing is there twice."""
    skip = nth_write(kit, LOADED, n, _PLACES)
    scene = kit.scene(PROVISIONED)
    scene.sandbox.fault(skip=skip, **_FAULTS[name])
    done = scene.call("run").must(FOUND)
    same(scene.sandbox.hits(), _FAULTS[name].get("times", 1), "faults that happened")
    assert_same(scene.dump(), kit.stages.dump(LOADED))
    undisturbed(kit, done.json)
