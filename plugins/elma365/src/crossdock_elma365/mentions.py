"""People and companies that an item names itself, in fields that are no links: `Mention`s.

A project may say in plain fields who takes part: an e-mail address beside a name, a list in a text field,
rows of a table; a task may in its text. Which fields mean that is told by their types and codes (assumed: no
public source names the fields of projects). Fields that belong together have the same code without the word
that says what they hold: `customer_email` and `customer_name` are one person.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock_elma365.fieldtypes import WireField
from crossdock_elma365.schema import Application

Json = Mapping[str, Any]

_FIRM = re.compile(r"(?i)company|organi[sz]ation|firm|компани|организаци|фирм")
_PARTY = re.compile(
    r"(?i)client|customer|contractor|vendor|supplier|partner|заказчик|клиент|подрядчик|поставщик|контрагент"
)
_PEOPLE = re.compile(
    r"(?i)participant|contact|member|stakeholder|attendee|representative|invited|участник|контакт|представител"
)
_NAME = re.compile(r"(?i)(^|_)(name|fio|full_?name|person)(_|$)|имя|ФИО")
_HOLDS = re.compile(
    r"(?i)e?-?mails?|почт\w*|phones?|tel|mobile|full_?name|fio|name|person|company|organi[sz]ation|firm|[_\d]+"
)
_FORMS = frozenset(
    {"ооо", "оао", "зао", "пао", "нао", "ао", "ип", "гуп", "муп", "фгуп", "ано", "тоо"}
    | {"llc", "ltd", "limited", "inc", "corp", "gmbh", "ag", "plc"}
)
_PLAIN = ("", "string", "text")  # kinds of text field that hold no markup
_EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
# `Anna Petrova <anna@a.example>`: words with capitals right before an address in brackets are a name.
_WORD = r"[^\W\d_][\w'’-]*"
_NAMED_EMAIL = re.compile(
    rf"(?:((?:(?=[A-ZА-ЯЁ]){_WORD}\s+){{1,3}}(?=[A-ZА-ЯЁ]){_WORD})\s*[<(]\s*)?({_EMAIL.pattern})"
)
_TAGS = re.compile(r"<(?!\s*[\w.+%'-]+@)[^>]*>")  # an address in angle brackets is no tag
_MAILTO = re.compile(r"(?i)href\s*=\s*[\"']mailto:([^\"'?]+)")
_PARTED = re.compile(r"[;\n,]+")


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody or some company as an item names them. `name` and `phone` are in the platform's own form
    (a text, FULL_NAME, PHONE), `company` is a name; `where` says in which field of the item it stands."""

    email: str = ""
    name: Any = None
    phone: Any = None
    company: str = ""
    where: str = ""

    @property
    def is_person(self) -> bool:
        """Whether it names somebody, and not only a company."""
        return bool(self.email or self.name)


@dataclass(slots=True)
class _Group:
    """Fields that belong together: values by what they hold."""

    labels: list[str] = field(default_factory=list)
    values: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, role: str, wire: WireField, value: Any) -> None:
        found = value if isinstance(value, list) else [value]
        self.values.setdefault(role, []).extend(v for v in found if v not in (None, "", [], {}))
        self.labels.append(wire.label or wire.code)

    def first(self, role: str) -> Any:
        return next(iter(self.values.get(role, ())), None)

    def mentions(self, where: str) -> Iterator[Mention]:
        place = where or ", ".join(dict.fromkeys(self.labels))
        emails = list(filter(None, map(_address, self.values.get("email", ()))))
        name, company = self._names(bool(emails))
        # One name beside several addresses is the first one's.
        for number, email in enumerate(emails):
            yield Mention(
                email, None if number else name, None if number else self.first("phone"), company, place
            )
        if name and not emails:
            yield Mention("", name, self.first("phone"), company, place)
        for text in self.values.get("people", ()):
            for named, email in people_in(str(text)):
                yield Mention(email, named or None, None, company, place)
        if company:
            yield Mention(company=company, where=place)

    def _names(self, addressed: bool) -> tuple[Any, str]:
        """Who and which company. A customer without more words is who the address belongs to, else a
        company; any other name counts only beside an address."""
        name, party = self.first("person") or self.first("name"), self.first("party")
        people = [entry for text in self.values.get("people", ()) for entry in people_in(str(text))]
        if addressed and not name and len(people) == 1 and not people[0][1]:
            name = people[0][0]
            del self.values["people"]
        if addressed and not name and (name := self.first("called") or party) is party:
            party = None
        return name, str(self.first("company") or party or "").strip()


