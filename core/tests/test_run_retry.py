"""`run --retry-failed`: what was not loaded is tried again, and nothing else."""

import csv

import pytest
from core.tests.answers import faults
from core.tests.fake_destination import Fault, KilledError
from core.tests.toy_platforms import world


def rows(name):
    return list(world.destination.table(name).values())


def names(name="firm"):
    return sorted(row.values["name"] for row in rows(name))


def decide(desk, queue, decisions):
    """Fill in the decision column, as a person would; by key."""
    path = desk.folder / "queues" / f"{queue}.csv"
    head, *lines = csv.reader(path.read_text().splitlines())
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *([*x[:4], decisions.get(x[2], x[4])] for x in lines)])


def retry(desk, *more):
    return desk("run", "--retry-failed", *more, json=True)


def tried(answer):
    return {p["name"]: p["source"] for p in answer.json["phases"] if p["extracted"]}


@pytest.fixture
def loaded(desk):
    """One firm was rejected, and a person waits for it; two firms share a site and wait for a person."""
    world.person(7, firm=3)
    world.source.put("crm.firm", "f4", title="Firm 4", site="f1.example", city=None, motto=None)
    desk.prepare()
    assert desk("run").code == 1
    world.source.asked.clear()
    world.destination.loads.clear()
    return desk


def test_what_was_corrected_at_the_source_is_loaded_and_what_waited_for_it(loaded):
    world.mend()
    answer = retry(loaded)
    assert tried(answer) == {"crm.firm>firm": {"loaded": 1}, "crm.person>person": {"held": 1, "loaded": 1}}
    assert "Firm 3" in names()
    assert "Person 7" in names("person")
    assert answer.code == 1  # two firms still wait
    assert answer.json["verdict"] == "3 records were tried again: 2 loaded, 1 held; 3 wait in queues."


def test_nothing_is_extracted_and_nothing_else_is_written(loaded):
    world.mend()
    retry(loaded)
    assert world.source.asked == []
    assert [keys for _, keys in world.destination.loads] == [("f3",), ("p7",)]


def test_both_books_close_and_the_answer_fits_its_schema(loaded):
    answer = retry(loaded)
    assert faults("run", answer.json) == []
    assert all(
        p["extracted"] == sum(p["source"].values()) and not p["in_doubt"] for p in answer.json["phases"]
    )


def test_what_is_not_corrected_is_rejected_again_and_can_be_tried_once_more(loaded):
    first, second = retry(loaded), retry(loaded)
    assert tried(first) == tried(second)
    assert tried(first)["crm.firm>firm"] == {"rejected": 1}
    world.mend()
    assert tried(retry(loaded))["crm.firm>firm"] == {"loaded": 1}
    assert "crm.firm>firm" not in tried(retry(loaded))


def test_held_records_are_tried_once_they_are_decided_and_their_lines_stay_until_then(loaded):
    before = (loaded.folder / "queues" / "duplicates.csv").read_text()
    retry(loaded)
    assert (loaded.folder / "queues" / "duplicates.csv").read_text() == before
    decide(loaded, "duplicates", {"f4": "skip"})
    assert tried(retry(loaded))["crm.firm>firm"] == {"rejected": 1, "skipped": 1}
    lines = (loaded.folder / "queues" / "duplicates.csv").read_text().splitlines()
    assert [line.split(",")[2] for line in lines[1:]] == ["f1", "f4"]
    decide(loaded, "duplicates", {"f1": "load"})
    answer = retry(loaded)
    assert tried(answer)["crm.firm>firm"] == {"loaded": 1, "rejected": 1}
    assert tried(answer)["crm.person>person"] == {"held": 1, "loaded": 1}


def test_only_the_objects_that_are_named_are_tried(loaded):
    world.mend()
    answer = retry(loaded, "--object", "crm.person")
    assert tried(answer) == {"crm.person>person": {"held": 2}}
    assert "crm.firm" in retry(loaded, "--object", "person").json["phases"][0]["name"]
    refused = loaded("run", "--retry-failed", "--object", "nothing")
    assert (refused.code, "no object nothing" in refused.err) == (2, True)


