"""A project with much to look through, made without any platform: for tests of pages that only read it."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.harness import Launcher

from crossdock.config import init_project
from crossdock.database import sqlite_url
from crossdock.ledger import Ledger
from crossdock.model import Finding, FindingKind, Origin
from crossdock.testing.commands import Project

ROWS = 500
NOWHERE = {"url": "http://127.0.0.1:9"}


@pytest.fixture
def plain(launcher: Launcher, tmp_path: Path) -> Callable[[], Project]:
    """Gives a project whose platforms do not answer."""

    def make() -> Project:
        folder = tmp_path / "acme"
        init_project(folder, "elma365", "twenty", source_settings=NOWHERE, destination_settings=NOWHERE)
        return Project(launcher, folder)

    return make


def fill_findings(folder: Path, rows: int = ROWS) -> str:
    """A comparison with so many findings; its id."""
    ledger = Ledger(sqlite_url(folder / ".crossdock" / "ledger.db"))
    run = ledger.runs.start("reconcile", "twenty:there")
    kinds = (FindingKind.DIFFERS, FindingKind.EDITED_THERE, FindingKind.NORMALISED)
    ledger.findings.add(run, (_finding(n, kinds[n % 3]) for n in range(rows)))
    ledger.runs.end(run)
    ledger.close()
    return run.id


def _finding(n: int, kind: FindingKind) -> Finding:
    name = "company" if n % 2 else "person"
    origin = Origin("main", f"_clients.{name}", f"key-{n}", "")
    return Finding(kind, name, f"there-{n}", origin, "city", f"Казань {n}", f"<b>Tula</b> {n}", "")


def fill_queue(folder: Path, name: str, rows: int = ROWS) -> Path:
    """A queue file with so many open lines."""
    path = folder / "queues" / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("tenant", "object", "key", "reason", "decision"))
        for n in range(rows):
            writer.writerow(("main", "firms" if n % 2 else "people", f"key-{n}", f"Фирма {n}: twice", ""))
    return path


def fits(page: object) -> bool:
    """Whether a page needs no sideways scrolling."""
    script = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    return bool(page.evaluate(script))  # type: ignore[attr-defined]
