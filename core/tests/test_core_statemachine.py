"""Whatever happens to a migration, in whatever order: what is there is what the promises say.

The machine makes up stories (see `model_story`) and checks each step. `make model` tells long ones at random;
here it is a few, always the same. Each counter-example that it ever found is told below, word for word.
"""

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from core.tests.fake_destination import Fault
from core.tests.model_story import CONFLICTS, TRASHED, Story
from core.tests.model_world import FIRMS, PEOPLE, World, light_the_fuse, write_lightly
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event
from sqlalchemy.pool import Pool

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "0"))
_SEEDS = Path(__file__).parents[2] / ".hypothesis" / "model"

firm_keys, person_keys = st.sampled_from(["f0", "f1", "f2", "f3"]), st.sampled_from(["p0", "p1", "p2"])
titles = st.sampled_from(["A", "B", "C", "A", "B", "C", None, "refused"])
words = st.sampled_from([None, "Kazan", "Omsk"])
policies = st.sampled_from(["report", "trash", "destroy"])
ticks = st.one_of(st.none(), st.none(), st.integers(0, 100))
weathers = st.lists(
    st.sampled_from([Fault.NONE, Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.LOST_LATE]), max_size=3
)
Step = tuple[str, tuple[Any, ...]]
"""A method of a story with its arguments."""
firms = st.tuples(
    st.just("firm"),
    st.tuples(firm_keys, titles, words, st.none() | firm_keys, st.none() | person_keys, st.booleans()),
)
persons = st.tuples(st.just("person"), st.tuples(person_keys, titles, words, st.none() | firm_keys))
gone = st.tuples(
    st.just("gone"), st.tuples(st.just(FIRMS), firm_keys) | st.tuples(st.just(PEOPLE), person_keys)
)
at_source = st.lists(firms | persons | gone, min_size=1, max_size=4)
places = st.integers(0, 9)
by_people = st.lists(
    st.tuples(st.just("edit"), st.tuples(places, st.sampled_from(["name", "city", "email", "note"]), words))
    | st.tuples(st.just("lead"), st.tuples(places, st.sampled_from(["parent", "head", "firm"]), places))
    | st.tuples(st.just("trash"), st.tuples(places, st.booleans()))
    | st.tuples(st.just("destroy"), st.tuples(places))
    | st.tuples(st.just("add"), st.tuples(st.sampled_from(["A", "Old"]), firm_keys)),
    max_size=3,
)
decisions = st.sampled_from(
    [(CONFLICTS, "source"), (CONFLICTS, "destination"), (TRASHED, "restore"), (TRASHED, "skip")]
)


@dataclass(frozen=True)
class Chapter:
    """What happens on both sides, what is decided, and then what is started."""

    source: list[Step]
    there: list[Step]
    decided: tuple[str, str] | None
    deletions: str | None
    starts: str  # run, delta, newest, forced or later
    ends_at: int | None
    weather: list[Fault]
    nth: int
    compares: bool

    @property
    def undoes(self) -> bool:
        """Whether it is a rollback."""
        return self.starts not in ("run", "delta")

    def tell(self, story: Story) -> None:
        """Decide, and start it."""
        if self.decided:
            story.decide(*self.decided)
        if self.deletions and not story.stopped:
            story.policy_is(self.deletions)
        if self.undoes:
            later = self.starts == "later"
            run_id = story.nth_run(self.nth) if later else None
            story.rollback(run_id, force=self.starts == "forced", with_later=later, ends_at=self.ends_at)
        else:
            (story.run if self.starts == "run" else story.delta)(self.ends_at, self.weather)
        if self.compares and not story.stopped:
            story.reconcile()


chapters = st.builds(
    Chapter,
    source=at_source,
    there=by_people,
    decided=st.none() | decisions,
    deletions=st.none() | policies,
    starts=st.sampled_from(["run", "run", "delta", "delta", "delta", "newest", "forced", "later"]),
    ends_at=ticks,
    weather=weathers,
    nth=st.integers(0, 3),
    compares=st.booleans(),
)


