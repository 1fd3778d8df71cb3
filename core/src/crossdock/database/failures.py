"""What a database refuses, in words that say what to do, and without its password."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from crossdock.errors import ConfigError, StorageError

_BACKENDS = ("sqlite", "postgresql")
_MAY_NOT = "42501"  # insufficient_privilege
_AGAIN = "Mend that and run the same command again."


def shown(url: URL) -> str:
    """A database URL as it may be shown: no password, and no options, which may hold one."""
    plain = url.set(query={}, drivername=url.get_backend_name())
    return plain.render_as_string(hide_password=True)


def refuse_unfit(url: URL, hint: str) -> None:
    """Raises ConfigError for a URL of another kind, or one whose password was cut in two."""
    if url.get_backend_name() not in _BACKENDS:
        raise ConfigError("database: is neither a PostgreSQL nor a SQLite URL.", hint=hint)
    if url.get_backend_name() != "sqlite" and "@" in (url.database or ""):
        raise ConfigError(
            "database: is not a database URL that can be understood.",
            hint="In user and password write `/` as %2F, `:` as %3A, `@` as %40.",
        )


@contextmanager
def translated_errors(where: str, *, opening: bool = False) -> Iterator[None]:
    """Turn driver and disk errors into StorageError, which says what to do.

    `opening`: what the database's user may not do is a ConfigError then, as nothing was written yet.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        reason = _reason(error)
        if opening and getattr(getattr(error, "orig", None), "sqlstate", None) == _MAY_NOT:
            raise ConfigError(
                f"the database {where} refused: {reason}.",
                hint="Its user needs CREATE on the database, or a schema of this name that belongs to it.",
            ) from error
        raise StorageError(f"the database {where} refused: {reason}.", hint=_AGAIN) from error
    except OSError as error:
        raise StorageError(f"cannot use {where}: {error.strerror}.", hint=_AGAIN) from error


def _reason(error: Exception) -> str:
    own = error.orig if isinstance(error, DBAPIError) else error
    return str(own).strip().rstrip(".")
