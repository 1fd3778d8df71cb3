"""Ledgers of older versions are brought up to date, those of newer ones are left alone."""

import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from core.tests.databases import Database
from sqlalchemy import Column, Connection, Integer, MetaData, Table, create_engine, inspect, text

from crossdock.database import Form, close_engine, open_engine, sqlite_url, transaction
from crossdock.errors import ConfigError, StorageError
from crossdock.ledger import Ledger, tables, versions

KEPT = Path(__file__).with_name("ledgers")
VERSIONS = range(1, tables.VERSION + 1)
OTHER = MetaData()
Table("other", OTHER, Column("n", Integer, primary_key=True))


def description(db: Connection) -> list[str]:
    """Every table as it is in the database: one line a column, a constraint, an index."""
    found = inspect(db)
    lines = []
    for name in set(found.get_table_names()) & set(tables.TABLES.tables):
        for column in found.get_columns(name):
            needed = "" if column["nullable"] else " not null"
            lines.append(f"{name}.{column['name']} {column['type']}{needed}")
        lines.append(f"{name} key {found.get_pk_constraint(name)['constrained_columns']}")
        lines += [f"{name} unique {u['column_names']}" for u in found.get_unique_constraints(name)]
        for key in found.get_foreign_keys(name):
            lines.append(f"{name} {key['constrained_columns']} of {key['referred_table']}")
        for index in found.get_indexes(name):
            if not index.get("duplicates_constraint"):
                lines.append(f"{name} index {index['name']} {index['column_names']}")
    return sorted(lines)


def opened(database):
    """The place of a ledger, opened without looking at the ledger's tables."""
    url, schema = database.place
    return open_engine(url, Form("other", OTHER, 1), schema)


@contextmanager
def rows(database):
    engine = opened(database)
    with transaction(engine) as db:
        yield db
    close_engine(engine)


def of_version(database, version):
    """Make a ledger of this version, with one run."""
    with rows(database) as db:
        versions.upgrade(db, 0, version)
        db.execute(text("CREATE TABLE book_schema_version (version INTEGER PRIMARY KEY)"))
        db.execute(text(f"INSERT INTO book_schema_version VALUES ({version})"))
        db.execute(text("INSERT INTO run VALUES (1, 'r1', 'run', 'd', 'w', 'done', '{}', 1.0, 2.0)"))


def version_of(database):
    with rows(database) as db:
        return db.execute(text("SELECT version FROM book_schema_version")).scalars().all()


def described(database):
    with rows(database) as db:
        return description(db)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_migrated_ledger_has_the_tables_of_a_new_one(database, version, tmp_path):
    of_version(database, version)
    ledger = database.ledger()
    assert [run.id for run in ledger.runs.all()] == ["r1"]
    ledger.close()
    other = Database(database.kind, tmp_path / "new")
    other.ledger().close()
    assert version_of(database) == [tables.VERSION]
    assert described(database) == described(other)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_is_what_it_was_when_ledgers_were_written_with_it(version):
    """Who changes a table raises `tables.VERSION`, adds a module to `ledger.versions` and a text here."""
    engine = create_engine("sqlite://")
    with engine.begin() as db:
        versions.upgrade(db, 0, version)
        lines = description(db)
    engine.dispose()
    path = KEPT / f"tables-{version}.txt"
    assert lines == path.read_text(encoding="utf-8").splitlines()


def test_the_tables_are_those_of_the_newest_version(database):
    database.ledger().close()
    if database.kind == "sqlite":
        path = KEPT / f"tables-{tables.VERSION}.txt"
        assert described(database) == path.read_text(encoding="utf-8").splitlines()


def test_a_ledger_of_a_newer_version_is_left_alone(database):
    database.ledger().close()
    with rows(database) as db:
        db.execute(text("UPDATE book_schema_version SET version = 99"))
    with pytest.raises(ConfigError, match=r"version 99, this crossdock knows version \d+") as caught:
        database.ledger()
    assert (caught.value.exit_code, "Install" in caught.value.hint) == (2, True)
    assert version_of(database) == [99]


def test_a_copy_of_the_older_file_is_kept_beside_it(tmp_path):
    database = file_of_version_1(tmp_path)
    Ledger(sqlite_url(database)).close()
    with closing(sqlite3.connect(tmp_path / "ledger.version-1.db")) as kept:
        assert kept.execute("SELECT version FROM book_schema_version").fetchall() == [(1,)]
        assert kept.execute("SELECT id FROM run").fetchall() == [("r1",)]
    assert {path.name for path in tmp_path.glob("*.version-1.*")} == {"ledger.version-1.db"}


def test_the_copy_of_a_file_is_for_those_alone_whom_the_file_is_for_while_it_is_written_too(
    tmp_path, monkeypatch
):
    database, modes = file_of_version_1(tmp_path), set[tuple[str, int]]()
    database.chmod(0o600)
    connect = sqlite3.connect

    def looked(path, *rest, **more):
        opened = connect(path, *rest, **more)
        opened.execute("select * from sqlite_master").fetchall()
        modes.update((p.suffix, p.stat().st_mode & 0o777) for p in tmp_path.glob("*.version-1.*"))
        return opened

    monkeypatch.setattr("crossdock.database.form.sqlite3.connect", looked)
    Ledger(sqlite_url(database)).close()
    modes.update((p.suffix, p.stat().st_mode & 0o777) for p in tmp_path.glob("*.version-1.*"))
    assert modes == {(".partial", 0o600), (".db", 0o600)}


def file_of_version_1(folder):
    of_version(Database("sqlite", folder), 1)
    return folder / "ledger.db"


def test_a_ledger_that_cannot_be_migrated_stays_as_it_is(tmp_path):
    database = file_of_version_1(tmp_path)

    def broken(db, found, wanted):
        versions.upgrade(db, found, wanted)
        db.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(StorageError):
        open_engine(sqlite_url(database), Form("ledger", tables.TABLES, tables.VERSION, broken))
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("SELECT version FROM book_schema_version").fetchall() == [(1,)]
        assert not db.execute("SELECT name FROM sqlite_master WHERE name = 'purge'").fetchall()
    ledger = Ledger(sqlite_url(database))  # by the steps that are not broken
    assert [run.id for run in ledger.runs.all()] == ["r1"]
    ledger.close()


def test_an_older_database_whose_version_was_not_noted_any_more_is_of_version_1(tmp_path):
    database = file_of_version_1(tmp_path)
    with closing(sqlite3.connect(database)) as db:
        db.execute("DROP TABLE book_schema_version")
    Ledger(sqlite_url(database)).close()
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("SELECT version FROM book_schema_version").fetchall() == [(tables.VERSION,)]


def test_several_processes_that_open_an_older_ledger_at_once_find_it_migrated_once(tmp_path):
    database = file_of_version_1(tmp_path)
    program = "import sys; from crossdock.ledger import Ledger; print(Ledger(sys.argv[1]).runs.all()[0].id)"
    command = [sys.executable, "-c", program, sqlite_url(database)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    assert [process.communicate()[0].strip() for process in running] == [b"r1"] * 3
    assert [process.returncode for process in running] == [0, 0, 0]


def test_alembic_is_imported_for_an_older_ledger_only(tmp_path):
    program = (
        "import sys; from crossdock.ledger import Ledger; Ledger(sys.argv[1]).close();"
        " print('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", program]
    old, new = file_of_version_1(tmp_path), tmp_path / "new.db"
    said = [subprocess.check_output([*command, sqlite_url(path)]).strip() for path in (new, old)]
    assert said == [b"False", b"True"]
