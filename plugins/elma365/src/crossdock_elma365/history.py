"""`_process.instances` and `_process.steps`: all instances of all processes as two objects.

The cursor of both is JSON: {"process": "namespace:code", "from": n}. Steps come out of the same lists, so
a list is read once for each of the two objects.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property

import orjson

from crossdock.model import Batch, ObjectSchema, Observation, Record, Rejected
from crossdock_elma365.client import AnswerError, Json
from crossdock_elma365.company import Company
from crossdock_elma365.directories import users
from crossdock_elma365.instance_verification import InstanceVerifier
from crossdock_elma365.instances import (
    INSTANCES,
    STEPS,
    instance_record,
    instance_schema,
    instances,
    step_records,
    steps,
)
from crossdock_elma365.listing import Listing, Page
from crossdock_elma365.processes import Process, listing_of, processes
from crossdock_elma365.schema import object_schema

OBJECTS = (INSTANCES, STEPS)
_COUNTED = 50  # processes; one request each, which a company with hundreds of them would wait for


class ProcessHistory:
    """Reads the instances of a company's processes."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._zone = company.settings.zone

    @cached_property
    def processes(self) -> Sequence[Process]:
        """The processes whose instances are read. Raises AnswerError."""
        return processes(self._company)

    def schemas(self) -> Iterator[ObjectSchema]:
        """Both objects; none for a company without processes. Raises AnswerError."""
        if self.processes:
            counted = len(self.processes) <= _COUNTED
            yield instance_schema(self._owners, sum(map(self._count, self.processes)) if counted else None)
            yield object_schema(steps())

    def schema(self, object_name: str) -> ObjectSchema:
        """One of the two objects."""
        return instance_schema(self._owners, None) if object_name == INSTANCES else object_schema(steps())

    def batches(self, object_name: str, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Batches of one of the two objects. A process whose list is refused becomes one reject."""
        position = {"from": 0, **(orjson.loads(cursor) if cursor else {})}
        names = [process.key for process in self.processes]
        first = names.index(position["process"]) if position.get("process") in names else 0
        for process in self.processes[first:]:
            start = position["from"] if process.key == position.get("process") else 0
            try:
                for page in self._listing(process).pages(start, since):
                    yield self._batch(object_name, process, page)
            except AnswerError as error:
                refused = Rejected(object_name, f"?{process.key}", (error.message,))
                yield Batch((), _cursor(process, start), rejected=(refused,))

    def observations(self, object_name: str, keys: set[str] | None) -> Iterator[Observation]:
        """Instances or steps read again with the second decoder."""
        verifier = InstanceVerifier(self._owners, self.name_of, self._zone)
        owners = None if keys is None else sorted({key.partition("/")[0] for key in keys})
        for row in self._rows(owners):
            for seen in verifier.observations(object_name, row):
                if keys is None or seen.id in keys:
                    yield seen

    def name_of(self, user: str) -> str:
        """What a user is called; the id of one that the token may not see."""
        return self._names.get(user, user)

    @cached_property
    def _names(self) -> dict[str, str]:
        listing = self._company.listing(users())
        return {
            str(row["__id"]): str(row.get("__name") or row["__id"])
            for page in listing.pages()
            for row in page.rows
            if row.get("__id")
        }

    @cached_property
    def _owners(self) -> tuple[str, ...]:
        """The applications whose records an instance may be linked to.

        A process of an application runs on its records; one of a section on those of any.
        """
        own = dict.fromkeys(process.application for process in self.processes)
        return tuple(self._company.names()) if "" in own else tuple(own)

    def _listing(self, process: Process) -> Listing:
        return listing_of(self._company, process, instances())

    def _count(self, process: Process) -> int:
        try:
            return int(self._listing(process).count())
        except AnswerError:
            return 0  # extract names it as a reject

    def _batch(self, object_name: str, process: Process, page: Page) -> Batch:
        results: list[Record | Rejected] = []
        for row in page.rows:
            if object_name == STEPS:
                results += step_records(row, self.name_of, self._zone)
            else:
                results.append(instance_record(row, self._owners, self.name_of, self._zone))
        return Batch(
            records=tuple(r for r in results if isinstance(r, Record)),
            cursor=_cursor(process, page.next_from),
            rejected=tuple(r for r in results if isinstance(r, Rejected)),
        )

    def _rows(self, ids: Sequence[str] | None) -> Iterator[Json]:
        for process in self.processes:
            try:
                listing = self._listing(process)
                if ids is not None:
                    yield from listing.by_ids(ids)
                    continue
                for page in listing.pages():
                    yield from page.rows
            except AnswerError:
                continue  # extract named it as a reject; there is nothing to compare


def _cursor(process: Process, position: int) -> str:
    return orjson.dumps({"process": process.key, "from": position}).decode()
