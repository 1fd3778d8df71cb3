"""`_work.people` and `_work.companies`: whom projects and tasks name, and no directory knows.

Who is a user, a contact or a company of the directory is not among them: projects and tasks refer to those
by links. Somebody is one record by e-mail address over everything that was read, without one by name; a
company is one by its name. `evidence` says where each is named.

Read are the applications of the namespaces that begin with `_project` (their codes are assumed; `people` in
the settings names others), and the texts of tasks. Every reading goes over all of them, as nobody can say
since when somebody is named.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from crossdock.model import Batch, ObjectSchema, Observation, Provenance, Record, Rejected
from crossdock_elma365.client import AnswerError
from crossdock_elma365.company import Company
from crossdock_elma365.decoding import decode_item
from crossdock_elma365.directories import define
from crossdock_elma365.mentions import Mention, firm_words, mentions, text_mentions, words_of
from crossdock_elma365.schema import Application, application, object_schema
from crossdock_elma365.verification import Verifier

Json = Mapping[str, Any]

PEOPLE, COMPANIES = "_work.people", "_work.companies"
OBJECTS = (PEOPLE, COMPANIES)

_DIRECTORY = {"contact": "_clients._contacts", "company": "_clients._companies"}
_TASKS = "_system.tasks"
_SHOWN = 20  # places that the evidence names
_MANY: dict[str, Any] = {"array": True, "single": False}
_FOUND_IN: dict[str, Any] = {"data": {"enumItems": [{"code": "field"}, {"code": "text"}]}}

_FIELDS = [
    define("__id", "STRING", "Id"),
    define("__name", "STRING", "Name"),
    define("evidence", "STRING", "Where it is named", "text"),
    define("found_in", "CODE", "Found in a field or in the text of a task", **_FOUND_IN),
    define("about", "REF_ITEM", "Named in", **_MANY),
    define("__createdAt", "DATETIME", "First named", "datetime"),
]
_PERSON = [
    define("fullname", "FULL_NAME", "Full name"),
    define("email", "EMAIL", "E-mail"),
    define("phone", "PHONE", "Phone"),
    define("company", "REF_ITEM", "Company"),
]


def work(object_name: str) -> Application:
    """One of the two objects, described in the platform's form."""
    namespace, _, code = object_name.partition(".")
    people = object_name == PEOPLE
    label = "People named in projects and tasks" if people else "Companies named in projects and tasks"
    fields = [*_FIELDS, *(_PERSON if people else ())]
    scheme = {"namespace": namespace, "code": code, "name": label, "fields": fields}
    return application(scheme, open=True, provenance=Provenance.ASSUMED)


@dataclass(slots=True)
class _Found:
    """One person or company: what is known of it, and where it was named."""

    mention: Mention
    text_only: bool = True
    places: list[str] = field(default_factory=list)
    about: dict[tuple[str, str], None] = field(default_factory=dict)
    since: str = ""

    def see(self, mention: Mention, app: Application, item: Json, *, text: bool) -> None:
        known = self.mention
        self.mention = replace(
            known,
            name=known.name or mention.name,
            phone=known.phone or mention.phone,
            company=known.company or mention.company,
        )
        self.text_only = self.text_only and text
        self.places.append(f"{app.label}: {item.get('__name') or item.get('__id')} ({mention.where})")
        self.about[(app.name, str(item.get("__id")))] = None
        made = str(item.get("__createdAt") or "")
        self.since = min(filter(None, (self.since, made)), default="")


