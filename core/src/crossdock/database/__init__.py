"""Opens the databases that staging and ledger live in: SQLite by default, PostgreSQL by URL.

`form` says which tables a database holds and brings older ones up to date, `holding` lets one process write.
A process that writes takes the hold first (`hold`), or at its first change.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from crossdock.database.failures import refuse_unfit, shown, translated_errors
from crossdock.database.form import Form, copies_of, is_copy, prepare
from crossdock.database.holding import hold_of, let_go, watch
from crossdock.database.words import Words, as_stored, storable
from crossdock.errors import ConfigError

__all__ = [
    "SQLITE_PARAMETERS",
    "Form",
    "Words",
    "as_stored",
    "close_engine",
    "copies_at",
    "hold",
    "is_copy",
    "now",
    "open_engine",
    "place_of",
    "schema_name",
    "sqlite_url",
    "storable",
    "transaction",
    "translated_errors",
]

SQLITE_PARAMETERS = 900  # SQLite refuses statements with more than 999 parameters in old builds
_SCHEMA_LENGTH = 63  # characters of ASCII: PostgreSQL cuts longer names (documented)
_SERVER_SETTINGS = {
    "idle_session_timeout": "0",  # a slow platform is no reason to lose the hold
    "idle_in_transaction_session_timeout": "0",
    "tcp_keepalives_idle": "60",  # a machine that went away loses its hold within two minutes
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "6",
}
_SET_IF_KNOWN = "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s"


def sqlite_url(path: Path) -> str:
    """The database URL of a SQLite file."""
    return f"sqlite:///{path}"


def place_of(url: str, project: str, destination: str | None = None) -> tuple[str, str | None]:
    """URL and schema of a project's tables in the database at this URL; a rehearsal has tables of its own.

    On a server that is a schema that is called as the project, or PROJECT/DESTINATION; SQLite has none: there
    it is another file beside the one at the URL.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return url, schema_name(f"{project}/{destination}" if destination else project)
    if destination and parsed.database:
        path = Path(parsed.database)
        parsed = parsed.set(database=str(path.with_name(f"{path.stem}-{destination}{path.suffix}")))
    return parsed.render_as_string(hide_password=False), None


def copies_at(url: str, project: str, destination: str | None = None) -> list[Path]:
    """Copies that were kept of the SQLite file with a project's tables; a server has none."""
    parsed = parse_url(place_of(url, project, destination)[0])
    return (
        copies_of(Path(parsed.database)) if parsed.get_backend_name() == "sqlite" and parsed.database else []
    )


def schema_name(words: str) -> str:
    """A name that a server keeps whole: a long one ends in a digest."""
    if len(words) <= _SCHEMA_LENGTH:
        return words
    digest = hashlib.sha256(words.encode()).hexdigest()[:12]
    return f"{words[: _SCHEMA_LENGTH - 13]}-{digest}"


def open_engine(url: str, form: Form, schema: str | None = None) -> Engine:
    """Open (and at first use create) a database. Raises StorageError, ConfigError for a bad URL.

    `schema` is the schema of a PostgreSQL database that the tables lie in, made if need be; SQLite has none.
    Tables of an older version are brought up to date, those of a newer one are refused with a ConfigError.

    SQLite runs in write-ahead mode with full syncing: with 200 records a transaction the sync
    costs next to nothing, and a power cut loses no receipt.
    """
    parsed = parse_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = _engine(parsed)
    if engine.dialect.name == "sqlite":
        schema = None
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_immediate)
        if parsed.database:
            with translated_errors(parsed.database):
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    else:
        event.listen(engine, "connect", _configure_server(schema))
    try:
        with translated_errors(shown(parsed), opening=True):
            prepare(engine, form, schema)
    except BaseException:
        engine.dispose()
        raise
    watch(engine, form.name, schema)
    return engine


def close_engine(engine: Engine) -> None:
    """Close a database, and let others write."""
    let_go(engine)
    engine.dispose()


def parse_url(url: str) -> URL:
    """A database URL, looked at. Raises ConfigError for what is none."""
    hint = "Example: postgresql://host/name"
    try:
        parsed = make_url(url)
    except Exception as error:
        raise ConfigError("database: is not a database URL.", hint=hint) from error
    refuse_unfit(parsed, hint)
    return parsed


def _engine(url: URL) -> Engine:
    # A process has one connection to a server: the hold lies on it, and is gone when the connection is.
    one: dict[str, Any] = {"pool_size": 1, "max_overflow": 0, "isolation_level": "REPEATABLE READ"}
    more = {} if url.get_backend_name() == "sqlite" else one
    arguments = _connect_args(url.get_backend_name())
    try:
        return create_engine(
            url,
            connect_args={name: value for name, value in arguments.items() if name not in url.query},
            hide_parameters=True,  # what a statement holds is nobody's business in a log
            **more,
        )
    except (ModuleNotFoundError, SQLAlchemyError) as error:
        raise ConfigError(
            f"database: {url.get_backend_name()} cannot be used here: {error}.",
            hint='PostgreSQL: pip install "crossdock[postgres]"',
        ) from error


def _connect_args(backend: str) -> dict[str, Any]:
    if backend == "sqlite":
        return {"timeout": 30, "check_same_thread": False}
    return {"connect_timeout": 30, "application_name": "crossdock", "client_encoding": "utf8"}


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN, see _begin_immediate
    for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on", "temp_store=memory"):
        connection.execute(f"pragma {pragma}")


def _configure_server(schema: str | None) -> Any:
    def configure(connection: Any, _record: object) -> None:
        autocommit, connection.autocommit = connection.autocommit, True
        with connection.cursor() as cursor:
            for name, value in _SERVER_SETTINGS.items():
                cursor.execute(_SET_IF_KNOWN, (value, name))
            if schema is not None:
                cursor.execute("SELECT set_config('search_path', quote_ident(%s), false)", (schema,))
        connection.autocommit = autocommit

    return configure


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that turns into a writer can fail with "locked" without waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction; commits at the end, rolls back on any error.

    Raises StorageError, RefusedError at its first change while another process holds the database.
    """
    with translated_errors(shown(engine.url)), engine.begin() as connection:
        hold_of(engine).require(connection)
        yield connection


def hold(engine: Engine) -> None:
    """Be the process that writes to this database, until it is closed. Raises RefusedError, StorageError."""
    with transaction(engine) as connection:
        hold_of(engine).take(connection)


def now() -> float:
    """Seconds since the epoch: the form of every time in both databases."""
    return time.time()
