"""The audit of the environment: what it finds, and that it never passes over what it could not ask."""

import importlib.util
import sys
from collections.abc import Mapping
from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "tools" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module
    spec.loader.exec_module(module)
    return module


audit: Any = _audit()


class Made(Distribution):
    """A distribution with the files that it is given."""

    def __init__(self, folder: Path, **about: str) -> None:
        self._folder = folder
        self._about = Message()
        for name, value in {"name": "thing", "version": "1.0", "license-expression": "MIT", **about}.items():
            if value:
                self._about[name] = value

    @property
    def metadata(self) -> Any:
        return self._about

    def read_text(self, filename: str) -> str | None:
        path = self._folder / filename
        return path.read_text() if path.exists() else None

    def locate_file(self, path: Any) -> Any:
        return self._folder / path


def test_what_is_not_pinned_is_found(tmp_path: Path) -> None:
    found = list(audit.unpinned([Made(tmp_path)], {"thing": "2.0"}))
    assert found == ["thing 1.0 is installed, the constraints say 2.0"]
    assert list(audit.unpinned([Made(tmp_path)], {})) == [
        "thing 1.0 is installed, the constraints say nothing"
    ]
    assert list(audit.unpinned([Made(tmp_path)], {"thing": "1.0"})) == []


@pytest.mark.parametrize("expression", ["AGPL-3.0-only", "MIT AND GPL-2.0-only", ""])
def test_a_licence_that_is_not_allowed_is_found(tmp_path: Path, expression: str) -> None:
    assert list(audit.not_allowed([Made(tmp_path, **{"license-expression": expression})]))
    assert not list(audit.not_allowed([Made(tmp_path, **{"license-expression": "MIT OR Apache-2.0"})]))


def test_a_file_that_was_changed_is_found(tmp_path: Path) -> None:
    (tmp_path / "thing.py").write_text("good = 1\n")
    digest = "sha256=XU_1k2LvShQ3MSmMUjeMrmYXp4Ksx3Nym4Ysxru6oo8"
    (tmp_path / "RECORD").write_text(f"thing.py,{digest},9\ngone.py,{digest},9\n")

    found = list(audit.altered([Made(tmp_path)]))

    assert found == ["thing: thing.py was changed since it was installed", "thing: gone.py is missing"]


def test_a_version_that_was_taken_back_is_found() -> None:
    def item(*, taken_back: bool) -> Mapping[str, Any]:
        return {"is_yanked": taken_back, "metadata": {"name": "thing", "version": "1.0"}}

    assert list(audit.yanked({"install": [item(taken_back=True), item(taken_back=False)]})) == [
        "thing 1.0 was taken back by its publisher"
    ]


def test_a_known_vulnerability_is_found(tmp_path: Path) -> None:
    answer = {"vulnerabilities": [{"id": "PYSEC-1", "fixed_in": ["1.1"]}, {"id": "X", "withdrawn": "2024"}]}

    assert list(audit.vulnerable([Made(tmp_path)], lambda *_: answer)) == [
        "thing 1.0: PYSEC-1 (mended in 1.1)"
    ]


@pytest.mark.parametrize("answer", [None, {}, {"info": {}}])
def test_a_database_that_cannot_be_asked_is_said_and_not_passed_over(
    tmp_path: Path, answer: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("")
    monkeypatch.setattr(audit, "distributions", list)
    monkeypatch.setattr(audit, "foreign", lambda _found: [Made(tmp_path, version="9")])
    monkeypatch.setattr(audit, "pins", lambda _text: {"thing": "9"})
    monkeypatch.setattr(audit, "index_report", lambda _path: {"install": []})

    code = audit.main(constraints, lambda *_: answer)

    said = capsys.readouterr().out
    assert "vulnerabilities: not audited against a vulnerability database: not reachable" in said
    assert "vulnerabilities: nothing found" not in said
    assert code == 0


def test_an_index_that_cannot_be_asked_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(_path: Path) -> Any:
        raise audit.UnreachableError

    monkeypatch.setattr(audit, "index_report", unreachable)
    monkeypatch.setattr(audit, "distributions", list)
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("")

    audit.main(constraints, lambda *_: {"vulnerabilities": []})

    assert "yanked: not asked: the package index is not reachable" in capsys.readouterr().out


def test_what_is_found_fails_the_audit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "index_report", lambda _path: {"install": []})
    monkeypatch.setattr(audit, "distributions", lambda: [Made(tmp_path)])
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("")

    assert audit.main(constraints, lambda *_: {"vulnerabilities": []}) == 1
    assert "pinned: 1 found" in capsys.readouterr().out


def test_the_tools_of_the_house_and_its_own_packages_are_no_foreign_ones(tmp_path: Path) -> None:
    names = ["pip", "crossdock", "crossdock-odoo", "crossdocker"]
    found = audit.foreign([Made(tmp_path, name=name) for name in names])
    assert [each.name for each in found] == ["crossdocker"]


def test_ci_runs_the_audit() -> None:
    assert "make audit" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "audit: $(STAMP)" in (ROOT / "Makefile").read_text(encoding="utf-8")
