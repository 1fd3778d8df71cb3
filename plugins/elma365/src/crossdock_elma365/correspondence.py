"""Calls, meetings, e-mails, messages and comments as three objects: `_activity.*` and `_feed.messages`.

Feeds are read one request an item, and one more for each message that may have comments: the settings say
whose. An item whose feed turned out empty is not asked again by the same command, nor for files one whose
messages turned out to have none. With `since` only the
feeds of items that changed are read: whether a message changes its item is not documented, so a delta that
has to see every message is asked for by `feed_delta: all`.

Activities of all applications come together, the oldest first: they stand in one history afterwards.

Cursors are JSON: {"object": application, "from": n}, of activities {"apps": {application: n}}.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Any

import orjson

from crossdock.model import Batch, ObjectSchema, Observation, Record, Rejected
from crossdock.values import Reference
from crossdock_elma365.activities import (
    EMAILS,
    EVENTS,
    about,
    activities,
    activity_key,
    activity_kind,
    activity_object,
    activity_row,
    activity_schema,
    time_order,
    with_owners,
)
from crossdock_elma365.client import AnswerError, Read
from crossdock_elma365.company import Company
from crossdock_elma365.conversation import (
    MESSAGES,
    Thread,
    comment_row,
    has_comments,
    message_row,
    messages,
    thread_of_key,
)
from crossdock_elma365.decoding import decode_item, update_time
from crossdock_elma365.fieldtypes import ShapeError, moment
from crossdock_elma365.listing import Listing
from crossdock_elma365.schema import Application, object_schema
from crossdock_elma365.verification import Verifier

Json = Mapping[str, Any]

OBJECTS = (EVENTS, EMAILS, MESSAGES)
_FEEDS_A_PAGE = 50  # items; each is a request, so that little is read twice after a stop


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows read together, what could not be read, and the cursor after them."""

    rows: tuple[Json, ...]
    refused: tuple[Rejected, ...]
    cursor: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Entry:
    """An item with its time, and the offset behind it in the list of its application."""

    when: tuple[bool, datetime]
    app: Application
    item: Json
    after: int


def _stretch(found: Iterable[Json | Rejected], cursor: Mapping[str, Any]) -> Stretch:
    listed = list(found)
    rows = tuple(row for row in listed if not isinstance(row, Rejected))
    return Stretch(rows, tuple(row for row in listed if isinstance(row, Rejected)), cursor)


