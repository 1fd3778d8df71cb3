"""The ledger's tables. Integer row ids throughout: random text keys cost three times as much.

run      one start of the tool that may write
phase    one object of a run, with its progress
route    tenant, source object and target object of a link
link     the id map: source record (and part) -> target record, with its base
entry    the journal: an intent before each request, its receipt after it
book     the source's book: records that end as anything but loaded
change   what was provisioned, and how to undo it
finding  what reconcile found
mark     how far a run has read each source object
waiting  records that a phase looks at though its run did not read them
filed    rows that were written into files for the destination's own importer
purge    when personal data was taken out of the project, by whom, and how much
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from crossdock.database import Words

TABLES = MetaData()
VERSION = 2
"""Whoever changes a table here raises this and adds a module to `crossdock.ledger.versions`."""
_n = BigInteger().with_variant(Integer, "sqlite")

run = Table(
    "run",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    # run, sample, delta, rollback, reconcile, provision, files, exports
    Column("kind", Text, nullable=False),
    Column("destination", Text, nullable=False),  # the destination's identity
    Column("worker", Text, nullable=False),
    Column("state", Text, nullable=False),  # running, done, rolled back
    Column("options", Text, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("finished_at", Float),
)
phase = Table(
    "phase",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("run", _n, ForeignKey("run.n"), nullable=False),
    Column("tenant", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("source_object", Text, nullable=False),
    Column("target_object", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("state", Text, nullable=False),  # loading, loaded, settled
    Column("position", _n, nullable=False, default=0),  # the last staging place that is in the books
    Column("unchanged_records", Integer, nullable=False, default=0),
    Column("unchanged_targets", Integer, nullable=False, default=0),
    Column("started_at", Float, nullable=False),
    Column("finished_at", Float),
    UniqueConstraint("run", "tenant", "name"),
)
route = Table(
    "route",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("source_object", Text, nullable=False),
    Column("target_object", Text, nullable=False),
    UniqueConstraint("tenant", "source_object", "target_object"),
)
link = Table(
    "link",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("route", _n, ForeignKey("route.n"), nullable=False),
    Column("key", Text, nullable=False),
    Column("part", Text, nullable=False, default=""),
    Column("target_id", Text, nullable=False),
    Column("hash", Text),  # of the target values last written
    Column("base", LargeBinary),  # the written fields as read back after the load
    Column("made_by", _n),  # the run that created the target record; null: it was there before
    Column("state", Text, nullable=False),  # see LinkState
    UniqueConstraint("route", "key", "part"),
)
# Without it SQLite reads and sorts a whole route for each stretch of a scan.
Index("link_of_route", link.c.route, link.c.n)
# Records that were there before: few, and looked up so that no two source records take the same one.
Index(
    "link_to_existing",
    link.c.target_id,
    sqlite_where=link.c.made_by.is_(None),
    postgresql_where=link.c.made_by.is_(None),
)
entry = Table(
    "entry",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("run", _n, ForeignKey("run.n"), nullable=False),
    Column("phase", _n, ForeignKey("phase.n"), nullable=False),
    Column("link", _n, ForeignKey("link.n"), nullable=False),
    Column("worker", Text, nullable=False),
    Column("action", Text, nullable=False),  # create, update, restore, trash, destroy
    Column("state", Text, nullable=False),  # in doubt, done, undone
    Column("outcome", Text),
    Column("reasons", Words),
    Column("fields", Text, nullable=False),
    Column("deferred", Text),
    Column("before", LargeBinary),
    Column("at", Float, nullable=False),
)
Index("entry_of_phase", entry.c.phase, entry.c.n)
Index("entry_of_link", entry.c.link)
book = Table(
    "book",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("phase", _n, ForeignKey("phase.n"), nullable=False),
    Column("key", Text, nullable=False),
    Column("part", Text, nullable=False, default=""),
    Column("outcome", Text, nullable=False),
    Column("reasons", Words, nullable=False),
    Column("queue", Text, nullable=False, default=""),
    Column("at", Float, nullable=False),
    UniqueConstraint("phase", "key", "part"),
)
change = Table(
    "change",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("run", _n, ForeignKey("run.n"), nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("label", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("undo", Text, nullable=False),
    Column("state", Text, nullable=False),  # planned, made, undone; kept: an automation left on
    Column("at", Float, nullable=False),
)
finding = Table(
    "finding",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("run", _n, ForeignKey("run.n"), nullable=False),
    Column("phase", _n, ForeignKey("phase.n")),  # null: found by a reconciliation
    Column("kind", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("target_id", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("expected", Words, nullable=False),
    Column("actual", Words, nullable=False),
    Column("note", Words, nullable=False),
)
mark = Table(
    "mark",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("run", _n, ForeignKey("run.n"), nullable=False),
    Column("tenant", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("pass_no", Integer, nullable=False),  # the pass of staging that this run read
    Column("since", Text),  # what was asked for; null: the whole object was read
    Column("until", Text),  # the high-water mark, a time of the source's; null: none is known
    Column("read", Integer, nullable=False),  # how many records that pass gave
    Column("at", Float, nullable=False),
    UniqueConstraint("run", "tenant", "object"),
)
waiting = Table(
    "waiting",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("phase", _n, ForeignKey("phase.n"), nullable=False),
    Column("key", Text, nullable=False),
    UniqueConstraint("phase", "key"),
)
filed = Table(
    "filed",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("run", _n, ForeignKey("run.n"), nullable=False),
    Column("tenant", Text, nullable=False),
    Column("source_object", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("part", Text, nullable=False, default=""),
    Column("object", Text, nullable=False),
    Column("target_id", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("row", Integer, nullable=False),  # of the file, the header being row 1
    Column("content", LargeBinary, nullable=False),  # the values that the row holds
)
Index("filed_by_id", filed.c.run, filed.c.object, filed.c.target_id)
purge = Table(
    "purge",
    TABLES,
    Column("n", _n, primary_key=True),
    Column("at", Float, nullable=False),
    Column("by", Text, nullable=False),
    Column("staged", Integer, nullable=False),  # staged records taken away
    Column("files", Integer, nullable=False),  # file contents taken away
    Column("images", Integer, nullable=False),  # before-images that became hashes
    Column("bases", Integer, nullable=False),  # bases that became hashes
)
