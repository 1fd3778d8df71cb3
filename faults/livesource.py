"""The kit's source as a list that moves while it is read: each page is cut from what is there at that time.

`EXTRA` things stand first in the list, and nobody refers to them. Between two pages of things the next of
them goes, so that all others move up by one; another thing is renamed, and one more comes at the end.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from crossdock.filestore import FileStore
from crossdock.hookspecs import hookimpl
from crossdock.model import Batch
from crossdock.testing import samples, source
from crossdock.testing.company import Company

EXTRA: Final = 12
"""How many things are there to go."""


def with_extras(company: Company) -> None:
    """Put the things in front that are to go."""
    things = company.records[samples.THING]
    plain = things[samples.key("t", 2)].values
    for n in range(EXTRA):
        values = {**plain, "title": f"Лишняя {n}", "parent": None, "file": None}
        company.put(samples.THING, f"x{n:02d}", **{k: v for k, v in values.items() if k in plain})
    extras = {key: things.pop(key) for key in list(things) if key.startswith("x")}
    company.records[samples.THING] = {**extras, **things}


def moved(company: Company) -> bool:
    """Let the list move; False if it has moved often enough."""
    things = company.records[samples.THING]
    left = [key for key, record in things.items() if key.startswith("x") and not record.deleted]
    if not left:
        return False
    n = EXTRA - len(left)
    company.delete(samples.THING, left[0])
    renamed = samples.key("t", 1 + n)
    company.change(samples.THING, renamed, title=f"Иначе {n}")
    values = {**things[samples.key("t", 3)].values, "title": f"Поздняя {n}", "parent": None}
    company.put(samples.THING, f"y{n:02d}", **values)
    return True


def live(told: Callable[[str], None]) -> None:
    """Have the kit's source read so. It is told of each page that follows one of another list."""

    def extract(
        self: Any, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        start, before = int(cursor or 0), None
        while True:
            company = Company.load(self._path)
            records = [r for r in company.of(object_name) if source._is_asked_for(r, since)]
            if before is not None and records != before:
                told(f"the page at {start} is one of another list than that before")
            before = records
            page = records[start : start + source._BATCH]
            chunk = tuple(source._with_files(r, company, files) for r in page)
            start += max(1, len(chunk))
            yield Batch(chunk, str(start), len(records), read_at=company.now)
            if start >= len(records):
                return
            if object_name == samples.THING and since is None and moved(company):
                company.save(self._path)

    extract.__qualname__ = source.KitSource.extract.__qualname__  # a method, to those who look at its name
    source.KitSource.extract = hookimpl(extract)  # type: ignore[method-assign]  # a patch of this process
