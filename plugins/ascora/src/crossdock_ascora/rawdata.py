"""The raw records of one tenant: each object from its table, else through the API.

One reading keeps what it has read for a while, so that a run sees one state of the source; `second` makes
the independent reading that reconcile compares with.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from crossdock.connection import Connection
from crossdock.errors import ConfigError
from crossdock.model import Limits, Rejected
from crossdock_ascora.additions import Additions
from crossdock_ascora.client import AnswerError, AscoraClient, Read
from crossdock_ascora.decoding import Decoder
from crossdock_ascora.invoicing import LINES, invoice_rows, line_rows
from crossdock_ascora.labour import LABOUR, labour_rows
from crossdock_ascora.leftovers import unknown_keys
from crossdock_ascora.listing import LISTS, Spool, read_list
from crossdock_ascora.rows import RawRow
from crossdock_ascora.rowspool import RowSpool
from crossdock_ascora.settings import AscoraSettings
from crossdock_ascora.tables import ADDITIONS, ExportedTables
from crossdock_ascora.verification import Verifier

Json = Mapping[str, Any]

KEPT_SECONDS = 15 * 60
"""How long what was read is taken for the present state."""


class RawData:
    """Raw records by object. Raises ConfigError, AuthError, UnreachableError, ContractError."""

    def __init__(
        self,
        settings: AscoraSettings,
        connection: Connection,
        limits: Limits,
        tables: ExportedTables,
        *,
        second: bool = False,
    ) -> None:
        self._settings = settings
        self._connection = connection
        self._limits = limits
        self.tables = tables
        self._second = second
        self._client: AscoraClient | None = None
        self._spools: dict[str, Spool] = {}  # answers of the API
        self._rows: dict[str, RowSpool[RawRow | Rejected]] = {}
        self._read_at = 0.0
        self._additions = Additions(tables, second=second)
        reader: Decoder | Verifier = (Verifier if second else Decoder)(settings.zone, settings.currency)
        self._decode = reader.row

    @property
    def objects(self) -> tuple[str, ...]:
        """Every raw object that can be read, the API's first."""
        api = (*LISTS, "invoices", LINES) if self._settings.url else ()
        labour = (LABOUR,) if self._settings.url and self._settings.job_labour else ()
        given = [name for name in self.tables.objects if not name.endswith(ADDITIONS)]
        return tuple(dict.fromkeys((*api, *labour, *given)))

    def has(self, name: str) -> bool:
        """Whether the object can be read."""
        return name in self.objects

    def from_table(self, name: str) -> bool:
        """Whether the object is read from a table."""
        return name in self.tables.objects

    def forget(self, *, older_than: float = -1.0) -> bool:
        """Forget what was read, if it is older than so many seconds; say whether it was."""
        if self._rows and time.monotonic() - self._read_at <= older_than:
            return False
        self._additions.forget()
        for answers in self._spools.values():
            answers.close()
        for rows in self._rows.values():
            rows.close()
        self._spools.clear()
        self._rows.clear()
        return True

    def close(self) -> None:
        """Close the connections and forget everything."""
        self.forget()
        if self._client is not None:
            self._client.close()
            self._client = None

    def rows(self, name: str) -> Iterator[RawRow | Rejected]:
        """All raw records: those of a table in its order, those of the API in the order of their ids."""
        if name not in self._rows:
            self._read_at = self._read_at if self._rows else time.monotonic()
            self._rows[name] = RowSpool(self._given(name))
        return self._rows[name].rows()

    def _given(self, name: str) -> Iterator[RawRow | Rejected]:
        if self.from_table(name):
            yield from self.tables.rows(name, second=self._second)
            return
        if not self._settings.url:
            raise ConfigError(
                f"no table holds {name}.", hint="Add it to the layout, or give `url` and `key`."
            )
        for key, item in self._items(name):
            if key.startswith("?"):
                yield Rejected(name, key, ("it has no id",))
                continue
            row = self._decode(name, item, key)
            if row is not None:
                yield self._additions.added(name, row) if isinstance(row, RawRow) else row

    def count(self, name: str) -> int:
        """How many raw records there are."""
        return sum(not isinstance(row, Rejected) for row in self.rows(name))

    def unmatched_additions(self, name: str) -> list[str]:
        """Rows of a table of additions whose record the API did not give; after all of those were read."""
        for _ in self.rows(name):
            pass
        return self._additions.unmatched(name)

    def unknown_keys(self, name: str) -> dict[str, int]:
        """Keys of answers that hold something and that nothing reads, with how often."""
        return {} if self.from_table(name) else unknown_keys(name, (item for _, item in self._items(name)))

    def _items(self, name: str) -> Iterator[tuple[str, Json]]:
        if name == LINES:
            yield from line_rows(self._items("invoices"))
            return
        if name not in self._spools:
            self._spools[name] = self._read(name)
        yield from self._spools[name].rows()

    def _read(self, name: str) -> Spool:
        if name == "invoices":
            return invoice_rows(self.client, self._settings.zone)
        if name == LABOUR:
            return labour_rows(self.client, (item for _, item in self._items("jobs")))
        if name == "quotes" and self._settings.quote_details:
            return self._detailed(read_list(self.client, name, self._settings.page_size))
        return read_list(self.client, name, self._settings.page_size)

    def _detailed(self, quotes: Spool) -> Spool:
        """The quotes with what only the answer about one of them says: its status in words."""
        detailed = Spool()
        for key, item in quotes.rows():
            number = str(item.get("quoteNumber") or "").strip()
            if not item.get("quoteStatusText") and number:
                # Of a quote that is gone meanwhile, or whose number nobody finds, the code is kept.
                with suppress(AnswerError):
                    item = {**item, **_only_known(self.client.one(Read.QUOTE, number))}
            detailed.add(key, item)
        quotes.close()
        return detailed

    @property
    def answered_at(self) -> datetime | None:
        """When the API answered last, by its own clock."""
        return self._client.answered_at if self._client else None

    @property
    def client(self) -> AscoraClient:
        """The API, connected at first use."""
        if self._client is None:
            self._client = AscoraClient(self._settings, self._connection, self._limits)
        return self._client


def _only_known(answer: Json | list[Any]) -> dict[str, Any]:
    """Of the answer about one quote: its status in words, and its sections as a text.

    Sections are quotes of their own whose totals stand in that of the quote, so they are told, not counted.
    """
    quote = answer.get("quotation") if isinstance(answer, Mapping) else None
    if not isinstance(quote, Mapping):
        return {}
    found = {key: quote[key] for key in ("quoteStatusText", "childQuotes") if quote.get(key)}
    sections = [child for child in quote.get("childQuotes") or () if isinstance(child, Mapping)]
    if sections:
        found["sectionsText"] = "\n".join(map(_section, sections))
    return found


def _section(child: Json) -> str:
    names = ("quoteNumber", "quoteName", "totalExTax")
    return ", ".join(str(child[name]) for name in names if child.get(name) not in (None, ""))
