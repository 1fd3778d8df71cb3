"""Canonical values: what a record holds between a source and a destination.

Sources decode their wire format into these, destinations encode them, mappings see only these.
Plain types are used where one says everything:

    text, html, markdown, link url, email, uuid, select code -> str
    integer -> int, decimal -> Decimal, boolean -> bool, json -> JSON-like
    date -> datetime.date, datetime -> datetime.datetime with a zone, duration -> timedelta
    a field with `multiple` -> tuple of the above; nothing -> None (a missing key means None too)
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units (12.50, not 1250) and its ISO 4217 code ("" if the source has none)."""

    amount: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number as the source wrote it. `kind` is the source's word (work, mobile, ...)."""

    number: str
    extension: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A web address and the text to show for it."""

    url: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in parts; `middle` holds the patronymic in Russian sources."""

    first: str = ""
    last: str = ""
    middle: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address in parts; an unparsed address goes into `street1` whole."""

    street1: str = ""
    street2: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a record: the name to show, and the destination's user id when that user exists there."""

    name: str
    target_id: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Points to another record of the same source and tenant by its object and key."""

    object_name: str
    key: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file at rest in the project's file store, addressed by content.

    `size` in bytes, `sha256` in lower-case hex (the address in the store), `folder` is the path that
    the file had at the source, with "/" between its parts.
    """

    name: str
    size: int
    sha256: str
    media_type: str = "application/octet-stream"
    folder: str = ""
