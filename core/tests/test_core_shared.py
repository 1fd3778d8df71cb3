"""A record that two source records became: it stays as long as one of them is there."""

import csv
from pathlib import Path
from typing import Any

import pytest
from core.tests.test_core_delta import LATER, LOADED, decide, delta
from core.tests.toy_platforms import Desk, world


@pytest.fixture
def merged(desk: Desk) -> Desk:
    """Firm 1 was merged into firm 0: they have one domain, and one record at the destination."""
    world.mend()
    world.source.records["crm.person"].clear()  # what is referred to would not be destroyed
    world.source.asks_for_changes, world.source.clock = True, LOADED
    known = world.source.records["crm.firm"]["f1"].values
    world.source.put("crm.firm", "f1", **{**known, "site": "f0.example"})
    desk.prepare()
    assert desk("run").code == 1
    path = desk.folder / "queues" / "duplicates.csv"
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(line | {"decision": "merge"} for line in lines)
    assert desk("run").code == 0
    assert names() == {"Firm 0", "Firm 2", "Firm 3"}
    return desk


def names() -> set[str]:
    """The firms that are there."""
    return {row.values["name"] for row in world.destination.table("firm").values() if not row.trashed}


def gone(*keys: str) -> None:
    """Delete these firms at the source."""
    for key in keys:
        world.source.delete("crm.firm", key, LATER)


def reasons(report: Any) -> str:
    """Why records were not loaded, from the audit log."""
    return Path(report["audit"]).read_text(encoding="utf-8")


@pytest.mark.parametrize("policy", ["trash", "destroy"])
@pytest.mark.parametrize("key", ["f0", "f1"])
def test_it_stays_when_one_of_them_is_deleted(merged, policy, key):
    decide(merged, policy)
    gone(key)
    report = delta(merged)
    assert "Firm 0" in names()
    other = {"f0": "f1", "f1": "f0"}[key]
    assert f"main/crm.firm/{other} became the same record, which stays" in reasons(report)


@pytest.mark.parametrize("policy", ["trash", "destroy"])
@pytest.mark.parametrize("first", ["f0", "f1"])
def test_it_goes_with_the_last_of_them(merged, policy, first):
    decide(merged, policy)
    gone(first)
    delta(merged)
    gone("f0", "f1")
    delta(merged)
    assert "Firm 0" not in names()


def test_it_goes_once_when_both_are_deleted(merged):
    decide(merged, "destroy")
    gone("f0", "f1")
    delta(merged)
    assert "Firm 0" not in names()
    assert merged("rollback").code == 0
    assert "Firm 0" in names()
