"""The small programs in tools/."""

import subprocess
import sys
from pathlib import Path

import pytest

from crossdock.config import init_project

TOOLS = Path(__file__).resolve().parents[1] / "tools"


def run_tool(tool: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOLS / tool), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def make_project(folder: Path, source: dict[str, str], destination: dict[str, str]) -> Path:
    init_project(folder, "one", "other", source_settings=source, destination_settings=destination)
    return folder


def test_an_old_demo_makes_room(tmp_path):
    folder = make_project(tmp_path / "demo", {"sandbox": "demo"}, {"sandbox": "demo"})
    assert run_tool("fresh_demo.py", folder).returncode == 0
    assert not folder.exists()


def test_a_folder_that_does_not_exist_needs_no_room(tmp_path):
    assert run_tool("fresh_demo.py", tmp_path / "demo").returncode == 0


def test_a_project_with_a_real_server_is_kept(tmp_path):
    folder = make_project(tmp_path / "real", {"url": "https://one.example"}, {"sandbox": "rehearsal"})
    assert run_tool("fresh_demo.py", folder).returncode == 1
    assert (folder / "crossdock.yaml").exists()


@pytest.mark.parametrize("kept", ["notes.txt", "crossdock.yaml"])
def test_a_folder_that_is_no_project_is_kept(tmp_path, kept):
    (tmp_path / kept).write_text("mine")
    assert run_tool("fresh_demo.py", tmp_path).returncode == 1
    assert (tmp_path / kept).read_text() == "mine"


def test_the_lock_holds_versions_of_others_only(tmp_path):
    target = tmp_path / "constraints.txt"
    assert run_tool("lock.py", target).returncode == 0
    names = [row.partition("==")[0] for row in target.read_text().splitlines()]
    assert "pytest" in names
    assert not [name for name in names if name.startswith("crossdock") or name == "pip"]
