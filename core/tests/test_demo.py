"""The demo: a made-up company between two sandboxes, compared with what has to come out."""

import json

import pytest
from core.tests.toy_platforms import MAPPING, world

EXPECTED = {
    "source": "alpha",
    "destination": "beta",
    "decisions": {},
    "outcomes": {
        "crm.firm>firm": {"loaded": 3, "rejected": 1},
        "crm.person>person": {"loaded": 3},
    },
    "findings": {},
}


@pytest.fixture
def demo(desk, tmp_path):
    """Runs the demo with what it has to find."""

    def run(expected=EXPECTED, *arguments):
        desk.installed.mapping("alpha-beta", MAPPING)
        desk.installed.mapping("alpha-beta.demo", json.dumps(expected))
        pair = arguments or ("--source", "alpha", "--destination", "beta")
        return desk.bare("demo", *pair, "--dir", str(desk.folder))

    return run


def test_a_demo_moves_everything_with_the_commands_of_a_real_migration(demo, desk):
    answer = demo()

    assert answer.code == 0, answer.out + answer.err
    steps = [line for line in answer.out.splitlines() if line.startswith("$ crossdock")]
    words = ["discover", "propose", "check", "confirm", "plan", "provision", "run", "reconcile"]
    assert [word for step, word in zip(steps, words, strict=True) if word not in step] == []
    assert len(world.destination.table("firm")) == 3
    assert "rollback --dry-run" in answer.out
    assert desk("status", json=True).json[0]["state"] == "done"


def test_a_demo_gives_each_side_the_settings_that_it_needs(demo, desk):
    settings = {"source": {"name": "here"}, "destination": {"name": "there"}}

    answer = demo(EXPECTED | {"settings": settings})

    assert answer.code == 0, answer.out + answer.err
    written = (desk.folder / "crossdock.yaml").read_text(encoding="utf-8")
    assert "name: here" in written
    assert "name: there" in written


def test_a_demo_that_finds_something_else_says_what(demo):
    other = EXPECTED | {"outcomes": {"crm.firm>firm": {"loaded": 4}, "crm.person>person": {"loaded": 3}}}

    answer = demo(other | {"findings": {"firm: normalised": 2}})

    assert answer.code == 1
    wrong = [line for line in answer.out.splitlines() if line.startswith("not as expected: ")]
    assert len(wrong) == 2
    assert "'loaded': 4" in wrong[0]
    assert "firm: normalised: None instead of 2" in wrong[1]


def test_a_demo_stops_at_a_step_that_fails(demo):
    def fail():
        raise KeyboardInterrupt

    world.on_discover = fail

    answer = demo()

    assert answer.code == 2
    assert "`discover` (exit 3)" in answer.err


def test_a_pair_without_a_demo_is_named_with_those_that_have_one(demo):
    answer = demo(EXPECTED, "--source", "nobody")
    assert answer.code == 2
    assert "alpha-beta" in answer.err


def test_a_demo_does_not_touch_a_project_that_is_there(demo, desk):
    desk.initialise()
    answer = demo()
    assert answer.code == 2
    assert "exists already" in answer.err
