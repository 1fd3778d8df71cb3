"""Taking records away that refer to each other, and making them again, against the sandbox over loopback."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock.connection import Connection
from crossdock.fieldtypes import FieldType as T
from crossdock.filestore import FileStore
from crossdock.ids import external_id, target_uuid
from crossdock.model import (
    Action,
    FieldSchema,
    LedgerEntry,
    ObjectSchema,
    Observation,
    Option,
    Origin,
    Outcome,
    Receipt,
    Selection,
    TargetRecord,
)
from crossdock.sandbox.process import SandboxProcess, start
from crossdock_twenty.destination import TwentyDestination
from crossdock_twenty.settings import TwentySettings

KINDS = (Option("A", "A"), Option("B", "B"))
NODE = ObjectSchema(
    "node",
    (
        FieldSchema("name", T.TEXT, "Name"),
        FieldSchema("above", T.REFERENCE, "Above", references=("node",)),
        FieldSchema("kinds", T.SELECT, "Kinds", multiple=True, options=KINDS),
    ),
    "Node",
    "Nodes",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = start("twenty", data=tmp_path_factory.mktemp("sandbox") / "twenty.db", seed="fresh", rate="off")
    yield process
    process.stop()


@pytest.fixture
def twenty(server: SandboxProcess, tmp_path: Path) -> Iterator[TwentyDestination]:
    httpx2.post(f"{server.url}/_sandbox/reset", json={"seed": "fresh"}).raise_for_status()
    settings = TwentySettings(url=server.url, key=server.token, timeout=20)
    destination = TwentyDestination(settings, Connection("t", "demo", "ten", FileStore(tmp_path)))
    list(destination.provision([NODE], False, ()))
    yield destination
    destination.close()


def target_id(name: str) -> str:
    """The id of a node."""
    return target_uuid("demo", Origin("ten", "src.node", name), "node")


def record(name: str, values: dict[str, Any], action: Action = Action.CREATE) -> TargetRecord:
    origin = Origin("ten", "src.node", name)
    return TargetRecord("node", origin, target_id(name), external_id("demo", origin), values, action)


def chart(twenty: TwentyDestination, **above: str) -> None:
    """Nodes by name, each with the name of the one above it, "" for none."""
    made = list(twenty.load("node", [record(name, {"name": name}) for name in above]))
    linked = [record(name, {"above": target_id(over)}, Action.UPDATE) for name, over in above.items() if over]
    assert {r.outcome for r in [*made, *twenty.load("node", linked)]} <= {Outcome.CREATED, Outcome.UPDATED}


def observed(twenty: TwentyDestination, *names: str) -> dict[str, Observation]:
    ids = {target_id(name): name for name in names}
    return {ids[o.id]: o for o in twenty.reconcile("node", Selection(ids=tuple(ids)))}


def above(twenty: TwentyDestination, *names: str) -> dict[str, Any]:
    """What the nodes that are there refer to."""
    return {name: seen.values["above"] for name, seen in observed(twenty, *names).items()}


def destroyed(twenty: TwentyDestination, *names: str) -> tuple[dict[str, Receipt], dict[str, LedgerEntry]]:
    """Destroy nodes; the receipts, and the ledger entries of it."""
    before = observed(twenty, *names)
    receipts = twenty.load("node", [record(name, {}, Action.DESTROY) for name in names])
    entries = {
        name: LedgerEntry(
            Origin("ten", "src.node", name),
            "node",
            target_id(name),
            Outcome.UPDATED,
            (),
            seen.image,
            removal=Action.DESTROY,
        )
        for name, seen in before.items()
    }
    return {r.origin.key: r for r in receipts}, entries


def test_what_a_record_that_stays_refers_to_stays_too(twenty: TwentyDestination) -> None:
    chart(twenty, top="", middle="top", low="middle", outside="low", free="top")
    before = above(twenty, "top", "middle", "low", "outside")

    receipts, _ = destroyed(twenty, "top", "middle", "low", "free")

    kept = {name for name, receipt in receipts.items() if receipt.outcome is Outcome.REJECTED}
    assert kept == {"top", "middle", "low"}
    assert above(twenty, "top", "middle", "low", "outside", "free") == before


def test_the_message_names_the_record_that_is_in_the_way(twenty: TwentyDestination) -> None:
    chart(twenty, top="", outside="top")
    receipts, _ = destroyed(twenty, "top")
    assert f"1 node ({target_id('outside')}) refer to it" in receipts["top"].reasons[0]


def test_records_that_refer_to_each_other_come_back_with_their_references(twenty: TwentyDestination) -> None:
    chart(twenty, one="two", two="one", self="self")
    before = above(twenty, "one", "two", "self")
    _, entries = destroyed(twenty, "one", "two", "self")
    assert observed(twenty, "one", "two", "self") == {}

    planned = list(twenty.rollback(list(entries.values()), True))
    done = list(twenty.rollback(list(entries.values()), False))

    assert done == planned
    assert {r.outcome for r in done} == {Outcome.UPDATED}
    assert above(twenty, "one", "two", "self") == before
    again = twenty.rollback(list(entries.values()), False)
    assert {r.outcome for r in again} == {Outcome.UNCHANGED}


def test_a_reference_is_set_as_soon_as_a_later_call_makes_its_target(twenty: TwentyDestination) -> None:
    chart(twenty, top="", low="top")
    before = above(twenty, "top", "low")
    _, entries = destroyed(twenty, "top", "low")

    (early,) = twenty.rollback([entries["low"]], False)
    (late,) = twenty.rollback([entries["top"]], False)

    assert (early.outcome, late.outcome) == (Outcome.FAILED, Outcome.UPDATED)
    assert f"aboveId {target_id('top')}" in early.reasons[0]
    assert above(twenty, "top", "low") == before
    assert [r.outcome for r in twenty.rollback([entries["low"]], False)] == [Outcome.UNCHANGED]


def test_a_second_rollback_sets_what_a_killed_one_left_out(
    twenty: TwentyDestination, server: SandboxProcess, tmp_path: Path
) -> None:
    chart(twenty, top="", low="top")
    before = above(twenty, "top", "low")
    _, entries = destroyed(twenty, "top", "low")
    killed = TwentyDestination(
        TwentySettings(url=server.url, key=server.token, timeout=20),
        Connection("t", "demo", "ten", FileStore(tmp_path)),
    )
    list(killed.rollback([entries["low"]], False))
    killed.close()

    (top,) = twenty.rollback([entries["top"]], False)
    assert above(twenty, "low") == {"low": None}
    (low,) = twenty.rollback([entries["low"]], False)

    assert (top.outcome, low.outcome) == (Outcome.UPDATED, Outcome.UPDATED)
    assert above(twenty, "top", "low") == before


def test_what_was_empty_is_empty_again_and_not_the_default(
    twenty: TwentyDestination, server: SandboxProcess
) -> None:
    chart(twenty, one="")
    address, headers = f"{server.url}/rest/nodes/", {"Authorization": f"Bearer {server.token}"}
    answer = httpx2.patch(address + target_id("one"), headers=headers, json={"kinds": None})
    answer.raise_for_status()
    _, entries = destroyed(twenty, "one")

    list(twenty.rollback([entries["one"]], False))

    (row,) = httpx2.get(f"{server.url}/_sandbox/dump", timeout=30).json()["records"]["node"]["live"]
    assert row.get("kinds") is None


def test_an_update_is_undone_but_for_a_reference_to_what_is_gone_and_that_is_told(
    twenty: TwentyDestination,
) -> None:
    chart(twenty, top="", low="top")
    before = observed(twenty, "low")["low"].image
    list(twenty.load("node", [record("low", {"name": "other", "above": None}, Action.UPDATE)]))
    origin = Origin("ten", "src.node", "low")
    entry = LedgerEntry(origin, "node", target_id("low"), Outcome.UPDATED, ("name", "above"), before)
    assert destroyed(twenty, "top")[0]["top"].outcome is Outcome.UPDATED

    planned = list(twenty.rollback([entry], True))
    done = list(twenty.rollback([entry], False))

    assert planned == done
    assert done[0].outcome is Outcome.FAILED
    assert f"without aboveId {target_id('top')}" in done[0].reasons[0]
    low = observed(twenty, "low")["low"].values
    assert (low["name"], low["above"]) == ("low", None)
