"""The versions of the ledger's tables, one module each, and the way from one to the next.

Before a table changes, `python tools/keep_ledger.py` keeps ledgers as they are for the tests. Then: the new
`VERSION` in `crossdock.ledger.tables`, a module here, and its description in `core/tests/ledgers/`.

A module `vNNNN_name` has alembic's words: `revision` and `down_revision`, and `upgrade`, which changes the
tables by `op`. It is never changed once a ledger was written with it. They, and alembic, which takes a third
of a second, are imported only when an older ledger is opened.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


def upgrade(connection: "Connection", found: int, wanted: int) -> None:
    """Bring the tables from version `found` (0: none are there) to `wanted`, within the open transaction."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    folder = str(Path(__file__).parent)
    scripts = ScriptDirectory(folder, version_locations=[folder])
    with Operations.context(MigrationContext.configure(connection)):
        for script in reversed(list(scripts.iterate_revisions(revision(wanted), revision(found)))):
            script.module.upgrade()


def revision(version: int) -> str:
    """The name of a version among the scripts."""
    return f"{version:04}" if version else "base"
