"""ELMA365 as the rows use it."""

from typing import ClassVar

from acceptance.platforms import FAST, Row, Source
from acceptance.slices import STAFF, Json


class Elma365(Source):
    """A company of ELMA365. Every one has the same staff."""

    staff: ClassVar[Json] = STAFF

    def settings(self, variable: str) -> Row:
        return {"url": self.url, "token": f"env:{variable}", "calls_per_minute": FAST, "page_size": 1000}
