"""Scans go along an index: without it SQLite reads and sorts a whole object for each stretch."""

import sqlite3

import pytest

from crossdock.database import sqlite_url
from crossdock.ledger import Ledger
from crossdock.staging import Staging


def plan(path, query):
    with sqlite3.connect(path) as db:
        return " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}"))


@pytest.fixture
def staging_db(tmp_path):
    path = tmp_path / "staging.db"
    Staging(sqlite_url(path)).close()
    return path


@pytest.fixture
def ledger_db(tmp_path):
    path = tmp_path / "ledger.db"
    Ledger(sqlite_url(path)).close()
    return path


def test_a_scan_of_staged_records_sorts_nothing(staging_db):
    query = "SELECT * FROM record WHERE extraction = 1 AND n > 7 ORDER BY n LIMIT 200"
    assert "record_of_extraction" in plan(staging_db, query)
    assert "TEMP B-TREE" not in plan(staging_db, query)


def test_a_scan_of_links_sorts_nothing(ledger_db):
    query = "SELECT * FROM link WHERE route = 1 AND state = 'live' AND n > 7 ORDER BY n LIMIT 200"
    assert "link_of_route" in plan(ledger_db, query)
    assert "TEMP B-TREE" not in plan(ledger_db, query)