class Machine(RuleBasedStateMachine):
    """Tells a story at random."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._patch = pytest.MonkeyPatch()
        self._logs = structlog.get_config()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self._worlds: list[World] = []
        prepare(self._patch, self._worlds)

    @initialize(asks=st.booleans(), deletions=policies, there=by_people, source=at_source)
    def begin(self, asks: bool, deletions: str, there: list[Step], source: list[Step]) -> None:
        """The project is made."""
        self.story = Story(Path(self._folder.name) / "project", asks=asks, deletions=deletions)
        self._worlds.append(self.story.world)
        for name, arguments in [*there, *source]:
            self.story.step(name, *arguments)

    def teardown(self) -> None:
        """In the end everything is undone."""
        try:
            if hasattr(self, "story") and not self.story.failed:
                self.story.finish()
        finally:
            structlog.configure(**self._logs)
            event.remove(Pool, "checkout", write_lightly)
            self._patch.undo()
            self._folder.cleanup()

    # One rule, not several: hypothesis leaves out half of them at a time, and without runs nothing happens.
    @rule(chapter=chapters)
    def go_on(self, chapter: Chapter) -> None:
        """The next chapter; where something was killed, it may be that it goes on."""
        story = self.story
        if story.over:
            return
        if story.stopped == "rollback" or (story.stopped and not chapter.undoes):
            for name, arguments in chapter.source:
                story.step(name, *arguments)
            story.resume(chapter.ends_at)
            return
        for name, arguments in (*chapter.source, *(() if story.stopped else chapter.there)):
            story.step(name, *arguments)
        chapter.tell(story)


def prepare(patch: pytest.MonkeyPatch, worlds: list[World]) -> None:
    """Make processes mortal, and cheap: nothing is looked for among installed packages."""
    light_the_fuse(patch, worlds)
    event.listen(Pool, "checkout", write_lightly)
    patch.setattr("crossdock.migration.list_plugins", list)


def test_whatever_happens_in_whatever_order_the_promises_hold():
    house = settings(
        max_examples=EXAMPLES or 15,
        stateful_step_count=10 if EXAMPLES else 6,
        deadline=None,
        derandomize=not EXAMPLES,
        database=DirectoryBasedExampleDatabase(_SEEDS) if EXAMPLES else None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=house)


# --- counter-examples ----------------------------------------------------------------------------


@pytest.fixture
def tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Story]]:
    """Makes the story that a test tells; in the end everything is undone."""
    worlds: list[World] = []
    prepare(monkeypatch, worlds)
    told: list[Story] = []

    def begin(asks: bool = True, deletions: str = "trash") -> Story:
        told.append(Story(tmp_path / "project", asks=asks, deletions=deletions))
        worlds.append(told[0].world)
        return told[0]

    yield begin
    if not told[0].failed:
        told[0].finish()
    event.remove(Pool, "checkout", write_lightly)


@pytest.mark.parametrize("delta", [False, True])
def test_a_reference_to_what_is_new_in_the_same_run_is_written_in_that_run(tell, delta):
    story = tell()
    story.firm("f0", head="p0")
    story.run()
    story.person("p0")
    (story.delta if delta else story.run)()
    assert story.rows[story.place_of(FIRMS, "f0")].values["head"] == story.place_of(PEOPLE, "p0")[1]


def test_a_reference_that_people_changed_is_not_overwritten_in_the_second_pass(tell):
    story = tell()
    story.firm("f0")
    story.person("p0")
    story.run()
    story.edit(story.place_of(FIRMS, "f0"), "head", story.place_of(PEOPLE, "p0")[1])
    story.firm("f0", head="p1")
    story.person("p1")
    story.delta()
    assert story.rows[story.place_of(FIRMS, "f0")].values["head"] == story.place_of(PEOPLE, "p0")[1]
    story.decide(CONFLICTS, "source")
    story.delta()
    assert story.rows[story.place_of(FIRMS, "f0")].values["head"] == story.place_of(PEOPLE, "p1")[1]


def test_a_removal_that_was_carried_out_late_is_booked_and_comes_back_by_rollback(tell):
    story = tell(deletions="destroy")
    story.person("p0")
    story.run()
    story.gone(PEOPLE, "p0")
    story.delta(weather=[Fault.LOST_LATE, Fault.LOST_AFTER])
    assert story.place_of(PEOPLE, "p0") not in story.rows
    story.rollback()
    assert story.place_of(PEOPLE, "p0") in story.rows


def test_a_match_that_could_not_be_written_is_looked_for_afresh(tell):
    story = tell()
    story.add("Old", "f0")
    story.firm("f0", title="refused")
    story.run()
    story.firm("f0", title="A", site=False)
    story.delta()
    assert story.rows["firm", "by-hand-Old-f0"].values["domain"] == "f0.example"
    assert story.model.own((FIRMS, "f0")) in story.rows


def test_what_refers_to_a_record_that_was_refused_gets_it_in_the_run_that_loads_it(tell):
    story = tell()
    story.firm("f0", head="p0")
    story.person("p0", title="refused")
    story.run()
    story.person("p0")
    story.delta()
    assert story.rows[story.place_of(FIRMS, "f0")].values["head"] == story.place_of(PEOPLE, "p0")[1]


def test_what_was_there_before_is_not_blanked_out_by_a_later_delta(tell):
    story = tell()
    story.add("Old", "f0")
    story.firm("f0", title="A", city=None)
    story.run()
    story.firm("f0", title="B", city=None)
    story.delta()
    assert story.rows["firm", "by-hand-Old-f0"].values["city"] == "Perm"


@pytest.mark.parametrize("field", ["head", "parent"])
@pytest.mark.parametrize("at_first", [True, False])
def test_a_reference_to_what_is_new_comes_in_the_same_delta_though_the_referring_record_is_old(
    tell, field, at_first
):
    story, led = tell(), {"head": "p0", "parent": "f1"}[field]
    if not at_first:
        story.firm("f0")
        story.run()
    story.firm("f0", **{field: led})
    (story.run if at_first else story.delta)()
    grow_old(story)
    if field == "head":
        story.person("p0")
    else:
        story.firm("f1")
    story.delta()
    place = story.place_of(PEOPLE, "p0") if field == "head" else story.place_of(FIRMS, "f1")
    assert story.rows[story.place_of(FIRMS, "f0")].values[field] == place[1]


def test_a_reference_of_what_was_there_before_comes_with_the_delta_that_makes_what_it_leads_to(tell):
    story = tell()
    story.add("Old", "f0")
    story.firm("f0", parent="f1")
    story.run()
    grow_old(story)
    story.firm("f1")
    story.delta()
    parent = story.rows["firm", "by-hand-Old-f0"].values["parent"]
    assert parent == story.place_of(FIRMS, "f1")[1]


def test_what_was_the_same_when_it_was_matched_is_not_overwritten_where_people_edit_it_later(tell):
    story, place = tell(), ("firm", "by-hand-A-f0")
    story.add("A", "f0")
    story.firm("f0")
    story.run()
    story.edit(place, "name", "Kazan")
    story.firm("f0", city="Omsk")
    story.delta()
    assert story.rows[place].values["name"] == "Kazan"
    assert story.rows[place].values["city"] == "Omsk"
    story.firm("f0", title="B", city="Omsk")
    story.delta()
    assert story.rows[place].values["name"] == "Kazan"  # now both changed it: it waits for a person
    story.decide(CONFLICTS, "source")
    story.delta()
    assert story.rows[place].values["name"] == "B"


def test_what_the_source_had_not_at_the_match_is_not_overwritten_where_people_edit_it_later(tell):
    story, place = tell(), ("firm", "by-hand-A-f0")
    story.add("A", "f0")
    story.firm("f0")
    story.run()
    story.edit(place, "city", "Kazan")
    story.firm("f0", city="Omsk")
    story.delta()
    assert story.rows[place].values["city"] == "Kazan"


def test_a_reference_that_was_the_same_when_it_was_matched_is_not_overwritten(tell):
    story, place = tell(), ("firm", "by-hand-A-f0")
    for key in ("f0", "f1", "f2"):
        story.add("A", key)
    story.edit(place, "parent", "by-hand-A-f1")
    story.firm("f0", parent="f1")
    story.firm("f1")
    story.run()
    story.edit(place, "parent", "by-hand-A-f2")
    story.firm("f0", city="Omsk", parent="f1")
    story.delta()
    assert story.rows[place].values["parent"] == "by-hand-A-f2"


def test_what_was_the_same_when_it_was_matched_is_not_emptied_with_the_source(tell):
    story, place = tell(), ("firm", "by-hand-Old-f0")
    story.add("Old", "f0")
    story.firm("f0")
    story.run()
    story.firm("f0", site=False)
    story.delta()
    assert story.rows[place].values["domain"] == "f0.example"
    story.firm("f0", title="B", site=False)
    story.delta()
    assert story.rows[place].values["domain"] == "f0.example"


def test_a_reference_to_what_people_put_into_the_trash_may_still_be_written(tell):
    story = tell()
    story.firm("f0")
    story.person("p0")
    story.run()
    story.trash(story.place_of(PEOPLE, "p0"))
    grow_old(story)
    story.firm("f0", head="p0")
    story.delta()
    assert story.rows[story.place_of(FIRMS, "f0")].values["head"] == story.place_of(PEOPLE, "p0")[1]


def test_what_a_delta_put_into_the_trash_comes_back_by_rollback_though_the_trash_was_emptied(tell):
    story = tell(deletions="trash")
    story.person("p0")
    story.run()
    story.gone(PEOPLE, "p0")
    story.delta()
    story.destroy(story.place_of(PEOPLE, "p0"))
    story.rollback()
    assert not story.rows[story.place_of(PEOPLE, "p0")].trashed


@pytest.mark.parametrize("force", [False, True])
def test_a_rollback_gives_no_reference_to_what_people_destroyed_and_names_the_record(tell, force):
    story = tell()
    story.firm("f0", title="B", head="p0")
    story.person("p0")
    story.run()
    story.firm("f0", title="A")
    story.run()
    story.destroy(story.place_of(PEOPLE, "p0"))
    story.rollback(force=force)
    assert story.over
    row = story.rows[story.place_of(FIRMS, "f0")].values
    assert (row["name"], row.get("head")) == ("B", None)


def test_a_delta_goes_on_from_a_run_of_which_nothing_was_taken(tell):
    story = tell()
    story.firm("f0")
    story.run()
    story.firm("f0", title="refused")
    story.run()
    story.rollback(story.nth_run(0), with_later=True)
    story.firm("f0", title="B")
    story.delta()
    assert story.rows[story.place_of(FIRMS, "f0")].values["name"] == "B"


def test_what_a_rollback_kept_for_an_edit_is_known_to_the_next_run_though_earlier_runs_went_too(tell):
    story = tell()
    story.firm("f0")
    story.run()
    story.firm("f1", city="Kazan")
    story.run()
    place = story.place_of(FIRMS, "f1")
    story.edit(place, "name", "Omsk")
    story.rollback(story.nth_run(0), with_later=True)
    story.firm("f1", city="Omsk")
    story.run()
    assert (story.rows[place].values["name"], story.rows[place].values["city"]) == ("Omsk", "Omsk")


def grow_old(story: Story) -> None:
    """Let deltas come and go until what is there is so old that none reads it again."""
    for title in ("B", "C"):
        for _ in range(3):
            story.world.pass_time()
        story.firm("f3", title=title)
        story.person("p2", title=title)
        story.delta()
