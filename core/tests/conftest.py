"""Fixtures of the core's tests: a small company on real SQLite files, the command line over two toys."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from core.tests.company import Company
from core.tests.toy_platforms import Desk, Installed, install, world

from crossdock.sandbox import find


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    company = Company(tmp_path)
    yield company
    company.close()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    """Two toy platforms, installed for this test."""
    world.refill()
    found = install(tmp_path / "site", monkeypatch)
    yield found
    found.forget()


@pytest.fixture
def desk(installed: Installed, tmp_path: Path) -> Iterator[Desk]:
    """The command line over a project that is not made yet."""
    before = signal.getsignal(signal.SIGTERM)
    yield Desk(tmp_path / "acme", installed)
    signal.signal(signal.SIGTERM, before)
    for ready in tmp_path.rglob("*.db.ready.json"):
        if process := find(ready.with_name(ready.name.removesuffix(".ready.json"))):
            process.stop()