def test_when_all_arrived_it_ends_with_0_and_there_is_nothing_left_to_try(loaded):
    world.mend()
    decide(loaded, "duplicates", {"f1": "load", "f4": "skip"})
    assert retry(loaded).code == 0
    again = retry(loaded)
    assert (again.code, again.json["verdict"]) == (0, "0 records were tried again.")


def test_one_that_was_killed_goes_on_with_the_same_command(loaded):
    world.mend()
    world.destination.faults.append(Fault.KILLED_AFTER)
    with pytest.raises(KilledError):
        loaded("run", "--retry-failed")
    answer = retry(loaded)
    assert tried(answer)["crm.firm>firm"] == {"loaded": 1}
    assert world.destination.made.total() == len(rows("firm")) + len(rows("person"))
    assert [run["kind"] for run in loaded("status", json=True).json] == ["run", "retry"]


def test_a_record_that_was_deleted_at_the_source_is_not_loaded(loaded):
    from datetime import UTC, datetime

    world.mend()
    world.source.delete("crm.firm", "f3", datetime(2026, 1, 1, tzinfo=UTC))
    retry(loaded)
    assert "Firm 3" not in names()


def test_a_run_after_it_repeats_nothing(loaded):
    world.mend()
    retry(loaded)
    there = world.destination.state()
    loaded("run")
    assert world.destination.state() == there


def test_it_is_undone_like_any_run(loaded):
    there = world.destination.state()
    world.mend()
    retry(loaded)
    assert loaded("rollback").code == 0
    assert world.destination.state() == there


def test_it_needs_a_run_that_has_ended(desk):
    desk.prepare()
    assert desk("run", "--retry-failed").code == 2
    world.destination.faults.append(Fault.KILLED_BEFORE)
    with pytest.raises(KilledError):
        desk("run")
    answer = desk("run", "--retry-failed")
    assert (answer.code, "has not ended" in answer.err) == (2, True)


@pytest.mark.parametrize(
    "more", [("--dry-run",), ("--sample", "5"), ("--delta",), ("--to-files",)], ids=lambda more: more[0]
)
def test_it_stands_alone(loaded, more):
    assert loaded("run", "--retry-failed", *more).code == 2


def test_an_object_without_a_retry_is_refused(loaded):
    assert loaded("run", "--object", "crm.firm").code == 2


def test_the_text_says_how_many_were_tried_and_what_became_of_them(loaded):
    world.mend()
    assert "3 records were tried again: 2 loaded, 1 held" in loaded("run", "--retry-failed").out


def test_only_phases_in_which_something_was_tried_are_rows_of_its_tables(loaded):
    world.mend()
    desk_said = loaded("run", "--retry-failed", "--object", "crm.firm").out
    assert ("crm.firm>firm" in desk_said, "crm.person>person" in desk_said) == (True, False)
    text = loaded("report").out
    assert ("crm.firm>firm " in text, "crm.person>person" in text) == (True, False)
    assert {p["name"] for p in loaded("report", json=True).json["phases"]} > {"crm.person>person"}


def test_an_item_that_nobody_could_read_is_tried_again(desk):
    from crossdock.model import Rejected

    world.mend()
    world.source.rejected["crm.firm"] = (Rejected("crm.firm", "f9", ("no shape that is known",)),)
    desk.prepare()
    assert desk("run").code == 1
    assert tried(retry(desk)) == {"crm.firm>firm": {"rejected": 1}}
    world.source.rejected.clear()
    world.source.put("crm.firm", "f9", title="Firm 9", site="f9.example", city=None, motto=None)
    assert tried(retry(desk)) == {"crm.firm>firm": {"loaded": 1}}
    assert "Firm 9" in names()
