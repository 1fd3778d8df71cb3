"""Takes personal data out of a ledger and leaves what proves: counts, ids, outcomes, and hashes of values.

One transaction: a ledger that was killed meanwhile is as it was before. What a hash is made of, and which
words of a sentence may stay, is the caller's.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, Table, bindparam, func, or_, select, update

from crossdock.compaction import compact
from crossdock.database import now, transaction
from crossdock.errors import RefusedError
from crossdock.ledger import tables
from crossdock.ledger.records import ACCOUNT
from crossdock.serial import dumps, loads

_ROWS = 1000
_link, _entry, _route, _filed, _purge = (
    tables.link,
    tables.entry,
    tables.route,
    tables.filed,
    tables.purge,
)
_finding, _book, _run = tables.finding, tables.book, tables.run
GONE = "[purged]"
"""Stands where a finding showed a value."""

Hashes = Callable[[str, str, Mapping[str, Any]], Mapping[str, str]]
"""(target object, target id, values) -> a hash a field."""
Words = Callable[[str], str]
"""A sentence -> the same without what it tells of a record."""


@dataclass(frozen=True, slots=True)
class Purge:
    """One purge: when (seconds since the epoch), by whom, and how much went or became hashes."""

    at: float
    by: str
    staged: int
    files: int
    images: int
    bases: int

    @property
    def when(self) -> str:
        """The time in ISO 8601, UTC."""
        return datetime.fromtimestamp(self.at, UTC).isoformat(timespec="seconds")

    def as_data(self) -> dict[str, Any]:
        """The purge as plain data; the time in ISO 8601."""
        return {**asdict(self), "at": self.when}

    def told(self) -> str:
        """A sentence for people."""
        return (
            f"The personal data of this project was purged on {self.when} by {self.by}: {self.staged} staged"
            f" records and {self.files} files went, {self.images} before-images and {self.bases} bases became"
            " hashes."
        )


@dataclass(frozen=True, slots=True)
class Held:
    """How many rows of a ledger hold values: before-images, bases, rows of files, findings, reasons."""

    images: int
    bases: int
    filed: int
    findings: int
    reasons: int


class Purges:
    """Reads what was purged, and purges."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self) -> Purge | None:
        """The newest purge, None while the ledger holds what it was given."""
        query = select(_purge).order_by(_purge.c.n.desc()).limit(1)
        with transaction(self._engine) as db:
            row = db.execute(query).one_or_none()
        if row is None:
            return None
        return Purge(row.at, row.by, row.staged, row.files, row.images, row.bases)

    def require_none(self) -> None:
        """Raises RefusedError once the personal data of the project was purged."""
        if (done := self.newest()) is not None:
            raise RefusedError(
                f"{done.told()} Nothing can be loaded, tried or undone from it any more.",
                hint="status, report, handoff and reconcile (by hash) still work. To move data again, make a"
                " new project: crossdock init",
            )

    def held(self) -> Held:
        """What a purge would take away or turn into hashes; nothing once it did."""
        if self.newest() is not None:
            return Held(0, 0, 0, 0, 0)
        shown = or_(_finding.c.expected != "", _finding.c.actual != "", _finding.c.note != "")
        said = (_entry.c.reasons.is_not(None), _book.c.reasons != "")
        with transaction(self._engine) as db:
            return Held(
                _count(db, _entry, _entry.c.before.is_not(None)),
                _count(db, _link, _link.c.base.is_not(None)),
                _count(db, _filed, _filed.c.n > 0),
                _count(db, _finding, shown),
                _count(db, _entry, said[0]) + _count(db, _book, said[1]),
            )

    def names(self) -> set[str]:
        """Names of objects, and of the fields that were written."""
        objects = (_route.c.source_object, _route.c.target_object)
        with transaction(self._engine) as db:
            found = {name for column in objects for name in db.execute(select(column)).scalars()}
            for text in db.execute(select(_entry.c.fields).distinct()).scalars():
                found.update(json.loads(text))
        return found

    def purge(self, by: str, staged: int, files: int, hashes: Hashes, words: Words) -> Purge:
        """Take the values away; gives what was done. Done a second time it changes nothing."""
        known, held = self.newest(), self.held()
        if known is not None:
            return known
        done = Purge(now(), by, staged, files, held.images, held.bases)
        with transaction(self._engine) as db:
            _purge_links(db, hashes)
            _purge_entries(db, hashes, words)
            _purge_filed(db, hashes)
            _purge_findings(db, words)
            _purge_books(db, words)
            _purge_options(db, words)
            values: dict[str, Any] = {"at": done.at, "by": by, "staged": staged, "files": files}
            db.execute(_purge.insert().values(**values, images=held.images, bases=held.bases))
        return done

    def compact(self) -> None:
        """Give the space of what went back, so that no byte of it is left. Raises StorageError."""
        compact(self._engine, tables.TABLES.tables)


