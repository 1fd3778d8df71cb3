"""What is printed, for people and for programs; and what the command line imports."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from core.tests.toy_platforms import TOKEN

from crossdock.cli.output import answer, findings_table, progress_for, say, table
from crossdock.sandbox import find

HEAVY = ("httpx2", "sqlalchemy", "pydantic_settings", "uvicorn", "starlette", "stevedore", "cel")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_shown_on_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")

    tell, end = progress_for(json=False)
    tell("extract [crm] firms", 2, 4)
    tell("extract [crm] firms", 2, 4)
    end()

    assert "extract [crm] firms" in sys.stderr.getvalue()
    assert "4/4" in sys.stderr.getvalue()


def test_what_is_said_while_progress_is_shown_goes_to_stdout(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    tell, end = progress_for(json=False)
    tell("extract", 2, 4)

    say("all went well")
    table("Phases", ["name"], [["firms"]])
    tell("extract", 2, 4)
    end()

    said = capsys.readouterr().out
    assert "all went well" in said
    assert "firms" in said
    assert "all went well" not in sys.stderr.getvalue()


@pytest.mark.parametrize(("json", "stream"), [(True, Terminal), (False, io.StringIO)])
def test_no_progress_is_shown_to_a_program_or_a_file(monkeypatch, json, stream):
    monkeypatch.setattr(sys, "stderr", stream())
    tell, end = progress_for(json=json)
    tell("extract", 2, 4)
    end()
    assert sys.stderr.getvalue() == ""


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_table_shows_text_as_it_is(monkeypatch, stream):
    monkeypatch.setattr(sys, "stdout", stream())
    monkeypatch.setenv("COLUMNS", "100")
    table("[t]", ["name", "count"], [["[/b] :car:", 1], ["x", 1000]])
    shown = sys.stdout.getvalue()
    assert "[t]" in shown
    assert "[/b] :car:" in shown


def test_findings_are_a_table_only_if_there_are_any(capsys):
    findings_table({"findings": []})
    assert capsys.readouterr().out == ""
    findings_table({"findings": [{"object": "firm", "kind": "differs", "count": 2}]})
    assert "differs" in capsys.readouterr().out


def test_what_json_has_no_form_for_is_answered_as_text(capsys):
    answer({"path": Path("a/b")})
    assert json.loads(capsys.readouterr().out) == {"path": "a/b"}


def run_python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_help_imports_no_plugin_and_nothing_heavy():
    code = """
import json, sys
from crossdock.cli import app
try:
    app(["--help"])
except SystemExit:
    pass
from importlib.metadata import entry_points
groups = ["crossdock." + role for role in ("sources", "destinations", "sandboxes", "mappings")]
points = [p for group in groups for p in entry_points(group=group)]
print(json.dumps([sorted(sys.modules), [p.value.partition(":")[0].partition(".")[0] for p in points]]))
"""
    modules, plugins = run_python(code)
    roots = {name.partition(".")[0] for name in modules}
    assert "typer" in roots
    assert roots & {*HEAVY, *plugins} == set()


def test_listing_plugins_imports_none(installed):
    code = """
import json, sys
from crossdock.cli import app
app(["--json", "plugins"], standalone_mode=False)
print(json.dumps(sorted(sys.modules)))
"""
    roots = {name.partition(".")[0] for name in run_python(code)}
    assert roots & {"core", "toy_sandbox", "httpx2", "sqlalchemy"} == set()


def test_what_a_report_is_made_of_needs_no_parser_of_pages():
    code = """
import json, sys
import crossdock.report, crossdock.documents.filing
print(json.dumps(sorted(sys.modules)))
"""
    roots = {name.partition(".")[0] for name in run_python(code)}
    assert roots & {"bs4", "typst", "jinja2"} == set()


def test_the_sandbox_command_serves_until_it_is_ended(installed, tmp_path):
    data = tmp_path / "toy.db"
    command = [str(Path(sys.executable).with_name("crossdock")), "sandbox", "alpha", "--data", str(data)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    ready = json.loads(child.stdout.readline())

    found = find(data)
    child.terminate()
    rest, _ = child.communicate(timeout=30)

    assert found is not None
    assert (ready["platform"], ready["token"], found.url) == ("alpha", TOKEN, ready["url"])
    assert (child.returncode, rest) == (0, "")


def test_a_sandbox_that_is_not_installed_is_wrong_use(desk):
    answered = desk.bare("sandbox", "nobody")
    assert answered.code == 2
    assert "nobody" in answered.err
