"""Odoo's import (`load`), call by call, until every row is in or has a reason why it is not.

A call keeps all of its rows or none, and names the bad ones: those are dropped and the rest is sent again.
Errors of the database stop at ten in an answer, so more bad rows need more passes. When a batch as a whole
failed in another way than its rows one by one, the server puts that error before the others and blames the
first row for it (by its code): a first row that may be blamed wrongly is sent again.

A call that ends without an answer was most likely cut off by a time limit of the server. Rows that change
what is there are sent again in smaller calls: they write the same. New ones are in doubt, and the caller's to
look up, but for one that is alone: it is looked up here, and given up if it is cut off again and again.
"""

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.errors import BatchTooLargeError, OutcomeUnknownError
from crossdock.model import Outcome
from crossdock_odoo.answers import GoneError, RefusalError, RightsError
from crossdock_odoo.client import OdooClient
from crossdock_odoo.identity import MODULE, chunks

Cells = Mapping[str, str]

SLOW = 10.0  # seconds; the server cuts a call off at 60 of processor time or 120 in all (its defaults)
_FAST = 3.0
_TRIES = 3  # of a call that is cut off after so long that a limit of the server may be the reason
_QUICK_TRIES = 6  # of one that ends at once: a server in between may be unwell, and it is no record's fault
_CUT_OFF = (
    "Odoo cut this record's call off {tries} times without an answer;"
    " raise limit_time_cpu and limit_time_real of the server, or leave the record out"
)
_ENDED = "this record's call ended {tries} times without an answer, at last: {message}"
_TOO_LARGE = "Odoo does not take a request of that size"
_NO_FIELD = re.compile(r"Invalid field name '([^']+)'")


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one row: the database id of its record, or the reasons why it was not taken.

    `outcome` is for a row without a record. A record that is there may have reasons too: what the server
    warned of.
    """

    row: int
    record_id: int | None
    reasons: tuple[str, ...] = ()
    outcome: Outcome = Outcome.REJECTED


class Importer:
    """Sends rows of one database. `size`, the most rows a call, follows how long calls take."""

    def __init__(self, client: OdooClient, size: int) -> None:
        self._client = client
        self._most = self.size = max(1, size)
        self._cut_off: Counter[tuple[str, str]] = Counter()  # calls of one row, by model and the row's id
        self._took = 0.0  # seconds that the last call took

    def load(
        self,
        model: str,
        rows: Sequence[Cells],
        *,
        context: Mapping[str, Any] | None = None,
        ordered: bool = False,
    ) -> Iterator[Done]:
        """What comes of each row (by its place in `rows`), as soon as its call is through.

        Rows with the same columns go together: an empty cell would empty a field that has a default. With
        `ordered` only neighbours do. Raises OutcomeUnknownError for new rows; what was yielded before is
        certain.
        """
        for columns, places in _groups(rows, ordered=ordered):
            yield from self._parts(model, columns, {i: rows[i] for i in places}, context)

    def _send(
        self, model: str, columns: Sequence[str], rows: dict[int, Cells], context: Mapping[str, Any] | None
    ) -> Iterator[Done]:
        """Send these rows until the rest of them is in."""
        waiting = dict(rows)
        while waiting:
            places = list(waiting)
            try:
                answer = self._call(model, columns, [waiting[i] for i in places], context)
            except OutcomeUnknownError as error:
                yield from self._unanswered(model, columns, waiting, context, error)
                return
            except BatchTooLargeError:
                if len(places) == 1:
                    yield Done(places[0], None, (_TOO_LARGE,))
                    return
                self.size = max(1, len(places) // 2)
                yield from self._halves(model, columns, waiting, context)
                return
            except RefusalError as error:
                yield from self._refused(model, columns, waiting, context, error)
                return
            if answer["ids"] is not False:
                yield from self._taken(model, columns, answer, places)
                return
            bad = reasons_of(answer["messages"], len(places))
            if not bad:
                yield from self._refused(model, columns, waiting, context, _unnamed(answer["messages"]))
                return
            for place, reasons in bad.items():
                del waiting[places[place]]
                yield Done(places[place], None, reasons)

    def _taken(
        self, model: str, columns: Sequence[str], answer: Mapping[str, Any], places: Sequence[int]
    ) -> Iterator[Done]:
        """The rows of a call that was kept; a new record that the server warns of is taken out again."""
        ids = answer["ids"]
        if len(ids) != len(places):
            raise OutcomeUnknownError(f"Odoo answered a load of {len(places)} {model} with {len(ids)} ids.")
        warned = reasons_of(answer["messages"], len(places))
        for place, record_id in enumerate(ids):
            if place not in warned:
                yield Done(places[place], int(record_id))
            elif "id" in columns:
                yield self.taken_out(model, places[place], int(record_id), warned[place])
            else:
                yield Done(places[place], int(record_id), warned[place])

    def taken_out(
        self,
        model: str,
        row: int,
        record_id: int,
        reasons: tuple[str, ...],
        outcome: Outcome = Outcome.REJECTED,
    ) -> Done:
        """Delete a record that was just made; if Odoo refuses that, say which one is left behind."""
        try:
            self._client.unlink(model, [record_id])
        except GoneError:
            pass
        except RefusalError as error:
            left = f"{model} {record_id} is left behind, and no rollback knows it: {error.message}"
            return Done(row, None, (*reasons, left), Outcome.FAILED)
        return Done(row, None, reasons, outcome)

    def _unanswered(
        self,
        model: str,
        columns: Sequence[str],
        rows: dict[int, Cells],
        context: Mapping[str, Any] | None,
        error: OutcomeUnknownError,
    ) -> Iterator[Done]:
        """A call that ended without an answer. Looking something up first waits until the server is well."""
        if len(rows) > 1:
            if "id" in columns:
                raise error
            self._client.search(model, [], limit=1)
            yield from self._parts(model, columns, rows, context)
            return
        ((place, row),) = rows.items()
        key, slow = (model, row.get("id") or row[".id"]), self._took > SLOW
        self._cut_off[key] += 1
        record_id = self._arrived(model, row)
        if record_id is not None:
            yield Done(place, record_id)
        elif self._cut_off[key] >= (_TRIES if slow else _QUICK_TRIES):
            text = _CUT_OFF if slow else _ENDED
            reason = text.format(tries=self._cut_off.pop(key), message=error.message)
            yield Done(place, None, (reason,), Outcome.FAILED)
        else:
            yield from self._send(model, columns, rows, context)

    def _arrived(self, model: str, row: Cells) -> int | None:
        """The record of a new row if it was made after all."""
        if "id" not in row:
            self._client.search(model, [], limit=1)
            return None
        name = row["id"].removeprefix(f"{MODULE}.")
        domain = [["module", "=", MODULE], ["name", "=", name], ["model", "=", model]]
        found = self._client.search_read("ir.model.data", domain, ["res_id"])
        return int(found[0]["res_id"]) if found else None

    def _refused(
        self,
        model: str,
        columns: Sequence[str],
        rows: dict[int, Cells],
        context: Mapping[str, Any] | None,
        error: RefusalError,
    ) -> Iterator[Done]:
        """A call that was refused as a whole: halves, until one row is left that is to blame."""
        unknown = _NO_FIELD.search(error.message)
        if len(rows) == 1 or unknown or (isinstance(error, RightsError) and not self._may(model, columns)):
            reason = f"{unknown[1]}: the object has no such field" if unknown else error.message
            yield from (Done(i, None, (reason,)) for i in rows)
            return
        yield from self._halves(model, columns, rows, context)

    def _may(self, model: str, columns: Sequence[str]) -> bool:
        """Whether rights are missing for some of the records only."""
        return self._client.may(model, "create" if "id" in columns else "write")

    def _parts(
        self, model: str, columns: Sequence[str], rows: dict[int, Cells], context: Mapping[str, Any] | None
    ) -> Iterator[Done]:
        left = list(rows)
        while left:
            part, left = left[: self.size], left[self.size :]
            yield from self._send(model, columns, {i: rows[i] for i in part}, context)

    def _halves(
        self, model: str, columns: Sequence[str], rows: dict[int, Cells], context: Mapping[str, Any] | None
    ) -> Iterator[Done]:
        places = list(rows)
        for half in chunks(places, (len(places) + 1) // 2):
            yield from self._send(model, columns, {i: rows[i] for i in half}, context)

    def _call(
        self, model: str, columns: Sequence[str], rows: Sequence[Cells], context: Mapping[str, Any] | None
    ) -> Mapping[str, Any]:
        started = time.monotonic()
        try:
            answer = self._client.load(
                model, columns, [[row[c] for c in columns] for row in rows], context=context
            )
        except OutcomeUnknownError:
            # Most likely cut off by the server's time limit: far fewer the next time.
            self._took, self.size = time.monotonic() - started, max(1, len(rows) // 4)
            raise
        took = time.monotonic() - started
        if took > SLOW:
            self.size = max(1, min(self.size, int(len(rows) * SLOW / took / 2)))
        elif took < _FAST and len(rows) == self.size:
            self.size = min(self._most, self.size * 2)
        return answer


def reasons_of(messages: Iterable[Mapping[str, Any]], count: int) -> dict[int, tuple[str, ...]]:
    """Reasons by the place of the row; warnings are reasons too, and what names no row is left out."""
    found: dict[int, list[str]] = {}
    named = [m for m in messages if isinstance(m.get("record"), int) and 0 <= m["record"] < count]
    for message in named:
        reasons = found.setdefault(message["record"], [])
        text = _text(message)
        if text not in reasons:
            reasons.append(text)
    if len(found) > 1 and named[0]["record"] == 0 and "field" not in named[0] and len(found[0]) == 1:
        del found[0]  # perhaps blamed for the batch: it is sent again, and blamed alone if it is to blame
    return {place: tuple(reasons) for place, reasons in sorted(found.items())}


def _text(message: Mapping[str, Any]) -> str:
    text = " ".join(str(message.get("message") or "refused without a word").split())
    field = message.get("field")
    return f"{field}: {text}" if field and str(field) not in text else text


def _unnamed(messages: Iterable[Mapping[str, Any]]) -> RefusalError:
    told = "; ".join(dict.fromkeys(_text(m) for m in messages))
    return RefusalError(told or "Odoo refused it without a word")


def _groups(rows: Sequence[Cells], *, ordered: bool) -> Iterator[tuple[tuple[str, ...], list[int]]]:
    """Places of rows with the same columns; with `ordered` only of neighbours."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, row in enumerate(rows):
        columns = tuple(sorted(row))
        if ordered and groups and columns not in groups:
            yield from groups.items()
            groups = {}
        groups.setdefault(columns, []).append(place)
    yield from groups.items()