def _count(db: Connection, table: Table, where: Any) -> int:
    return int(db.execute(select(func.count()).select_from(table).where(where)).scalar_one())


def _stretches(db: Connection, query: Select[Any], n: Any) -> Iterator[Sequence[Row[Any]]]:
    """The rows of a query in the order of their numbers, some at a time."""
    after = 0
    while rows := db.execute(query.where(n > after).order_by(n).limit(_ROWS)).all():
        yield rows
        after = rows[-1].n


def _setter(table: Table, *names: str) -> Any:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(table).where(table.c.n == bindparam("row_n")).values(values)


def _purge_links(db: Connection, hashes: Hashes) -> None:
    columns = (_link.c.n, _link.c.target_id, _link.c.base, _route.c.target_object)
    query = select(*columns).join(_route, _link.c.route == _route.c.n).where(_link.c.base.is_not(None))
    for rows in _stretches(db, query, _link.c.n):
        hashed = (dumps(hashes(row.target_object, row.target_id, loads(row.base))) for row in rows)
        changes = [{"row_n": row.n, "new_base": base} for row, base in zip(rows, hashed, strict=True)]
        db.execute(_setter(_link, "base"), changes)
    db.execute(update(_link).values(hash=None))  # without a key: who guesses the values could prove them


def _purge_entries(db: Connection, hashes: Hashes, words: Words) -> None:
    columns = (_entry.c.n, _entry.c.before, _entry.c.reasons, _link.c.target_id, _route.c.target_object)
    query = (
        select(*columns)
        .join(_link, _entry.c.link == _link.c.n)
        .join(_route, _link.c.route == _route.c.n)
        .where(or_(_entry.c.before.is_not(None), _entry.c.reasons.is_not(None)))
    )
    for rows in _stretches(db, query, _entry.c.n):
        changes = [
            {"row_n": row.n, "new_before": _hashed_image(row, hashes), "new_reasons": _said(row, words)}
            for row in rows
        ]
        db.execute(_setter(_entry, "before", "reasons"), changes)


def _hashed_image(row: Row[Any], hashes: Hashes) -> bytes | None:
    if row.before is None:
        return None
    kept = loads(row.before)
    place = (row.target_object, row.target_id)
    image, base = kept["image"] or {}, hashes(*place, kept["base"] or {})
    told = image.get("values")
    if isinstance(told, Mapping):  # a whole record as it was
        named = {name: value for name, value in image.items() if name not in ("values", "trashed")}
        image = {**hashes(*place, named), "trashed": image.get("trashed"), "values": hashes(*place, told)}
    else:
        image = hashes(*place, image)
    return dumps({"image": image, "was_trashed": kept["was_trashed"], "base": base})


def _said(row: Row[Any], words: Words) -> str | None:
    return None if row.reasons is None else "\n".join(map(words, row.reasons.split("\n")))


def _purge_filed(db: Connection, hashes: Hashes) -> None:
    query = select(_filed.c.n, _filed.c.object, _filed.c.target_id, _filed.c.content)
    for rows in _stretches(db, query, _filed.c.n):
        hashed = (dumps(hashes(row.object, row.target_id, loads(row.content))) for row in rows)
        changes = [{"row_n": row.n, "new_content": new} for row, new in zip(rows, hashed, strict=True)]
        db.execute(_setter(_filed, "content"), changes)


def _purge_findings(db: Connection, words: Words) -> None:
    for name in ("expected", "actual"):
        column = _finding.c[name]
        db.execute(update(_finding).where(column != "").values({name: GONE}))
    for rows in _stretches(db, select(_finding.c.n, _finding.c.note), _finding.c.n):
        changes = [{"row_n": row.n, "new_note": words(row.note)} for row in rows]
        db.execute(_setter(_finding, "note"), changes)


def _purge_books(db: Connection, words: Words) -> None:
    for rows in _stretches(db, select(_book.c.n, _book.c.reasons), _book.c.n):
        changes = [{"row_n": row.n, "new_reasons": _said(row, words)} for row in rows]
        db.execute(_setter(_book, "reasons"), changes)


def _purge_options(db: Connection, words: Words) -> None:
    """What runs keep besides in sentences: what an export did not prove, and why a rollback kept something
    or failed at it, which are words of the platform."""
    for row in db.execute(select(_run.c.n, _run.c.options)).all():
        options = json.loads(row.options)
        if told := options.get("not_proven"):
            options["not_proven"] = [words(sentence) for sentence in told]
        if account := options.get(ACCOUNT):
            for bucket in ("kept", "failed"):
                account[bucket] = [(what, words(reason)) for what, reason in account[bucket]]
        text = json.dumps(options, sort_keys=True)
        if text != row.options:
            db.execute(update(_run).where(_run.c.n == row.n).values(options=text))
