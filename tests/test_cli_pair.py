"""The commands over the real pair, in this process: every answer fits its schema, the demo its promise."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from core.tests.answers import faults
from tests.harness import FOUND, OK, WRONG, Scene
from typer.testing import CliRunner

from crossdock.cli import app
from crossdock.sandbox import SandboxProcess, find, start

PAIR = ("--source", "elma365", "--destination", "twenty")
STORY = (
    ("discover", ("discover",), OK),
    ("map-propose", ("map", "propose", "--overwrite", "--automations", "pause"), OK),
    ("map-check", ("map", "check"), OK),
    ("map-diff", ("map", "diff"), OK),
    ("plan", ("plan",), OK),
    ("provision", ("provision", "--dry-run"), OK),
    ("provision", ("provision",), OK),
    ("run", ("run",), FOUND),
    ("reconcile", ("reconcile",), OK),
    ("report", ("report",), OK),
    ("status", ("status",), OK),
    ("rollback", ("rollback", "--dry-run"), OK),
    ("rollback", ("rollback",), OK),
)


def test_every_answer_about_the_pair_fits_its_schema(scene_at: Callable[[str], Scene]):
    scene = scene_at("confirmed")
    for name, arguments, code in STORY:
        whole = ["-C", str(scene.project.folder), "--json", *arguments]
        result = CliRunner().invoke(app, whole, env=scene.project.keys)
        assert code in (None, result.exit_code), (
            f"{name}: exit {result.exit_code}\n" + result.stdout[-800:] + result.stderr[-2000:]
        )
        assert (name, faults(name, json_of(result))) == (name, [])


def json_of(result: Any) -> Any:
    return json.loads(result.stdout)


def test_the_plugins_of_the_pair_are_sound():
    result = CliRunner().invoke(app, ["--json", "plugins", "--check"])
    found = {(row["role"], row["name"]): row["problems"] for row in json_of(result)}
    assert result.exit_code == OK
    assert faults("plugins-check", json_of(result)) == []
    assert found["source", "elma365"] == found["destination", "twenty"] == []


@pytest.fixture
def twenty(tmp_path: Path) -> Iterator[SandboxProcess]:
    """A destination on loopback."""
    process = start("twenty", data=tmp_path / "twenty.db", rate="off")
    yield process
    process.stop()


def test_a_key_that_is_not_accepted_is_wrong_configuration(tmp_path: Path, twenty: SandboxProcess):
    call = CliRunner()
    call.invoke(app, ["-C", str(tmp_path), "init", "acme", *PAIR])
    path = tmp_path / "acme" / "crossdock.yaml"
    document = path.read_text().replace("platform: elma365", "platform: elma365\n    sandbox: demo")
    connection = f"platform: twenty\n  url: {twenty.url}\n  key: env:WRONG_KEY"
    path.write_text(document.replace("platform: twenty", connection, 1))

    result = call.invoke(app, ["-C", str(path.parent), "discover"], env={"WRONG_KEY": "no-such-key-77aa"})

    stop(path.parent)
    assert (result.exit_code, result.stdout) == (WRONG, "")
    assert "twenty" in result.stderr.lower()
    assert "no-such-key" not in result.stderr


def test_the_demo_finds_what_it_promises(tmp_path: Path):
    folder = tmp_path / "demo"
    result = CliRunner().invoke(app, ["demo", *PAIR, "--dir", str(folder)])
    stop(folder)
    assert result.exit_code == OK, result.stdout[-3000:] + result.stderr[-3000:]
    assert "not as expected" not in result.stdout


def stop(folder: Path) -> None:
    """End the sandboxes of a project."""
    for data in (folder / ".crossdock" / "sandboxes").glob("*.db"):
        if process := find(data):
            process.stop()
