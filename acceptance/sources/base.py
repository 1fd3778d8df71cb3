"""What the rows ask of a source in words that are no platform's.

A *kind* is what a record is to the rows: company, person, thing (a record of an object that has to be made
there first), note, file, user. A row says in neutral words what a source holds; the source says it as a
`Data`: the body of its own `POST /_seed`, exported tables, files.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar, NamedTuple

from acceptance.platforms import Row, Sandbox
from acceptance.slices import Data, Json, Slice


class Account(NamedTuple):
    """Somebody who works at the source: the key there, and what both ends know."""

    key: str
    mail: str
    name: str


class Company(NamedTuple):
    """What a row says of a company. `changed`: when somebody last changed it, "" for when it
    was made."""

    key: str
    name: str
    website: str = ""
    street: str = ""
    phone: str = ""
    revenue: Decimal | None = None
    employees: int | None = None
    owner: Account | None = None
    changed: str = ""


class Person(NamedTuple):
    """What a row says of somebody who works for the company with the key `company`."""

    key: str
    first: str
    last: str
    mail: str
    company: str
    changed: str = ""


class Note(NamedTuple):
    """What a row says of a note about the company with the key `company`. `at`: when it was written
    (2021-03-04T05:06:07Z)."""

    name: str
    company: Company
    text: str
    author: Account
    at: str


class Paper(NamedTuple):
    """A file that lies with a company; its name is no other's."""

    name: str
    company: Company
    content: bytes


class Thing(NamedTuple):
    """What a row says of a thing: its name, which no other has, a number, and the company that has it.
    `next`: the name of the thing that follows it, where a source can say so."""

    name: str
    number: int
    firm: Company | None = None
    next: str = ""


class Wrong(NamedTuple):
    """A field of a company that a destination refuses it for, and what the source has there."""

    field: str
    value: str


@dataclass(frozen=True)
class Things:
    """What the object of things is called there: its label, that of its number, that of a field of another
    type, and the value that every thing has in it. `types`: what both are there, by destination."""

    label: str
    number: str
    kind: str
    value: str
    types: Mapping[str, tuple[str, str]]
    follow: bool = False
    """Whether one can refer to another one."""


@dataclass
class Source(Sandbox, ABC):
    """A platform that is read. `staff` is what every company of it has before a row puts its data there."""

    staff: ClassVar[Json] = {}
    staff_of: ClassVar[Mapping[str, Account]]
    """Anna, Ivan and Roman, as both ends know them."""
    office: ClassVar[tuple[Slice, ...]] = ()
    """What else every such company has."""
    destination_settings: ClassVar[Mapping[str, Row]] = {}
    """By destination what its connection says besides, for the sake of this source's records."""
    object_of: ClassVar[Mapping[str, str]] = {}
    """By kind what the source's own object is called."""
    wrong: ClassVar[Mapping[str, Wrong]] = dict.fromkeys(("twenty", "odoo"), Wrong("name", ""))
    """By destination why it does not take a broken company."""
    position: ClassVar[str] = ""
    """What a list of people says that `employees` do."""
    twin_kind: ClassVar[str] = "company"
    """The kind of what `twins` gives."""
    thing: ClassVar[Things]
    """How things look there."""
    snapshot: ClassVar[bool] = True
    """Whether it cannot say what changed since a time: a delta reads everything again."""
    fields_there: ClassVar[Mapping[str, Mapping[tuple[str, str], str]]] = {}
    """By destination, kind and neutral name the fields there that only this source's records have."""

    @abstractmethod
    def settings(self, variable: str) -> Row:
        """What the project file says of the connection, its key in the environment variable `variable`;
        `{folder}` stands for the project folder."""

    def put(self, data: Data) -> Data:
        """Have it hold this, what is there with the same key replaced; what has to lie in the project."""
        answer = self.seed(data.seed)
        assert not isinstance(answer, str), answer
        return replace(data, seed={})

    def key(self, *parts: object) -> str:
        """The key of a company or a person, from words that name it."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, "acceptance/" + "/".join(map(str, parts))))

    def account(self, name: str) -> Account:
        """Somebody of the staff: anna, ivan, or roman, who has left."""
        return self.staff_of[name]

    @abstractmethod
    def employees(self, *accounts: Account) -> Data:
        """More people who work there; what they do is `Юрист` where there is such a thing."""

    @abstractmethod
    def companies(self, *companies: Company) -> Data:
        """These companies."""

    @abstractmethod
    def broken(self, *keys: str, changed: str = "") -> Data:
        """Companies that no destination takes: without a name, and with a site that is none if it can be."""

    @abstractmethod
    def left_out(self, key: str) -> Data:
        """A record of the companies' object that stays behind, or is no company."""

    @abstractmethod
    def twins(self, *keys: str) -> Data:
        """Records that are one and the same by what they are found by there."""

    @abstractmethod
    def people(self, *people: Person) -> Data:
        """People who work for companies."""

    def thing_key(self, name: str) -> str:
        """The key of a thing."""
        return name

    @abstractmethod
    def things(self, *things: Thing) -> Data:
        """These things."""

    @abstractmethod
    def broken_thing(self, name: str) -> Data:
        """A thing whose values cannot be read."""

    def note_key(self, note: Note) -> str:
        """The key of a note."""
        return note.name

    @abstractmethod
    def notes(self, *notes: Note) -> Data:
        """These notes."""

    @abstractmethod
    def paper_key(self, paper: Paper) -> str:
        """The key of a file, without what it is tied to."""

    @abstractmethod
    def papers(self, *papers: Paper) -> Data:
        """These files; their companies are told elsewhere."""

    @abstractmethod
    def gone(self, *keys: str, changed: str = "") -> Data:
        """What `put` needs so that the companies with these keys are deleted."""
