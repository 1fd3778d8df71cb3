"""Rollback of some of a run at both destinations: previewed, refused, done, proven, and loaded again."""

from tests.dataset import COMPANIES, CONTACTS, key
from tests.harness import FOUND, OK, REFUSED

from crossdock.testing.dumps import assert_same


def record(source: str, number: int) -> str:
    """A record as the command takes it."""
    return f"{source}/{key(source, number)}"


def test_a_record_goes_with_what_refers_to_it_and_is_loaded_again(scene_at):
    scene = scene_at("loaded")
    company = record(COMPANIES, 4)
    before = scene.dump()
    scene.destination.forget_log()

    refused = scene.call("rollback", "--record", company).must(REFUSED)
    [planned] = scene.call("rollback", "--record", company, "--with-later", "--dry-run").must(OK).json

    assert "refer to what would be undone" in refused.err
    assert scene.writes() == []
    assert_same(scene.dump(), before)
    [done] = scene.call("rollback", "--record", company, "--with-later").must(OK).json
    assert done["undone"] == planned["undone"] > 1
    assert (done["objects"], done["proof"]["differing"]) == (planned["objects"], [])
    assert scene.came_from("company", key(COMPANIES, 4)) == []
    assert scene.came_from("company", key(COMPANIES, 3)) != []
    scene.call("run").must(FOUND)
    assert scene.row("company", key(COMPANIES, 4))["name"]
    scene.call("reconcile").must(OK)


def test_an_object_goes_and_the_rest_of_the_run_can_go_later(scene_at, stages):
    scene = scene_at("loaded")
    [done] = scene.call("rollback", "--object", CONTACTS, "--with-later").must(OK).json
    assert done["proof"] == {"read": done["undone"], "differing": []}
    assert scene.came_from("person", key(CONTACTS, 5)) == []
    [rest] = scene.call("rollback").must(OK).json
    assert rest["earlier"] == done["undone"]
    assert rest["proof"]["differing"] == []
    assert_same(scene.undone(), stages.undone("confirmed"))


def test_what_was_edited_is_kept_and_shown_with_both_values(scene_at):
    scene = scene_at("loaded")
    row = scene.row("company", key(COMPANIES, 4))
    scene.patch("company", row, name="Правка")
    [done] = scene.call("rollback").must(FOUND).json
    assert {edit["now"] for edit in done["edits"]} == {"Правка"}
    assert row["name"] in {edit["was"] for edit in done["edits"]}
    assert done["proof"]["differing"] == []
