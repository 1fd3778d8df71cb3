"""Version 1: the ledger of the first release."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _runs()
    _id_map()
    _journal()
    _rest()


def _number(name: str, *more: Any, **options: Any) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), *more, **options)


def _runs() -> None:
    op.create_table(
        "route",
        _number("n", primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("source_object", sa.Text, nullable=False),
        sa.Column("target_object", sa.Text, nullable=False),
        sa.UniqueConstraint("tenant", "source_object", "target_object"),
    )
    op.create_table(
        "run",
        _number("n", primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("destination", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("finished_at", sa.Float),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "phase",
        _number("n", primary_key=True),
        _number("run", sa.ForeignKey("run.n"), nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("source_object", sa.Text, nullable=False),
        sa.Column("target_object", sa.Text, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        _number("position", nullable=False),
        sa.Column("unchanged_records", sa.Integer, nullable=False),
        sa.Column("unchanged_targets", sa.Integer, nullable=False),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("finished_at", sa.Float),
        sa.UniqueConstraint("run", "tenant", "name"),
    )


def _id_map() -> None:
    op.create_table(
        "link",
        _number("n", primary_key=True),
        _number("route", sa.ForeignKey("route.n"), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("part", sa.Text, nullable=False),
        sa.Column("target_id", sa.Text, nullable=False),
        sa.Column("hash", sa.Text),
        sa.Column("base", sa.LargeBinary),
        _number("made_by"),
        sa.Column("state", sa.Text, nullable=False),
        sa.UniqueConstraint("route", "key", "part"),
    )
    op.create_index("link_of_route", "link", ["route", "n"])
    op.create_index(
        "link_to_existing",
        "link",
        ["target_id"],
        sqlite_where=sa.text("made_by IS NULL"),
        postgresql_where=sa.text("made_by IS NULL"),
    )


def _journal() -> None:
    op.create_table(
        "entry",
        _number("n", primary_key=True),
        _number("run", sa.ForeignKey("run.n"), nullable=False),
        _number("phase", sa.ForeignKey("phase.n"), nullable=False),
        _number("link", sa.ForeignKey("link.n"), nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("reasons", sa.Text),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("deferred", sa.Text),
        sa.Column("before", sa.LargeBinary),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("entry_of_link", "entry", ["link"])
    op.create_index("entry_of_phase", "entry", ["phase", "n"])
    op.create_table(
        "book",
        _number("n", primary_key=True),
        _number("phase", sa.ForeignKey("phase.n"), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("part", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.UniqueConstraint("phase", "key", "part"),
    )
    op.create_table(
        "change",
        _number("n", primary_key=True),
        _number("run", sa.ForeignKey("run.n"), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("undo", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )


def _rest() -> None:
    op.create_table(
        "finding",
        _number("n", primary_key=True),
        _number("run", sa.ForeignKey("run.n"), nullable=False),
        _number("phase", sa.ForeignKey("phase.n")),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("target_id", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("expected", sa.Text, nullable=False),
        sa.Column("actual", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "mark",
        _number("n", primary_key=True),
        _number("run", sa.ForeignKey("run.n"), nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("pass_no", sa.Integer, nullable=False),
        sa.Column("since", sa.Text),
        sa.Column("until", sa.Text),
        sa.Column("read", sa.Integer, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.UniqueConstraint("run", "tenant", "object"),
    )
    op.create_table(
        "waiting",
        _number("n", primary_key=True),
        _number("phase", sa.ForeignKey("phase.n"), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.UniqueConstraint("phase", "key"),
    )
    op.create_table(
        "filed",
        _number("n", primary_key=True),
        _number("run", sa.ForeignKey("run.n"), nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("source_object", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("part", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("target_id", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_index("filed_by_id", "filed", ["run", "object", "target_id"])
