"""Which tables a database holds, in which version, and how older ones are brought up to date.

The version is one row beside the tables. A database is made, and brought up to date, in one transaction that
no two processes are in at once. A copy of the SQLite file as it was is kept beside it.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, inspect, select, text, update
from sqlalchemy.schema import CreateSchema

from crossdock.database.holding import advisory_key
from crossdock.errors import ConfigError
from crossdock.wholefile import whole_file

Upgrade = Callable[[Connection, int, int], None]
"""(connection, from version, to version): changes the tables within the open transaction."""


@dataclass(frozen=True, slots=True)
class Form:
    """The tables of one database. Without `upgrade` older ones are refused: `hint` says what to do."""

    name: str
    tables: MetaData
    version: int
    upgrade: Upgrade | None = None
    hint: str = "Go on with the version of crossdock that wrote it."


def prepare(engine: Engine, form: Form, schema: str | None) -> None:
    """Make the tables, or bring them up to date. Raises ConfigError for those of a newer version."""
    with _alone(engine, schema) as db:
        found = found_version(db, form)
        if found is None:
            _refuse_unnamed(db, form, schema)
            form.tables.create_all(db)
            table = version_table(form)
            table.create(db)
            db.execute(table.insert().values(version=form.version))
        elif found != form.version:
            _bring_up(db, form, found)


def version_table(form: Form) -> Table:
    """The table with the version of the tables: one row."""
    name = f"{min(form.tables.tables)}_schema_version"
    return Table(name, MetaData(), Column("version", Integer, primary_key=True))


def found_version(db: Connection, form: Form) -> int | None:
    """The version of the tables that are there, None if there are none."""
    table, there = version_table(form), set(inspect(db).get_table_names())
    found: int | None = None
    if table.name in there:
        found = db.execute(select(table.c.version)).scalar_one_or_none()
    if found is None and there & set(form.tables.tables):
        # Version 1 made its tables before it noted the version, and can have died between them.
        if table.name not in there:
            table.create(db)
        db.execute(table.insert().values(version=1))
        found = 1
    return found


def _bring_up(db: Connection, form: Form, found: int) -> None:
    said = f"the {form.name} is of version {found}, this crossdock knows version {form.version}"
    if found > form.version:
        raise ConfigError(
            f"{said}: a newer crossdock wrote it. Nothing was changed.",
            hint="Install that version of crossdock, or a later one.",
        )
    if form.upgrade is None:
        raise ConfigError(f"{said}. Nothing was changed.", hint=form.hint)
    if db.dialect.name == "sqlite" and db.engine.url.database:
        _keep_copy(Path(db.engine.url.database), found)
    form.upgrade(db, found, form.version)
    db.execute(update(version_table(form)).values(version=form.version))


_COPY = ".version-"
_UNFINISHED = r"(?:\.partial)?(?:-wal|-shm|-journal)?"


def copies_of(path: Path) -> list[Path]:
    """What was kept of a SQLite file when its tables were brought up to date, the unfinished included."""
    own = re.compile(f"{re.escape(path.stem + _COPY)}[0-9]+{re.escape(path.suffix)}{_UNFINISHED}")
    return sorted(each for each in path.parent.glob("*") if own.fullmatch(each.name))


def is_copy(name: str) -> bool:
    """Whether a file of this name is such a copy, of whichever database."""
    return fnmatch(name, f"*{_COPY}[0-9]*")


def _keep_copy(path: Path, version: int) -> None:
    """Keep the file as it is; the open transaction, with nothing changed yet, keeps others from writing."""
    kept = path.with_name(f"{path.stem}{_COPY}{version}{path.suffix}")
    with (
        whole_file(kept, path.stat().st_mode & 0o777) as partial,
        closing(sqlite3.connect(path)) as source,
        closing(sqlite3.connect(partial)) as copy,
    ):
        source.backup(copy)


@contextmanager
def _alone(engine: Engine, schema: str | None) -> Iterator[Connection]:
    """A transaction that no other process is in: in SQLite every one is."""
    if engine.dialect.name == "sqlite":
        with engine.begin() as db:
            yield db
        return
    # What was committed while this one waited for the lock is to be seen.
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as db, db.begin():
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": advisory_key(f"form of {schema}")})
        encoding = db.scalar(text("SHOW server_encoding"))
        if encoding != "UTF8":
            raise ConfigError(
                f"the database {engine.url.database} keeps its text as {encoding}, not as UTF8.",
                hint="Make one with ENCODING 'UTF8' and TEMPLATE template0.",
            )
        if schema is not None and not inspect(db).has_schema(schema):
            db.execute(CreateSchema(schema))
        yield db


def _refuse_unnamed(db: Connection, form: Form, schema: str | None) -> None:
    """Version 1 knew no schemas. Nobody can tell whose its tables are but the one who made them."""
    name = version_table(form).name
    if schema is None or not inspect(db).has_table(name, schema="public"):
        return
    moves = [f'ALTER TABLE public."{each}" SET SCHEMA "{schema}";' for each in (*form.tables.tables, name)]
    raise ConfigError(
        f"the schema public of the database {db.engine.url.database} holds a {form.name} of an older"
        " crossdock, which does not say of which project it is.",
        hint=f'If it is this project\'s: CREATE SCHEMA IF NOT EXISTS "{schema}"; {" ".join(moves)}'
        " If it is not, move it into another schema in the same way.",
    )
