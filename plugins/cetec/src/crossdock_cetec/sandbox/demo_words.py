"""Words and numbers that the demo is drawn from: the same for the same seed."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

START = date(2023, 1, 9)
"""When the demo's history begins."""

FIRST = (
    "Ann",
    "Bruce",
    "Carla",
    "Dev",
    "Erin",
    "Frank",
    "Gail",
    "Hugo",
    "Ines",
    "Jon",
    "Kara",
    "Lee",
    "Mona",
)
LAST = (
    "Abbott",
    "Brandt",
    "Choi",
    "Dunn",
    "Ellis",
    "Ferro",
    "Grant",
    "Hale",
    "Iyer",
    "Jensen",
    "Kerr",
    "Lowe",
)
_FIRMS = (
    "Alder",
    "Birch",
    "Cedar",
    "Dogwood",
    "Elm",
    "Fir",
    "Ginkgo",
    "Hazel",
    "Ironwood",
    "Juniper",
    "Larch",
)
_TRADES = ("Avionics", "Robotics", "Medical", "Instruments", "Lighting", "Controls", "Telemetry", "Energy")
CITIES = (
    ("Austin", "TX", "78701"),
    ("Boise", "ID", "83702"),
    ("Dayton", "OH", "45402"),
    ("Salem", "OR", "97301"),
)


class Draw:
    """A generator for one kind of record, so that more of one kind does not change another."""

    def __init__(self, kind: str) -> None:
        self._random = random.Random(f"brightpath/{kind}")  # noqa: S311 - nothing secret

    def one(self, options: Sequence[Any]) -> Any:
        """One of the options."""
        return self._random.choice(options)

    def number(self, low: int, high: int) -> int:
        """A whole number between the two, both included."""
        return self._random.randint(low, high)

    def chance(self, share: float) -> bool:
        """Yes in this share of cases."""
        return self._random.random() < share

    def day(self, first: int, last: int) -> date:
        """A day, so many days after the start."""
        return START + timedelta(days=self.number(first, last))

    def price(self, low: int, high: int, digits: int = 2) -> str:
        """An amount as the API writes it: text."""
        whole = self._random.randint(low * 10**digits, high * 10**digits)
        return f"{whole // 10**digits}.{whole % 10**digits:0{digits}d}"


def firm(number: int) -> tuple[str, str]:
    """The name of a firm and its web domain; every number has another."""
    tree, trade = _FIRMS[number % len(_FIRMS)], _TRADES[number // len(_FIRMS) % len(_TRADES)]
    return f"{tree} {trade}, Inc.", f"{tree.lower()}-{trade.lower()}.example"


def person(number: int) -> tuple[str, str]:
    """A person's first and last name; the first hundred and more have others."""
    return FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]


def phone(number: int) -> str:
    """A telephone number of the exchange that is kept for stories."""
    return f"512-555-01{number % 100:02d}"
