"""The command line with its state on PostgreSQL: what was not loaded is tried again, and both books close."""

import pytest
from core.tests import broken_connectors as broken
from core.tests.fake_destination import FakeDestination
from core.tests.postgres import server
from core.tests.toy_platforms import Desk, world


@pytest.fixture
def on_server(desk: Desk) -> Desk:
    """A confirmed project with its state in a database of its own on the server."""
    desk.prepare(confirmed=False)
    with (desk.folder / "crossdock.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\ndatabase: {server().new_database()}\n")
    assert desk("map", "confirm", "--by", "Anna").code == 0
    return desk


def names() -> list[str]:
    """The names of the firms there, each as often as it is there."""
    return sorted(row.values["name"] for row in world.destination.table("firm").values())


def test_what_was_rejected_is_tried_again_with_the_state_on_a_server(on_server):
    world.person(7, firm=3)
    assert on_server("run").code == 1
    first = on_server("run", "--retry-failed", json=True)
    world.mend()
    second = on_server("run", "--retry-failed", json=True)

    tried = {p["name"]: p["source"] for p in first.json["phases"] if p["extracted"]}
    assert tried == {"crm.firm>firm": {"rejected": 1}, "crm.person>person": {"held": 1}}
    assert second.code == 0, second.err
    assert all(p["extracted"] == sum(p["source"].values()) for p in second.json["phases"])
    assert names() == [f"Firm {n}" for n in range(4)]
    assert not list((on_server.folder / ".crossdock").glob("*.db"))


def test_a_broken_book_stops_a_run_with_its_state_on_a_server_and_a_sound_connector_goes_on(on_server):
    world.mend()
    world.destination.__class__ = broken.AnswersForAllButTheLast
    stopped = on_server("run")
    world.destination.__class__ = FakeDestination

    assert (stopped.code, "receipt" in stopped.err) == (3, True), stopped.err
    again = on_server("run", json=True)
    assert again.code == 0, again.err
    assert all(p["extracted"] == sum(p["source"].values()) for p in again.json["phases"])
    assert names() == [f"Firm {n}" for n in range(4)]
    assert on_server("reconcile").code == 0
