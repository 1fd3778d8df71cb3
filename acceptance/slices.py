"""The data of one row: what is put into the source, into the destination, and into the mapping beforehand."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from acceptance.tables import Tables, joined

Json = dict[str, Any]

# Members of the destination's seed `demo`, by the ids that every such sandbox has.
ANNA_MEMBER = "a1b9d1c0-3c55-4f0a-8b7e-000000000001"
IVAN_MEMBER = "a1b9d1c0-3c55-4f0a-8b7e-000000000002"

# What no destination takes as a company: it has no name, and a site that is none.
UNREADABLE = {"__name": "", "_website": "нет адреса"}

COMPANIES, CONTACTS, LEADS = "_clients._companies", "_clients._contacts", "_clients._leads"


def key(*parts: object) -> str:
    """The id of a source record."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "acceptance/" + "/".join(map(str, parts))))


# The same people by their e-mails: both ends know them by these.
ANNA_MAIL, IVAN_MAIL = "anna.petrova@romashka.example", "ivan.sidorov@romashka.example"
ROMAN_MAIL = "roman.belov@romashka.example"

ANNA, IVAN, ROMAN = key("user", "anna"), key("user", "ivan"), key("user", "roman")

# People of the source: two have an account at the destination, one has left and has none.
STAFF: Json = {
    "users": [
        {
            "__id": ANNA,
            "__name": "Петрова Анна Сергеевна",
            "email": ANNA_MAIL,
            "fullname": {"lastname": "Петрова", "firstname": "Анна", "middlename": "Сергеевна"},
            "__status": {"order": 0, "status": 2},
        },
        {
            "__id": IVAN,
            "__name": "Сидоров Иван Андреевич",
            "email": IVAN_MAIL,
            "fullname": {"lastname": "Сидоров", "firstname": "Иван", "middlename": "Андреевич"},
            "__status": {"order": 0, "status": 2},
        },
        {
            "__id": ROMAN,
            "__name": "Белов Роман Фёдорович",
            "email": ROMAN_MAIL,
            "fullname": {"lastname": "Белов", "firstname": "Роман", "middlename": "Фёдорович"},
            "__status": {"order": 0, "status": 3},
        },
    ]
}


@dataclass(frozen=True)
class Data:
    """What a source is given: `seed` is a body of its `POST /_seed`; `tables` and `files` are what people
    exported from it, by path below the folder of exports; `settings` join the source's."""

    seed: Mapping[str, Any] = field(default_factory=dict)
    tables: Tables = field(default_factory=dict)
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


def together(*parts: Data) -> Data:
    """All of these as one."""
    return Data(
        merged([each.seed for each in parts]),
        joined([each.tables for each in parts]),
        {name: content for each in parts for name, content in each.files.items()},
        {name: value for each in parts for name, value in each.settings.items()},
    )


@dataclass(frozen=True)
class Slice:
    """`seed` is a body of the source's `POST /_seed`, or says in the words of any source what it holds;
    `prepare` gets the destination before anything runs; `edit` gets the proposed mapping; `files` go into the
    project folder, so do `tables`, joined with those of other slices; `settings` join the source's.
    Pairs with another source leave it out, unless it speaks the words of any."""

    name: str
    seed: Mapping[str, Any] | Callable[[Any], Data]
    prepare: Callable[[Any], None] | None = None
    edit: Callable[[Any], None] | None = None
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    tables: Tables = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    source: str = "elma365"

    def is_of(self, source: str) -> bool:
        """Whether it has data of a source."""
        return callable(self.seed) or self.source == source

    def data(self, source: Any) -> Data:
        """What the source is given."""
        return self.seed(source) if callable(self.seed) else Data(self.seed)


def merged(seeds: Sequence[Mapping[str, Any]]) -> Json:
    """One body of all seeds: lists are joined, those of a mapping (items by application) by its keys."""
    whole: Json = {}
    for seed in seeds:
        for name, value in seed.items():
            if isinstance(value, list):
                whole.setdefault(name, []).extend(value)
                continue
            own = whole.setdefault(name, {})
            for key, part in value.items():
                own[key] = [*own.get(key, ()), *part] if isinstance(part, list) else part
    return whole


def route(mapping: Any, source: str, target: str) -> Any:
    """The route of a mapping document, to be edited as a person would."""
    for entry in mapping["objects"]:
        to = entry["to"]
        name = to if isinstance(to, str) else to["provision"]["object"]
        if (entry["from"], name) == (source, target):
            return entry
    raise AssertionError(f"the proposed mapping has no route {source} > {target}")
