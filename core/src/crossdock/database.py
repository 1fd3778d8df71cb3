"""Opens the databases that staging and ledger live in: SQLite by default, PostgreSQL by URL."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, create_engine, event, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from crossdock.errors import ConfigError, StorageError

SQLITE_PARAMETERS = 900  # SQLite refuses statements with more than 999 parameters in old builds


def sqlite_url(path: Path) -> str:
    """The database URL of a SQLite file."""
    return f"sqlite:///{path}"


def open_engine(url: str, tables: MetaData, version: int) -> Engine:
    """Open (and at first use create) a database. Raises StorageError, ConfigError for a bad URL.

    `version` is that of the tables; a database of another version is refused with a ConfigError.

    SQLite runs in write-ahead mode with full syncing: with 200 records a transaction the sync
    costs next to nothing, and a power cut loses no receipt.
    """
    try:
        parsed = make_url(url)
    except Exception as error:
        raise ConfigError(
            "database: is not a database URL.", hint="Example: postgresql://host/name"
        ) from error
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        with translated_errors(parsed.database):
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(parsed, connect_args=_connect_args(parsed.get_backend_name()))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    with translated_errors(parsed.render_as_string(hide_password=True)):
        version_table = _version_table(tables)
        tables.create_all(engine)
        _check_version(engine, version_table, version)
    return engine


def _version_table(tables: MetaData) -> Table:
    name = f"{min(tables.tables)}_schema_version"
    return Table(name, MetaData(), Column("version", Integer, primary_key=True))


def _check_version(engine: Engine, table: Table, version: int) -> None:
    table.create(engine, checkfirst=True)
    with engine.begin() as db:
        found = db.execute(select(table.c.version)).scalar_one_or_none()
        if found is None:
            db.execute(table.insert().values(version=version))
    if found not in (None, version):
        raise ConfigError(
            f"this database was written by another version of crossdock (tables {found}, here {version}).",
            hint="Go on with the version that wrote it.",
        )


def _connect_args(backend: str) -> dict[str, Any]:
    return {"timeout": 30, "check_same_thread": False} if backend == "sqlite" else {}


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN, see _begin_immediate
    for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on", "temp_store=memory"):
        connection.execute(f"pragma {pragma}")


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that turns into a writer can fail with "locked" without waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def translated_errors(where: str) -> Iterator[None]:
    """Turn driver and disk errors into StorageError, which says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise StorageError(
            f"the database {where} refused: {error.orig}.", hint="Mend that and run the same command again."
        ) from error
    except OSError as error:
        raise StorageError(
            f"cannot use {where}: {error.strerror}.", hint="Mend that and run the same command again."
        ) from error


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction; commits at the end, rolls back on any error."""
    with translated_errors(engine.url.render_as_string(hide_password=True)), engine.begin() as connection:
        yield connection


def now() -> float:
    """Seconds since the epoch: the form of every time in both databases."""
    return time.time()