class Correspondence:
    """Reads what people said and did about the records of a company."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._settings = company.settings
        self._silent: set[tuple[str, str]] = set()
        self._fileless: set[tuple[str, str]] = set()

    def schemas(self, counts: Mapping[str, int | None]) -> Iterator[ObjectSchema]:
        """The objects that this company has. `counts`: live records by application."""
        for object_name in (EVENTS, EMAILS):
            apps = self._activity_apps(object_name)
            if apps:
                yield activity_schema(object_name, self._records, sum(counts.get(a.name) or 0 for a in apps))
        if self._settings.feed != "none":
            yield replace(self._message_schema(), requests=self._requests(counts))

    def schema(self, object_name: str) -> ObjectSchema:
        """One of the objects."""
        if object_name == MESSAGES:
            return self._message_schema()
        return activity_schema(object_name, self._records, None)

    def notes(self, counts: Mapping[str, int | None]) -> Iterator[str]:
        """What reading the feeds costs, and what is assumed."""
        if self._settings.feed == "none":
            yield "Messages and comments are not read: feed is none in the project file."
        else:
            requests = self._requests(counts)
            minutes = requests / self._settings.calls_per_minute
            yield (
                f"Messages and comments: {requests} requests, one for each item's feed, and one more for each"
                f" message that may have comments (about {minutes:.0f} min); `feed` in the project file"
                " chooses the applications. Feeds that hold files are read once more for these."
                " The form of a message is not documented; it is assumed."
            )
        kinds = {app.name: activity_kind(app, self._settings) for app in self._company.applications()}
        if found := [f"{name} ({kind})" for name, kind in kinds.items() if kind]:
            yield (
                f"Read as activities: {', '.join(found)}. Their fields are told by their codes (assumed); one"
                " without a status or a yes/no field is planned if its time lies after its own last change."
            )

    def _requests(self, counts: Mapping[str, int | None]) -> int:
        """One for each item's feed."""
        return sum(counts.get(app.name) or 0 for app in self._feed_apps())

    def batches(self, object_name: str, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Batches of one of the objects. What has a shape that nobody knows is Rejected."""
        app = messages() if object_name == MESSAGES else activities(object_name)
        for stretch in self.stretches(object_name, cursor, since):
            results = [decode_item(app, row, self._settings.zone) for row in stretch.rows]
            yield Batch(
                records=tuple(r for r in results if isinstance(r, Record)),
                cursor=orjson.dumps(stretch.cursor).decode(),
                rejected=(*(r for r in results if isinstance(r, Rejected)), *stretch.refused),
            )

    def stretches(
        self, object_name: str, cursor: str | None, since: datetime | None, *, for_files: bool = False
    ) -> Iterator[Stretch]:
        """Rows of one of the objects, from a cursor on; `for_files` passes over feeds known to hold none."""
        position = orjson.loads(cursor) if cursor else {}
        if object_name != MESSAGES:
            yield from self._activity_stretches(object_name, dict(position.get("apps") or {}), since)
            return
        if self._settings.feed_delta == "all":
            since = None
        apps = self._feed_apps()
        names = [app.name for app in apps]
        first = names.index(position["object"]) if position.get("object") in names else 0
        for app in apps[first:]:
            start = position["from"] if app.name == position.get("object") else 0
            for page in self._listing(app, object_name).pages(start, since):
                known = self._fileless if for_files else set[tuple[str, str]]()
                items = [item for item in page.rows if (app.name, str(item["__id"])) not in known]
                found = self._rows(object_name, app, items)
                yield _stretch(found, {"object": app.name, "from": page.next_from})

    def _activity_stretches(
        self, object_name: str, offsets: dict[str, int], since: datetime | None
    ) -> Iterator[Stretch]:
        apps = self._activity_apps(object_name)
        streams = [self._in_order(app, object_name, offsets.get(app.name, 0), since) for app in apps]
        merged = merge(*streams, key=lambda entry: entry.when)
        while some := list(islice(merged, self._settings.page_size)):
            offsets |= {entry.app.name: entry.after for entry in some}
            found = (row for e in some for row in self._rows(object_name, e.app, [e.item]))
            yield _stretch(found, {"apps": dict(offsets)})

    def _in_order(
        self, app: Application, object_name: str, start: int, since: datetime | None
    ) -> Iterator[_Entry]:
        """The items of one application as its list is sorted."""
        field = time_order(app)[0]
        for page in self._listing(app, object_name).pages(start, since):
            first = page.next_from - len(page.rows)
            for number, item in enumerate(page.rows, first + 1):
                yield _Entry(self._moment(item.get(field) or item.get("__createdAt")), app, item, number)

    def observations(self, object_name: str, keys: set[str] | None) -> Iterator[Observation]:
        """The same rows read again, with the second decoder."""
        app = messages() if object_name == MESSAGES else activities(object_name)
        verifier = Verifier(app.name, app.definitions, app.statuses, self._settings.zone)
        for row in self.rows(object_name, keys):
            values = verifier.readable(row)
            if values is not None:
                yield Observation(
                    app.name,
                    str(row["__id"]),
                    values,
                    trashed=row.get("__deletedAt") is not None,
                    image=row,
                    updated_at=update_time(row, self._settings.zone),
                )

    def rows(self, object_name: str, keys: set[str] | None) -> Iterator[Json]:
        """Rows read afresh: all, or those with these keys."""
        if keys is None:
            for stretch in self.stretches(object_name, None, None):
                yield from stretch.rows
            return
        wanted: dict[str, set[str]] = {}
        for key in keys:
            of_message = object_name == MESSAGES
            name, item = thread_of_key(key) if of_message else key.partition("@")[::-2]
            wanted.setdefault(name, set()).add(item)
        for app in self._company.applications(name for name in wanted if name in self._company.names()):
            items = self._company.listing(app).by_ids(sorted(wanted[app.name]))
            found = self._rows(object_name, app, items)
            yield from (row for row in found if not isinstance(row, Rejected) and row["__id"] in keys)

    def owner(self, app: Application, item: Json) -> Reference | None:
        """The activity that an item is, None for an ordinary record."""
        kind = activity_kind(app, self._settings)
        return Reference(activity_object(kind), activity_key(app, item)) if kind else None

    def file_owners(self) -> tuple[str, ...]:
        """The objects whose records may have files, the applications' own among them."""
        apps = [app for app in self._company.applications() if app.file_fields()]
        kinds = ((app.name, activity_kind(app, self._settings)) for app in apps)
        found = dict.fromkeys(activity_object(kind) if kind else name for name, kind in kinds)
        return (*found, *((MESSAGES,) if self._settings.feed != "none" else ()))

    @property
    def _records(self) -> tuple[str, ...]:
        """The objects whose records something can be about."""
        apps = self._company.applications()
        return tuple(app.name for app in apps if not activity_kind(app, self._settings))

    def _message_schema(self) -> ObjectSchema:
        schema = with_owners(object_schema(messages()), self._records)
        return replace(schema, snapshot=self._settings.feed_delta == "all")

    def _activity_apps(self, object_name: str) -> Sequence[Application]:
        kinds = ((app, activity_kind(app, self._settings)) for app in self._company.applications())
        return [app for app, kind in kinds if kind and activity_object(kind) == object_name]

    def _feed_apps(self) -> Sequence[Application]:
        chosen = self._settings.feed
        apps = self._company.applications() if chosen != "none" else []
        return [app for app in apps if chosen == "all" or app.name in chosen]

    def _listing(self, app: Application, object_name: str) -> Listing:
        """The oldest activity first: a history is written down in the order in which it happened."""
        size = self._settings.page_size
        if object_name == MESSAGES:
            return Listing(self._company.client, app, min(size, _FEEDS_A_PAGE))
        return Listing(self._company.client, app, size, order=time_order(app))

    def _rows(self, object_name: str, app: Application, items: Any) -> Iterator[Json | Rejected]:
        kind = activity_kind(app, self._settings)
        for item in items:
            if object_name != MESSAGES:
                yield activity_row(app, item, kind, self._settings, self._company.user_name)
            elif not item.get("__deletedAt") and (app.name, str(item["__id"])) not in self._silent:
                yield from sorted(self._feed(app, item, kind), key=self._when)

    def _when(self, row: Json | Rejected) -> tuple[bool, datetime]:
        """The oldest message first, comments where they were said; what could not be read comes last."""
        return self._moment(None if isinstance(row, Rejected) else row.get("__createdAt"))

    def _moment(self, written: Any) -> tuple[bool, datetime]:
        try:
            return False, moment(written or "", self._settings.zone)
        except ShapeError:
            return True, datetime.max.replace(tzinfo=UTC)

    def _feed(self, app: Application, item: Json, kind: str) -> Iterator[Json | Rejected]:
        """Messages of one item, each with its comments. A feed that cannot be read is one reject."""
        own = {"namespace": app.namespace, "code": app.code, "id": str(item["__id"])}
        linked = tuple(about(app, item)) if kind else (own,)
        thread = Thread(app.name, own["id"], str(item.get("__name") or ""), linked, is_record=not kind)
        parts = {"namespace": app.namespace, "code": app.code, "target": own["id"]}
        names, spoken, files = self._company.user_name, False, False
        try:
            for message in self._all(Read.FEED, parts):
                spoken, files = True, files or bool(message.get("files"))
                yield message_row(thread, message, names)
                if has_comments(message):
                    under = {**parts, "message": str(message["__id"])}
                    for comment in self._all(Read.FEED_COMMENTS, under):
                        files = files or bool(comment.get("files"))
                        yield comment_row(thread, message, comment, names)
        except AnswerError as error:
            yield Rejected(MESSAGES, thread.key("?"), (f"the feed cannot be read: {error.message}",))
            return
        if not spoken:
            self._silent.add((app.name, own["id"]))
        if not files:
            self._fileless.add((app.name, own["id"]))

    def _all(self, read: Read, parts: Mapping[str, str]) -> Iterator[Json]:
        listing = Listing(self._company.client, messages(), self._settings.page_size, read=read, parts=parts)
        for page in listing.pages():
            yield from page.rows
