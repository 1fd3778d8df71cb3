"""Order lines by date windows: the list gives at most 50 rows and no way to ask for the rest.

Met in production by a client: 50 rows an answer, and no parameter for a page has an effect. So a window is
halved as long as so many rows come back; a single day is asked for by transcode, and what is full even then
is an error: nobody could tell what is missing.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from crossdock_cetec.client import AnswerError, Json

CAP = 50
TRANSCODES = ("SA", "SN", "NN")

Ask = Callable[[date, date, str], list[Json]]
"""(first day, last day, transcodes with commas) -> the rows of one answer."""


def lines(ask: Ask, first: date, last: date) -> Iterator[Json]:
    """Every row between two days, both included, each once.

    Raises AnswerError for a day that has too many.
    """
    seen: set[str] = set()
    for row in _window(ask, first, last, ",".join(TRANSCODES)):
        key = str(row.get("ordline_id") or row.get("id") or "")
        if not key or key not in seen:
            seen.add(key)
            yield row


def _window(ask: Ask, first: date, last: date, codes: str) -> Iterator[Json]:
    rows = ask(first, last, codes)
    if len(rows) < CAP:
        yield from rows
    elif first < last:
        middle = first + (last - first) // 2
        yield from _window(ask, first, middle, codes)
        yield from _window(ask, middle + timedelta(days=1), last, codes)
    elif "," in codes:
        for code in codes.split(","):
            yield from _window(ask, first, last, code)
    else:
        raise AnswerError(
            f"Cetec gave {len(rows)} order lines for {first} alone ({codes}): it gives no more than {CAP}, so"
            " some are missing.",
            status=200,
            hint="Export the production list and give it as a table `workorder`, without `workorder` in"
            " `api`.",
        )
