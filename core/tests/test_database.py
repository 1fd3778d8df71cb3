import sys
from contextlib import suppress

import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, insert, select

from crossdock.database import Form, close_engine, hold, now, open_engine, sqlite_url, transaction
from crossdock.errors import ConfigError, StorageError

TABLES = MetaData()
row = Table("row", TABLES, Column("n", Integer, primary_key=True), Column("data", LargeBinary))


def form(version=1):
    return Form("ledger", TABLES, version)


def test_a_database_is_made_at_first_use_with_its_folder(tmp_path):
    engine = open_engine(sqlite_url(tmp_path / "a" / "b.db"), form(1))
    with transaction(engine) as db:
        assert db.execute(select(row)).all() == []
    engine.dispose()
    assert (tmp_path / "a" / "b.db").exists()


def test_it_is_opened_so_that_a_power_cut_loses_nothing(tmp_path):
    engine = open_engine(sqlite_url(tmp_path / "x.db"), form(1))
    with transaction(engine) as db:
        names = ("journal_mode", "synchronous", "foreign_keys")
        found = [db.exec_driver_sql(f"pragma {name}").scalar() for name in names]
    engine.dispose()
    assert found == ["wal", 2, 1]


def test_a_transaction_that_fails_leaves_nothing(tmp_path):
    engine = open_engine(sqlite_url(tmp_path / "x.db"), form(1))
    with suppress(ZeroDivisionError), transaction(engine) as db:
        db.execute(insert(row).values(n=1))
        raise ZeroDivisionError
    with transaction(engine) as db:
        assert db.execute(select(row)).all() == []
    engine.dispose()


def test_a_database_in_memory_needs_no_folder():
    engine = open_engine("sqlite://", form(1))
    engine.dispose()
    assert engine.dialect.name == "sqlite"


@pytest.mark.parametrize("url", ["", "no url", "sqlite"])
def test_what_is_no_url_is_a_configuration_error(url):
    with pytest.raises(ConfigError, match="not a database URL"):
        open_engine(url, form(1))


def test_a_server_that_is_not_there_is_a_storage_error_without_the_password():
    with pytest.raises(StorageError) as caught:
        open_engine("postgresql://anna:geheim@127.0.0.1:1/crm", form(1))
    assert "geheim" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot use") as caught:
        open_engine(sqlite_url(tmp_path / "file" / "x.db"), form(1))
    assert caught.value.exit_code == 3


def test_a_full_disk_is_a_storage_error_and_the_store_is_usable_when_there_is_room_again(tmp_path):
    engine = open_engine(sqlite_url(tmp_path / "x.db"), form(1))
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("pragma page_count").scalar()
        connection.exec_driver_sql(f"pragma max_page_count={pages + 2}")
    with pytest.raises(StorageError, match="full") as caught, transaction(engine) as db:
        db.execute(insert(row).values(n=1, data=bytes(100_000)))
    assert caught.value.exit_code == 3
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma max_page_count=100000")
    with transaction(engine) as db:
        db.execute(insert(row).values(n=2, data=bytes(100_000)))
        assert db.execute(select(row.c.n)).scalars().all() == [2]
    engine.dispose()


def test_a_database_of_the_same_version_is_opened_again(tmp_path):
    open_engine(sqlite_url(tmp_path / "x.db"), form(3)).dispose()
    open_engine(sqlite_url(tmp_path / "x.db"), form(3)).dispose()


def test_a_database_of_another_version_is_left_alone(tmp_path):
    open_engine(sqlite_url(tmp_path / "x.db"), form(1)).dispose()
    with pytest.raises(ConfigError, match="is of version 1, this crossdock knows version 2"):
        open_engine(sqlite_url(tmp_path / "x.db"), form(2))


def test_times_are_seconds_since_the_epoch():
    assert now() > 1_700_000_000


def test_a_server_without_its_driver_is_a_configuration_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match="postgresql cannot be used here") as caught:
        open_engine("postgresql://host/crm", form())
    assert "crossdock[postgres]" in caught.value.hint


def test_an_error_holds_no_value_of_a_row(tmp_path):
    engine = open_engine(sqlite_url(tmp_path / "x.db"), form())
    with transaction(engine) as db:
        db.execute(insert(row).values(n=7, data=b"geheim"))
    with pytest.raises(StorageError) as caught, transaction(engine) as db:
        db.execute(insert(row).values(n=7, data=b"geheim"))
    close_engine(engine)
    assert "geheim" not in f"{caught.value}{caught.value.__cause__}"


def test_a_lock_that_cannot_be_written_is_a_storage_error(tmp_path):
    engine = open_engine(sqlite_url(tmp_path / "x.db"), form())
    (tmp_path / "x.db.ledger-lock").mkdir()
    with pytest.raises(StorageError):
        hold(engine)
    close_engine(engine)
