"""Fixtures of the core's tests: a small company on a real database, the command line over two toys."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from core.tests.company import Company
from core.tests.databases import POSTGRESQL, SQLITE, Database
from core.tests.toy_platforms import Desk, Installed, install, world

from crossdock.sandbox import find

# Tests of these modules run on SQLite and on PostgreSQL. The others use no statement that these do not.
_ON_BOTH = (
    "test_idmap",
    "test_ledger_crash",
    "test_ledger_hold",
    "test_ledger_purge",
    "test_ledger_rows",
    "test_ledger_versions",
    "test_rollback",
    "test_rollback_links",
    "test_staging",
    "test_undoing",
)
KINDS = {**dict.fromkeys(_ON_BOTH, (SQLITE, POSTGRESQL)), "test_database_server": (POSTGRESQL,)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test of storage both databases."""
    if "database" in metafunc.fixturenames:
        name = metafunc.module.__name__.rpartition(".")[2]
        kinds = KINDS.get(name, (SQLITE,))
        metafunc.parametrize("database", kinds, indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """Where staging and ledger of a test are."""
    return Database(request.param, tmp_path)


@pytest.fixture
def company(tmp_path: Path, database: Database) -> Iterator[Company]:
    company = Company(tmp_path, database=database)
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