def mentions(app: Application, item: Json) -> Iterator[Mention]:
    """Everybody whom an item of an application names in fields of its own, and in rows of its tables."""
    groups: dict[str, _Group] = {}
    for wire, role in _told(app.fields):
        value = item.get(wire.wire_key)
        if value not in (None, "", [], {}):
            groups.setdefault(_stem(wire.code), _Group()).add(role, wire, value)
    for group in groups.values():
        yield from group.mentions("")
    for table in (wire for wire in app.fields if wire.columns):
        value = item.get(table.wire_key)
        for row in (value.get("rows") if isinstance(value, Mapping) else None) or ():
            yield from _row_mentions(table, row)


def text_mentions(text: Any, where: str) -> Iterator[Mention]:
    """Everybody whose e-mail address stands in an HTML text."""
    if not isinstance(text, str) or "@" not in text:
        return
    seen: set[str] = set()
    plain = html.unescape(_TAGS.sub("\n", text))
    found = [(match[1] or "", match[2]) for match in _NAMED_EMAIL.finditer(plain)]
    found += [("", address) for address in _MAILTO.findall(html.unescape(text))]
    for name, email in found:
        if email.casefold() not in seen:
            seen.add(email.casefold())
            yield Mention(email, " ".join(name.split()) or None, None, "", where)


def people_in(text: str) -> Iterator[tuple[str, str]]:
    """Name and e-mail address of each entry of a list: `Anna Petrova <anna@a.example>; b@b.example`."""
    for part in _PARTED.split(text):
        emails = _EMAIL.findall(part)
        name = re.sub(r"[<>()\[\]\"«»]", " ", _EMAIL.sub(" ", part))
        name = " ".join(name.split()).strip(" -:–—")
        if emails or name:
            yield name, emails[0] if emails else ""
        yield from (("", email) for email in emails[1:])


def words_of(name: Any) -> str:
    """A name in one form: lower case, its words in order of the alphabet, quotes left out."""
    parts = name.values() if isinstance(name, Mapping) else (name,)
    words = re.findall(r"\w+", " ".join(str(part) for part in parts if part).casefold())
    return " ".join(sorted(words))


def firm_words(name: str) -> str:
    """The name of a company in one form, without its legal form."""
    return " ".join(word for word in words_of(name).split() if word not in _FORMS)


def _row_mentions(table: WireField, row: Any) -> Iterator[Mention]:
    group = _Group()
    for wire, role in _told(table.columns):
        value = row.get(wire.code) if isinstance(row, Mapping) else None
        if value not in (None, "", [], {}):
            group.add(role, wire, value)
    yield from group.mentions(f"{table.label or table.code}: {', '.join(group.labels)}")


def _told(fields: Iterable[WireField]) -> Sequence[tuple[WireField, str]]:
    """The fields that name somebody, each with what it holds."""
    return [(wire, role) for wire in fields if not wire.code.startswith("__") and (role := _role(wire))]


def _role(wire: WireField) -> str:
    match wire.type:
        case "EMAIL":
            return "email"
        case "FULL_NAME":
            return "person"
        case "PHONE":
            return "phone"
        case "STRING" if wire.kind in _PLAIN:
            return _text_role(wire.code, f"{wire.code} {wire.label}")
    return ""


def _text_role(code: str, words: str) -> str:
    if _FIRM.search(words):
        return "company"
    if _PARTY.search(words):
        return "party"
    if _PEOPLE.search(words):
        return "name" if _NAME.search(code) else "people"
    return "called" if _NAME.search(code) else ""


def _stem(code: str) -> str:
    return _HOLDS.sub("", code).casefold()


def _address(value: Any) -> str:
    written = value.get("email") if isinstance(value, Mapping) else value
    return written.strip() if isinstance(written, str) else ""
