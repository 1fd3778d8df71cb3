"""G22: automations at the destination that would act on the load."""

# ruff: noqa: N802 - a test is named after its row

from pathlib import Path
from typing import Any

import pytest
from acceptance.automations import OF, WELCOME
from acceptance.destinations import differences
from acceptance.harness import Pair, Sandboxes, moved, platforms, prepared
from acceptance.slices import COMPANIES, UNREADABLE, Slice, key

pytestmark = pytest.mark.source("elma365")

FIRMS: list[dict[str, Any]] = [
    {"__id": key("G22", n), "__name": f"Тихая {n}", "_website": f"https://tihaya-{n}.example"}
    for n in range(51)
] + [{"__id": key("G22", "odd"), **UNREADABLE}]
SEED: dict[str, Any] = {"items": {COMPANIES: FIRMS}}


def ready(sandboxes: Sandboxes, folder: Path, pair_name: str) -> Pair:
    """Both platforms and a mapping in which nothing is decided about the automations."""
    own = OF[platforms(pair_name)[1]]
    pair = prepared(sandboxes, folder, [Slice("G22", SEED, prepare=own.make)], pair_name)
    pair.project.must("map", "propose", "--overwrite")
    return pair


def decide(pair: Pair, **instead: str) -> None:
    """Write decisions into the mapping as a person would, and confirm them; `instead` of one word another."""
    mapping = pair.project.yaml("mapping.yaml")
    for name, decision in OF[pair.destination.platform].decisions.items():
        mapping["automations"][name] = instead.get(decision, decision)
    pair.project.save("mapping.yaml", mapping)
    pair.project.must("map", "confirm", "--by", "Acceptance")


def test_G22_undecided_automations_are_refused_by_name(pair_name: str, sandboxes: Sandboxes, tmp_path: Path):
    pair = ready(sandboxes, tmp_path, pair_name)
    own = OF[pair.destination.platform]
    written = pair.project.yaml("mapping.yaml")["automations"]
    assert dict(written) == dict.fromkeys(own.decisions, "undecided")
    found = [
        p["message"] for p in pair.project.must("map", "check")["problems"] if p["path"] == "automations"
    ]
    assert len(found) == len(own.decisions)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    for command in ("provision", "run"):
        done = pair.project.call(command)
        assert done.code == 4, done.stderr
        for name in own.decisions:
            assert name in done.stderr
        assert not own.secret or own.secret not in done.stderr
    assert differences(pair.answers["before"], pair.destination.dump()) == []


def test_G22_paused_ones_are_silent_kept_ones_act_and_all_are_on_afterwards(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = ready(sandboxes, tmp_path, pair_name)
    there = pair.destination
    own = OF[there.platform]
    before, acted = own.acting(there), {name: own.fired(there, name) for name in own.decisions}
    decide(pair)
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    assert len(there.arrived("company", COMPANIES)) == 51
    assert {name: own.fired(there, name) - acted[name] for name in own.decisions} == {
        name: own.kept_acts if decision == "keep" else 0 for name, decision in own.decisions.items()
    }
    assert own.acting(there) == before
    assert set(before) == set(own.decisions)
    states = {f"{a['kind']} {a['name']}": (a["decision"], a["state"]) for a in pair.report["automations"]}
    assert states == {
        name: (decision, "kept on" if decision == "keep" else "on again")
        for name, decision in own.decisions.items()
    }
    refused = pair.refused([item["__id"] for item in FIRMS])
    assert set(refused) == {key("G22", "odd")}
    moved(record_property, len(FIRMS), len(refused))


def test_G22_a_killed_run_leaves_them_off_until_it_is_rolled_back(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    pair = ready(sandboxes, tmp_path, pair_name)
    there = pair.destination
    own = OF[there.platform]
    before, acting = pair.answers["before"], own.acting(there)
    acted = [own.fired(there, name) for name in own.decisions]
    decide(pair, keep="pause")
    # The first batch of companies is written, and the process dies before it hears of it.
    pid_file = tmp_path / "pid"
    where = there.fault_at("create company", value="https://tihaya-1.example")
    there.fault(kind="kill_after", pid_file=str(pid_file), **where)
    process = pair.project.begin("run")
    pid_file.write_text(str(process.pid))
    process.communicate(timeout=120)
    assert process.returncode == -9
    left = own.acting(there)
    assert any(WELCOME in name for name in acting)
    assert not [name for name in left if WELCOME in name]
    assert all(own.silenced(state) for state in left.values())
    undone = pair.project.must("rollback")
    assert set(undone[0]["switched_on"]) == set(own.decisions)
    assert own.acting(there) == acting
    assert [own.fired(there, name) for name in own.decisions] == acted
    assert differences(there.settled(before), there.settled(there.dump())) == []
