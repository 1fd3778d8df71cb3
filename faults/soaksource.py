"""The source of the soak: as many records as one asks for, made up by their numbers. It holds nothing: what a
record is like, and when it last changed, follows from its number and the round.

The file of the settings says {"records": N, "round": R}; in each round some change, some are new, some go.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict, SecretStr

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.connection import Connection
from crossdock.fieldtypes import FieldType
from crossdock.hookspecs import hookimpl
from crossdock.model import Batch, Catalog, FieldSchema, Limits, ObjectSchema, Observation, Record, Selection

NAME: Final = "soak"
OBJECT: Final = "soak.contact"
BATCH: Final = 500
_BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
_A_ROUND = timedelta(days=3)
"""More than a delta reads back behind its mark."""
_NEW, _CHANGED, _GONE = 100, 40, 200
"""One in so many comes, changes, goes in a round."""

FIELDS = (
    FieldSchema("title", FieldType.TEXT),
    FieldSchema("mail", FieldType.EMAIL),
    FieldSchema("amount", FieldType.INTEGER),
    FieldSchema("since", FieldType.DATE),
    FieldSchema("note", FieldType.TEXT),
)


class SoakSettings(BaseModel):
    """`data` is the file; `token` opens nothing."""

    model_config = ConfigDict(extra="forbid")

    data: Path
    token: SecretStr


def count(records: int, turn: int) -> int:
    """How many numbers there are in a round, gone ones included."""
    return records + turn * (records // _NEW)


def gone(n: int, turn: int) -> int | None:
    """The round in which a record went, None while it is there."""
    due = (n * 7919) % _GONE
    return due if 0 < due <= turn else None


def changed(n: int, turn: int) -> int:
    """The last round up to this one in which a record changed; the first is 0."""
    return next((t for t in range(turn, 0, -1) if (n * 31 + t * 17) % _CHANGED == 0), 0)


def record(n: int, records: int, turn: int) -> Record:
    """Record number `n` as it is in a round."""
    born = max(0, -(-(n + 1 - records) // max(1, records // _NEW)))
    went, version = gone(n, turn), max(born, changed(n, turn))
    if went is not None and went <= born:
        went = None
    values = {
        "title": f"Контакт {n}, {version}",
        "mail": f"contact{n}@soak.example",
        "amount": n * 10 + version,
        "since": (_BEGIN + timedelta(days=n % 700)).date(),
        "note": f"Заметка {n} " + "слово " * (n % 20) + str(version),
    }
    at = _BEGIN + _A_ROUND * (went if went is not None else version)
    return Record(OBJECT, f"c{n}", values, deleted=went is not None, updated_at=at)


def there(records: int, turn: int) -> Iterator[Record]:
    """All records of a round, gone ones with their mark."""
    return (record(n, records, turn) for n in range(count(records, turn)))


class SoakSource:
    """The source. The cursor is the number of the next record."""

    settings_type: ClassVar[type[SoakSettings]] = SoakSettings

    def __init__(self, settings: SoakSettings, connection: Connection) -> None:  # noqa: ARG002 as all are
        self._path = settings.data

    @property
    def _state(self) -> tuple[int, int]:
        state = json.loads(self._path.read_text(encoding="utf-8"))
        return state["records"], state["round"]

    @hookimpl
    def discover(self) -> Catalog:
        """The object, with about as many records as there are."""
        can = (Capability.CHANGED_SINCE, Capability.DELETED_VISIBLE, Capability.STABLE_ORDER)
        schema = ObjectSchema(OBJECT, FIELDS, "Soak contact", count=count(*self._state))
        supported = Capabilities(dict.fromkeys(can, Support.YES))
        return Catalog(NAME, f"{NAME}:company", (schema,), supported, Limits(NAME))

    @hookimpl
    def extract(self, cursor: str | None, since: datetime | None) -> Iterator[Batch]:
        """Batches after the cursor; with `since` what was changed or deleted from then on."""
        records, turn = self._state
        start, end = int(cursor or 0), count(records, turn)
        while start < end or start == 0:
            numbers = range(start, min(end, start + BATCH))
            made = [record(n, records, turn) for n in numbers]
            asked = [r for r in made if _is_asked_for(r, since)]
            start = max(start + 1, numbers.stop)
            yield Batch(tuple(asked), str(start), read_at=_BEGIN + _A_ROUND * turn)

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Records a second time."""
        wanted = None if selection.ids is None else set(selection.ids)
        for each in there(*self._state):
            if wanted is None or each.key in wanted:
                yield Observation(
                    object_name, each.key, each.values, each.deleted, updated_at=each.updated_at
                )

    def close(self) -> None:
        """Nothing is open."""


def _is_asked_for(each: Record, since: datetime | None) -> bool:
    if since is None:
        return not each.deleted
    return each.updated_at is not None and each.updated_at >= since
