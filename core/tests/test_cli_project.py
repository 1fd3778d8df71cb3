"""The commands on a project and its platforms, and what all commands share."""

import json
import os
import signal
from dataclasses import replace

import pytest
from core.tests.fake_destination import text
from core.tests.toy_platforms import TOKEN, world

from crossdock.errors import UnreachableError
from crossdock.model import ObjectSchema

PAIR = ("--source", "alpha", "--destination", "beta")


def fail(error):
    def raised(*_):
        raise error

    return raised


def test_help_names_the_commands_in_the_order_of_a_migration(desk):
    shown = desk.bare("--help").out
    names = [
        "plugins",
        "init",
        "discover",
        "map",
        "plan",
        "provision",
        "run",
        "reconcile",
        "rollback",
        "demo",
    ]
    places = [shown.index(f"\n  {name} ") for name in names]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["plugins", "init", "discover", "plan", "run", "reconcile", "rollback"])
def test_the_help_of_a_command_has_an_example(desk, name):
    assert "Example: crossdock" in desk.bare(name, "--help").out


def test_a_command_that_does_not_exist_is_wrong_use(desk):
    answer = desk.bare("fly")
    assert answer.code == 2
    assert "fly" in answer.err
    assert answer.out == ""


def test_plugins_lists_role_name_and_version_without_importing(desk):
    desk.installed.points["crossdock.sources"]["gamma"] = "not_there:Nothing"
    desk.installed.write()

    answer = desk.bare("--json", "plugins")

    rows = [row for row in answer.json if row["name"] in ("alpha", "beta", "gamma")]
    assert answer.code == 0
    assert {(row["role"], row["name"]) for row in rows} >= {("source", "gamma"), ("destination", "beta")}
    assert {(row["distribution"], row["version"]) for row in rows} == {("toy-platforms", "1.0")}
    assert "toy-platforms" in desk.bare("plugins").out


def test_a_broken_plugin_is_found_by_check(desk):
    desk.installed.points["crossdock.sources"]["gamma"] = "not_there:Nothing"
    desk.installed.write()

    answer, shown = desk.bare("--json", "plugins", "--check"), desk.bare("plugins", "--check")

    found = {(row["role"], row["name"]): row for row in answer.json}
    assert answer.code == shown.code == 1
    assert "not_there" in found["source", "gamma"]["problems"][0]
    assert found["source", "alpha"]["problems"] == []
    assert found["source", "alpha"]["hooks"] == ["discover", "extract", "reconcile"]
    assert "gamma" in shown.out


def test_init_makes_a_project_and_says_what_is_next(desk, tmp_path):
    answer = desk.bare("init", str(desk.folder), *PAIR)
    assert answer.code == 0
    assert (desk.folder / "crossdock.yaml").is_file()
    assert "discover" in answer.out


def test_init_counts_its_folder_from_the_folder_that_was_given(desk, tmp_path):
    answer = desk.bare("-C", str(tmp_path), "--json", "init", "acme", *PAIR)
    assert answer.json["directory"] == str(desk.folder)
    assert answer.json["project"].startswith("acme-")


def test_init_leaves_a_project_alone(desk):
    desk.initialise()
    before = (desk.folder / "crossdock.yaml").read_text()

    answer = desk.bare("init", str(desk.folder), *PAIR)

    assert answer.code == 2
    assert "exists already" in answer.err
    assert (desk.folder / "crossdock.yaml").read_text() == before


@pytest.mark.parametrize(
    "command",
    [("discover",), ("map", "check"), ("plan",), ("run",), ("reconcile",), ("rollback",), ("status",)],
)
def test_a_folder_without_a_project_is_named_with_the_next_step(desk, command):
    answer = desk(*command, json=True)
    assert answer.code == 2
    assert answer.out == ""
    assert str(desk.folder) in answer.err
    assert "crossdock init" in answer.err


def test_discover_shows_both_sides_and_writes_the_scope(desk):
    desk.initialise()
    world.source.schemas = (replace(world.source.schemas[0], count=None), world.source.schemas[1])

    answer, scope = desk("discover"), desk("discover", json=True)

    assert answer.code == 0
    for words in ("crm.firm", "robot: 1 found", "Calls are not listed.", "beta", "?"):
        assert words in answer.out
    assert json.loads((desk.folder / "reports" / "scope.json").read_text()) == scope.json


def test_text_of_a_platform_is_shown_as_it_is(desk):
    desk.initialise()
    world.source.schemas = (ObjectSchema("crm.firm", (text("title"),), "Firms [/b] [red] :car:"),)

    answer = desk("discover")

    assert answer.code == 0
    assert "Firms [/b] [red] :car:" in answer.out


def test_the_key_reaches_the_plugin_and_no_output(desk, monkeypatch):
    monkeypatch.setenv("TOY_TOKEN", TOKEN)
    desk.initialise()
    desk.edit("tenant: main", "tenant: main\n    token: env:TOY_TOKEN", "crossdock.yaml")
    world.on_discover = fail(UnreachableError(f"no answer to Authorization: Bearer {TOKEN}"))

    answer = desk("discover")

    assert world.seen[0][0].token.get_secret_value() == TOKEN
    assert answer.code == 3
    assert "no answer" in answer.err
    assert TOKEN not in answer.out + answer.err


def test_an_error_is_told_on_stderr_alone(desk):
    desk.initialise()
    world.on_discover = fail(UnreachableError("alpha does not answer.", hint="Try later."))

    answer = desk("discover", json=True)

    assert (answer.code, answer.out) == (3, "")
    assert "crossdock: alpha does not answer.\n  Try later.\n" in answer.err


@pytest.mark.parametrize("stop", [fail(KeyboardInterrupt()), lambda: os.kill(os.getpid(), signal.SIGTERM)])
def test_a_command_that_is_stopped_can_be_resumed(desk, stop):
    desk.initialise()
    world.on_discover = stop

    answer = desk("discover")

    assert answer.code == 3
    assert "stopped" in answer.err


def test_what_happens_is_logged_in_the_project(desk):
    desk.prepare()
    desk("run")
    lines = (desk.folder / ".crossdock" / "crossdock.log").read_text().splitlines()
    assert {json.loads(line)["event"] for line in lines} >= {"phase begins", "phase read back"}


def test_more_is_logged_on_demand(desk):
    desk.prepare()
    quiet, loud = desk("provision"), desk.bare("-C", str(desk.folder), "--log-level", "info", "run")
    assert quiet.err == ""
    assert "phase begins" in loud.err


def test_a_log_that_cannot_be_written_is_an_error_not_a_crash(desk):
    desk.initialise()
    (desk.folder / ".crossdock" / "crossdock.log").mkdir()

    answer = desk("discover")

    assert answer.code == 3
    assert "crossdock.log" in answer.err


def test_an_unknown_log_level_is_wrong_use(desk):
    answer = desk.bare("-C", str(desk.folder), "--log-level", "loud", "discover")
    assert answer.code == 2
    assert "loud" in answer.err


def test_a_fault_of_crossdock_itself_is_one_message_and_no_trace(desk, monkeypatch):
    desk.initialise()
    monkeypatch.setattr(
        "crossdock.scoping.scope.scope_of", fail(RuntimeError("broken: password=hunter2-long"))
    )

    answer = desk("discover", json=True)

    assert (answer.code, answer.out) == (3, "")
    assert "RuntimeError" in answer.err
    assert "hunter2" not in answer.err
    assert "Traceback" not in answer.err
