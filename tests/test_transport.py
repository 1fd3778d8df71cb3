"""Faults on the way between crossdock and the destination: the end is that of an undisturbed run."""

from typing import Any

import pytest
from tests.harness import FOUND
from tests.test_crash import books

from crossdock.testing.dumps import assert_same

TIMES_OUT = {"seconds": 0.2}  # then the connection is closed without an answer
FAULTS: dict[str, dict[str, Any]] = {
    "timeout after the commit": {"kind": "timeout_after", **TIMES_OUT},
    "timeout before the commit": {"kind": "timeout_before", **TIMES_OUT},
    "reset after the commit": {"kind": "reset_after"},
    "reset before the commit": {"kind": "reset_before"},
    "half of the batch is done": {"kind": "half_batch"},
    "503": {"kind": "status", "status": 503},
    "429, three times": {"kind": "status", "status": 429, "times": 3, "headers": {"retry-after": "0"}},
    "half of the answer": {"kind": "truncated"},
    "an answer that is no JSON": {"kind": "not_json"},
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_on_the_way_changes_nothing_in_the_end(scene_at, stages, name):
    scene = scene_at("provisioned")
    scene.destination.fault(**stages.there.people, skip=1, **FAULTS[name])
    done = scene.call("run").must(FOUND)
    assert scene.destination.hits() == FAULTS[name].get("times", 1)
    assert_same(scene.dump(), stages.dump("loaded"))
    assert books(done.json) == books(stages.answer("loaded"))


@pytest.mark.parametrize("name", ["reset after the commit", "half of the answer", "503"])
def test_a_fault_at_an_update_leaves_no_second_trace(scene_at, stages, name):
    scene = scene_at("provisioned")
    scene.destination.fault(**stages.there.updates, skip=3, **FAULTS[name])
    scene.call("run").must(FOUND)
    assert scene.destination.hits() == 1
    assert_same(scene.dump(), stages.dump("loaded"))