class Work:
    """Goes over projects and tasks and gathers whom they name."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._zone = company.settings.zone

    def schemas(self, counts: Mapping[str, int | None]) -> Iterator[ObjectSchema]:
        """Both objects; none if nothing is to be looked through."""
        if self._company.settings.people == "none":
            return
        size = self._company.settings.page_size
        pages = sum((counts.get(name) or 0) // size + 1 for name in self._read)
        for name in OBJECTS:
            yield replace(self.schema(name), requests=pages)

    def schema(self, object_name: str) -> ObjectSchema:
        """One of the two objects."""
        places = {"about": (*(app.name for app in self._apps), _TASKS)}
        places["company"] = (_DIRECTORY["company"], COMPANIES)
        schema = replace(object_schema(work(object_name)), snapshot=True)
        fields = (replace(f, references=places.get(f.name, f.references)) for f in schema.fields)
        return replace(schema, fields=tuple(fields))

    def notes(self) -> Iterator[str]:
        """What is looked through, and by which rule."""
        if self._company.settings.people != "none":
            looked = [*(app.name for app in self._apps), "the texts of tasks"]
            yield (
                f"People and companies that no directory knows are looked for in {', '.join(looked)};"
                " which fields name them is told by their types and codes (assumed)."
            )

    def batches(self, object_name: str, cursor: str | None) -> Iterator[Batch]:
        """Everybody in one batch."""
        if cursor is not None:
            return
        app = work(object_name)
        results = [decode_item(app, row, self._zone) for row in self._first.rows(object_name)]
        yield Batch(
            records=tuple(r for r in results if isinstance(r, Record)),
            cursor="end",
            total=len(results),
            rejected=tuple(r for r in results if isinstance(r, Rejected)),
        )

    def observations(self, object_name: str, keys: set[str] | None) -> Iterator[Observation]:
        """The same rows read again, with the second decoder."""
        app = work(object_name)
        verifier = Verifier(app.name, app.definitions, app.statuses, self._zone)
        for row in self._second.rows(object_name):
            values = verifier.readable(row)
            if values is not None and (keys is None or row["__id"] in keys):
                yield Observation(app.name, str(row["__id"]), values, image=row)

    @cached_property
    def _first(self) -> "_Gathering":
        """What the first reading of one command gave; both objects come out of it."""
        return _Gathering(self._company, self._apps)

    @cached_property
    def _second(self) -> "_Gathering":
        return _Gathering(self._company, self._apps)

    @cached_property
    def _apps(self) -> Sequence[Application]:
        chosen = self._company.settings.people
        names = self._company.names()
        if chosen == "auto":
            wanted: Iterable[str] = (name for name in names if name.startswith("_project"))
        else:
            wanted = (name for name in chosen if name in names)
        return self._company.applications(wanted)

    @property
    def _read(self) -> tuple[str, ...]:
        return (*(app.name for app in self._apps), _TASKS, *_DIRECTORY.values())


class _Gathering:
    """Everybody whom projects and tasks name, read once."""

    def __init__(self, company: Company, apps: Sequence[Application]) -> None:
        self._company = company
        self._apps = apps
        self._firms: dict[str, Json] = {}
        self._people: dict[str, _Found] = {}
        self._companies: dict[str, _Found] = {}
        self._gather()

    def rows(self, object_name: str) -> Iterator[Json]:
        """The rows of one of the objects, in the order in which they are named first."""
        if object_name == COMPANIES:
            yield from (_row(key, _as_company(found)) for key, found in self._companies.items())
            return
        for key, found in self._people.items():
            named = firm_words(found.mention.company)
            own = _reference(COMPANIES, named) if named in self._companies else None
            yield _row(key, found) | {"company": self._firms.get(named) or own}

    def _gather(self) -> None:
        addresses, names = self._known()
        for app, item, text, mention in self._mentions():
            email = mention.email.casefold()
            key = email or words_of(mention.name)
            if mention.is_person and key and key not in (addresses if email else names):
                self._people.setdefault(key, _Found(mention)).see(mention, app, item, text=text)
            firm = firm_words(mention.company)
            if firm and firm not in self._firms:
                self._companies.setdefault(firm, _Found(mention)).see(mention, app, item, text=text)

    def _mentions(self) -> Iterator[tuple[Application, Json, bool, Mention]]:
        for app in self._apps:
            for item in self._items(app):
                for mention in mentions(app, item):
                    yield app, item, False, mention
        tasks = self._company.application(_TASKS)
        for item in self._items(tasks):
            for mention in text_mentions(item.get("description"), "its text"):
                yield tasks, item, True, mention

    def _known(self) -> tuple[set[str], set[str]]:
        """E-mail addresses of users, contacts and companies, and names of users and contacts."""
        addresses: set[str] = set()
        names: set[str] = set()
        for user in self._company.users:
            addresses.update(_addresses(user.get("email")))
            names.add(words_of(user.get("__name")))
        for item in self._directory("contact"):
            addresses.update(_addresses(item.get("_email")))
            names |= {words_of(item.get("__name")), words_of(item.get("_fullname"))}
        for item in self._directory("company"):
            addresses.update(_addresses(item.get("_email")))
            for name in (item.get("__name"), item.get("_legalName")):
                if words := firm_words(str(name or "")):
                    self._firms.setdefault(words, _reference(_DIRECTORY["company"], str(item["__id"])))
        return addresses, names - {""}

    def _directory(self, kind: str) -> Iterator[Json]:
        name = _DIRECTORY[kind]
        if name not in self._company.names():
            return
        try:
            yield from self._items(self._company.application(name))
        except AnswerError:
            return  # it cannot be read, so nothing of it moves either

    def _items(self, app: Application) -> Iterator[Json]:
        for page in self._company.listing(app).pages():
            yield from (item for item in page.rows if not item.get("__deletedAt"))


def _row(key: str, found: _Found) -> dict[str, Any]:
    mention, places = found.mention, list(dict.fromkeys(found.places))
    more = [f"and {len(places) - _SHOWN} more"] if len(places) > _SHOWN else []
    return {
        "__id": key,
        "__name": _written(mention) or key,
        "evidence": "\n".join([*places[:_SHOWN], *more]),
        "found_in": "text" if found.text_only else "field",
        "about": [_reference(name, item) for name, item in found.about],
        "__createdAt": found.since or None,
        "fullname": mention.name if isinstance(mention.name, Mapping) else None,
        "email": [{"email": mention.email}] if mention.email else None,
        "phone": [mention.phone] if mention.phone else None,
    }


def _as_company(found: _Found) -> _Found:
    return replace(found, mention=Mention(name=found.mention.company))


def _written(mention: Mention) -> str:
    name = mention.name
    if isinstance(name, Mapping):
        return " ".join(str(name[p]) for p in ("lastname", "firstname", "middlename") if name.get(p))
    return str(name or mention.email)


def _addresses(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        written = one.get("email") if isinstance(one, Mapping) else one
        if isinstance(written, str) and written.strip():
            yield written.strip().casefold()


def _reference(object_name: str, identifier: str) -> Json:
    namespace, _, code = object_name.partition(".")
    return {"namespace": namespace, "code": code, "id": identifier}
