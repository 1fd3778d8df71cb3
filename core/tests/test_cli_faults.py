"""What the command line says when something is wrong before, or outside of, a command's own work."""

from pathlib import Path
from typing import Any

import pytest

from crossdock.cli import app
from crossdock.config import init_project, load_project
from crossdock.errors import ConfigError, RecordError
from crossdock.migration import Migration


def run(*arguments: str) -> Any:
    return app(list(arguments), standalone_mode=False)


def test_init_refuses_a_platform_that_is_not_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("init", str(tmp_path / "acme"), "--source", "nonesuch", "--destination", "nonesuch")

    assert code == 2
    assert "no source plugin 'nonesuch'" in capsys.readouterr().err
    assert not (tmp_path / "acme").exists()


def test_a_fault_of_crossdock_itself_is_one_message_and_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ValueError("token=abcdefgh12345678")

    monkeypatch.setattr("crossdock.entrypoints.list_plugins", broken)

    assert run("plugins") == 3
    said = capsys.readouterr().err
    assert "a fault in crossdock itself: ValueError" in said
    assert "abcdefgh12345678" not in said


def test_what_is_about_one_record_and_ends_a_command_is_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RecordError("c1", ["its file is not there"])

    monkeypatch.setattr("crossdock.entrypoints.list_plugins", broken)

    assert run("plugins") == 3
    assert "record c1: its file is not there" in capsys.readouterr().err


def test_a_log_that_cannot_be_written_is_said_without_a_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    init_project(tmp_path, "alpha", "beta")
    (tmp_path / ".crossdock" / "crossdock.log").mkdir()

    assert run("-C", str(tmp_path), "status") == 3
    assert "the log file" in capsys.readouterr().err


def test_the_destination_called_by_its_own_name_has_the_same_ledger(tmp_path: Path) -> None:
    init_project(tmp_path, "alpha", "beta", destination_settings={"name": "live"})

    with Migration(load_project(tmp_path), "live") as migration:
        assert migration.destination_name is None


def test_an_unknown_destination_leaves_no_ledger_behind(tmp_path: Path) -> None:
    init_project(tmp_path, "alpha", "beta")

    with pytest.raises(ConfigError, match="no destination is named"):
        Migration(load_project(tmp_path), "nowhere")
    assert not list((tmp_path / ".crossdock").glob("ledger*"))


def test_a_rehearsal_never_shares_a_ledger_with_the_destination(tmp_path: Path) -> None:
    init_project(tmp_path, "alpha", "beta")
    text = (tmp_path / "crossdock.yaml").read_text()
    more = f"destinations: {{rehearsal: {{platform: beta}}}}\ndatabase: sqlite:///{tmp_path}/shared.db\n"
    (tmp_path / "crossdock.yaml").write_text(text + more)

    for name in ("rehearsal", None):
        with Migration(load_project(tmp_path), name) as migration:
            assert migration.ledger.runs.all() == []
            migration.ledger.runs.start("run", "d")
    assert {path.name for path in tmp_path.glob("shared*.db")} == {"shared.db", "shared-rehearsal.db"}
