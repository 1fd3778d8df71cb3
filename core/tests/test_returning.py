"""Records that are deleted at the source, come back, change, and all of it undone: nothing stays behind."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from core.tests.toy_platforms import Desk, Installed, world
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

START = datetime(2024, 1, 1, tzinfo=UTC)
LINE = "tenant,object,key,reason,decision\nmain,crm.firm,{key},why,restore\n"
STEPS = ("delete", "return", "change", "empty")


class History:
    """A loaded project whose firm `key` goes through steps, each followed by a run."""

    def __init__(self, desk: Desk, policy: str, key: str) -> None:
        world.refill()
        world.mend()
        self._desk, self._key, self._day = desk, key, 0
        self.before = world.destination.state()
        self._run_id = ""
        world.source.asks_for_changes = True
        self._set_clock()
        for name, records in world.source.records.items():
            for each, record in list(records.items()):
                world.source.put(name, each, START, **record.values)
        desk.prepare()
        desk.edit("destination: beta\n", f"destination: beta\ndecisions: {{deletions: {policy}}}\n")
        assert desk("map", "confirm", "--by", "Anna").code == 0
        queues = desk.folder / "queues"
        queues.mkdir(exist_ok=True)
        (queues / "trash.csv").write_text(LINE.format(key=key))
        self._run_id = desk("run", json=True).json["run"]["id"]

    def _set_clock(self) -> datetime:
        self._day += 2
        world.source.clock = START + timedelta(days=self._day, hours=1)
        return START + timedelta(days=self._day)

    def step(self, name: str, *, delta: bool = True) -> None:
        """What happens to the firm at the source, and the run after it."""
        at, known = self._set_clock(), world.source.records["crm.firm"][self._key]
        changed: dict[str, str | None] = {"city": f"Omsk {self._day}"} if name in ("change", "return") else {}
        changed |= {"city": None, "motto": f"m{self._day}"} if name == "empty" else {}
        if name == "delete":
            world.source.delete("crm.firm", self._key, at)
        elif name == "return" or not known.deleted:
            world.source.put("crm.firm", self._key, at, **{**known.values, **changed})
        done = self._desk("run", *(["--delta"] if delta else []))
        assert done.code in (0, 1), done.err

    @property
    def city(self) -> str | None:
        """The city of the firm there if it is live, "" if it is away."""
        found = [r for r in world.destination.table("firm").values() if f"/{self._key}" in r.external_id]
        return found[0].values.get("city") if found and not found[0].trashed else ""

    def undo_all(self) -> None:
        """Roll back the first run with all after it; the destination has to be what it was before."""
        done = self._desk("rollback", "--run", self._run_id, "--with-later", json=True)
        assert done.code == 0, done.out
        assert world.destination.state() == self.before


# A person refers to f0. Destroyed, it takes that reference with it, and nothing brings that back.
PLACES = [("trash", "f3"), ("destroy", "f3"), ("trash", "f0")]


@pytest.mark.parametrize(("policy", "key"), PLACES)
def test_a_record_that_came_back_with_another_value_is_undone_with_all_runs(desk, policy, key):
    history = History(desk, policy, key)
    history.step("delete")
    assert history.city == ""
    history.step("return")
    assert history.city == "Omsk 6"
    history.undo_all()


@pytest.mark.parametrize("policy", ["trash", "destroy"])
def test_a_record_that_was_deleted_twice_and_brought_back_by_a_whole_run_is_undone(desk, policy):
    history = History(desk, policy, "f3")
    for name, delta in (("delete", True), ("return", True), ("delete", True), ("return", False)):
        history.step(name, delta=delta)
    assert history.city == "Omsk 10"
    history.undo_all()


@pytest.mark.parametrize("policy", ["trash", "destroy"])
def test_undone_step_by_step_the_record_is_away_and_there_again(desk, policy):
    history = History(desk, policy, "f3")
    history.step("change")
    history.step("delete")
    history.step("return")
    for city in ("", "Omsk 4", "Tula"):
        assert desk("rollback").code == 0
        assert history.city == city
    history.undo_all()


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    place=st.sampled_from(PLACES),
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.booleans()), min_size=2, max_size=6),
)
def test_whatever_happened_to_a_record_all_of_it_is_undone(
    installed: Installed, tmp_path_factory: pytest.TempPathFactory, place, steps
):
    folder: Path = tmp_path_factory.mktemp("history")
    history = History(Desk(folder / "acme", installed), *place)
    for name, delta in steps:
        history.step(name, delta=delta)
    history.undo_all()
