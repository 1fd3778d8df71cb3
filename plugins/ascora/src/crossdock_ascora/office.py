"""One reading of a tenant: its raw records and everything that is known across them."""

import csv
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from crossdock.connection import Connection
from crossdock.errors import ConfigError
from crossdock.model import Limits
from crossdock_ascora.customfields import Reading
from crossdock_ascora.formvalues import CustomFields
from crossdock_ascora.kinds import BUSINESS, PERSON
from crossdock_ascora.people import Contacts, Customers, Users, records
from crossdock_ascora.rawdata import RawData
from crossdock_ascora.rows import fold
from crossdock_ascora.settings import AscoraSettings
from crossdock_ascora.tables import ExportedTables
from crossdock_ascora.work import Work

_KINDS = {"person": PERSON, "people": PERSON, "business": BUSINESS, "company": BUSINESS}


class Office:
    """Raw records, people, work and custom fields of one reading. `second`: by the second decoders."""

    def __init__(
        self,
        settings: AscoraSettings,
        connection: Connection,
        limits: Limits,
        tables: ExportedTables,
        *,
        second: bool = False,
    ) -> None:
        self.settings = settings
        self.raw = RawData(settings, connection, limits, tables, second=second)

    def refresh(self, *, older_than: float = -1.0) -> None:
        """Read everything anew if what is known is older than so many seconds."""
        if self.raw.forget(older_than=older_than):
            for name in ("customers", "contacts", "users", "work", "custom", "sites_used"):
                self.__dict__.pop(name, None)

    def close(self) -> None:
        """Close the connections."""
        self.raw.close()

    @cached_property
    def customers(self) -> Customers:
        """Customers and sites by key."""
        return Customers(self.raw, self.settings, declared_kinds(self.settings.customer_kinds))

    @cached_property
    def contacts(self) -> Contacts:
        """Contacts by key."""
        return Contacts(self.raw, self.customers)

    @cached_property
    def users(self) -> Users:
        """Users by key."""
        return Users(self.raw)

    @cached_property
    def work(self) -> Work:
        """Jobs, quotes and invoices by key."""
        return Work(self.raw)

    @cached_property
    def sites_used(self) -> frozenset[str]:
        """The customers at whose place there was work, or there is equipment."""
        named = [row.named("site_customer") for name in ("jobs", "quotes") for row in records(self.raw, name)]
        named += [row.named("customer") for row in records(self.raw, "equipment")]
        return frozenset(self.customers.finder.find(one).key for one in dict.fromkeys(named))

    @cached_property
    def custom(self) -> CustomFields:
        """The custom fields of every object."""
        return CustomFields(self.raw, self.settings)

    @property
    def reading(self) -> Reading:
        """How custom values are read."""
        return Reading(self.settings.zone, self.settings.currency)


def declared_kinds(path: Path | None) -> Mapping[str, str]:
    """Who was declared a person or a business: number, id or name in lower case -> kind.

    A csv file with two columns, the second one `person` or `business`. Raises ConfigError.
    """
    if path is None:
        return {}
    found: dict[str, str] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                if len(row) < 2 or not row[0].strip():
                    continue
                kind = _KINDS.get(row[1].strip().lower())
                if kind is None and number > 1:
                    raise ConfigError(f"{path}, line {number}: {row[1]!r} is neither person nor business.")
                if kind is not None:
                    found[fold(row[0])] = kind
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path} cannot be read: {error}.", hint="Correct `customer_kinds`.") from error
    return found
