"""One process at a time writes to a ledger, and one to staging: the hold.

SQLite: an exclusive lock on a file beside the database, with a note of who has it. PostgreSQL: an advisory
lock on the very connection that the process writes through, so that the hold and the writing end together:
who lost the connection cannot write any more, and does not connect again. Both end with the process, however
it ends.
"""

import contextlib
import hashlib
import json
import os
import socket
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event, text

from crossdock.errors import RefusedError, StorageError

_NAME_BYTES = 63  # what PostgreSQL keeps of an application's name (documented)


class Hold(Protocol):
    """The right to write to one database."""

    def take(self, connection: Connection) -> None:
        """Have it from now on. Raises RefusedError if another process has it."""

    def require(self, connection: Connection) -> None:
        """Raises StorageError if it was had and is lost."""

    def release(self) -> None:
        """Let others have it."""


_holds: "WeakKeyDictionary[Engine, Hold]" = WeakKeyDictionary()


def watch(engine: Engine, name: str, schema: str | None) -> None:
    """Have the hold taken before the first change that is made through this engine."""
    place = engine.url.database
    if engine.dialect.name != "sqlite":
        _holds[engine] = SessionHold(name, schema)
    elif place and place != ":memory:":
        _holds[engine] = FileHold(Path(place), name)
    else:
        _holds[engine] = NoHold()
    event.listen(engine, "before_cursor_execute", _before)


def hold_of(engine: Engine) -> Hold:
    """The hold of a database."""
    return _holds[engine]


def let_go(engine: Engine) -> None:
    """Let other processes write."""
    if engine in _holds:
        _holds[engine].release()


def _before(
    connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: Any
) -> None:
    if context is not None and (context.isinsert or context.isupdate or context.isdelete):
        hold_of(connection.engine).take(connection)


class NoHold:
    """A database in memory is nobody else's."""

    def take(self, connection: Connection) -> None:
        """Nothing to take."""

    def require(self, connection: Connection) -> None:
        """Nothing to lose."""

    def release(self) -> None:
        """Nothing to give."""


class FileHold:
    """The hold of a SQLite file: SQLite's own exclusive lock on a file beside it, as that is portable."""

    def __init__(self, database: Path, name: str) -> None:
        self._database, self._name = database, name
        self._file = database.with_name(f"{database.name}.{name}-lock")
        self._note = database.with_name(f"{database.name}.{name}-holder")
        self._lock: sqlite3.Connection | None = None

    def take(self, connection: Connection) -> None:  # noqa: ARG002 another kind needs it
        """Have it. Raises RefusedError, StorageError if the files cannot be written."""
        if self._lock is not None:
            return
        lock = sqlite3.connect(self._file, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            lock.close()
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise StorageError(f"cannot use {self._file}: {error}.") from error
            raise _refused(self._name, str(self._database), self._holder()) from error
        self._lock = lock
        with contextlib.suppress(OSError):  # the lock counts; the note only says whose it is
            self._note.write_text(json.dumps({"who": _who(), "since": _time(datetime.now(UTC))}))

    def require(self, connection: Connection) -> None:
        """A lock on a file is not lost."""

    def release(self) -> None:
        """Let others have it."""
        if self._lock is not None:
            self._note.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def _holder(self) -> str:
        try:
            note = json.loads(self._note.read_text())
            return f"{note['who']}, since {note['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            return ""


class SessionHold:
    """The hold of a schema of a PostgreSQL database: an advisory lock of the session that writes."""

    def __init__(self, name: str, schema: str | None) -> None:
        self._name, self._schema = name, schema
        self._taken = False

    def take(self, connection: Connection) -> None:
        """Have it on this connection. Raises RefusedError, StorageError."""
        self.require(connection)
        if self._taken:
            return
        schema = self._schema or connection.scalar(text("SELECT current_schema()"))
        key = advisory_key(f"{self._name} of {schema}")
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
            where = f"{connection.engine.url.database}, schema {schema}"
            raise _refused(self._name, where, _session_holder(connection, key))
        name = _who().encode("ascii", "replace")[:_NAME_BYTES].decode()
        connection.execute(text("SELECT set_config('application_name', :name, false)"), {"name": name})
        connection.info["crossdock hold"] = self._taken = True

    def require(self, connection: Connection) -> None:
        """Raises StorageError on another connection than the one that has it."""
        if self._taken and not connection.info.get("crossdock hold"):
            raise StorageError(
                f"the connection to the database {connection.engine.url.database} was lost, and with it the"
                f" right to write to the {self._name}.",
                hint="Run the same command again: it goes on where it stopped.",
            )

    def release(self) -> None:
        """The lock ends with its connection, which is closed together with the engine."""
        self._taken = False


def advisory_key(words: str) -> int:
    """The number of an advisory lock: 64 bits with sign."""
    return int.from_bytes(hashlib.sha256(f"crossdock {words}".encode()).digest()[:8], "big", signed=True)


_HOLDER = text(
    "SELECT a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND l.classid::bigint = :high AND l.objid::bigint = :low"
)


def _session_holder(connection: Connection, key: int) -> str:
    unsigned = key % (1 << 64)
    halves = {"high": unsigned >> 32, "low": unsigned % (1 << 32)}
    row = connection.execute(_HOLDER, halves).first()
    if row is None or not row.application_name:  # of another user's sessions only some see the names
        return ""
    return f"{row.application_name}, since {_time(cast(datetime, row.backend_start).astimezone(UTC))}"


def _refused(name: str, where: str, holder: str) -> RefusedError:
    return RefusedError(
        f"another process is writing to the {name} ({where}): {holder or 'it did not leave its name'}.",
        hint="Wait until it has ended, or stop it. `crossdock status` and `crossdock report` work meanwhile.",
    )


def _who() -> str:
    """Process, machine and command, the last one cut first."""
    command = " ".join([Path(sys.argv[0]).name, *(a for a in sys.argv[1:] if not a.startswith("/"))])
    return f"process {os.getpid()} on {socket.gethostname()[:24]}: {command}"


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
