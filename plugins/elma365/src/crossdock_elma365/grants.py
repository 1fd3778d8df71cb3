"""Which objects the Web API gives, of those that files hold too; and users when only it knows them."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from crossdock.errors import AccessLostError, ConfigError
from crossdock_elma365.client import AnswerError
from crossdock_elma365.company import Company
from crossdock_elma365.directories import users
from crossdock_elma365.fieldtypes import FILES, USERS

_DIRECTORIES = (USERS, "_system.tasks")


def closed_objects(company: Company, names: Iterable[str]) -> dict[str, str]:
    """Why the Web API does not give an object, by name; one that it gives is absent.

    A token without any right raises AuthError: that is to be put right, not to be worked around.
    """
    listed, reason = _listed(company)
    found = {}
    for name in names:
        if name != FILES:
            why = _refusal(company, name) if name in (*listed, *_DIRECTORIES) else reason
            if why:
                found[name] = why
    company.closed = frozenset(found)
    if FILES in names and not (listed and any(app.file_fields() for app in company.applications())):
        found[FILES] = "no application that it gives has files"
    return found


def _listed(company: Company) -> tuple[Sequence[str], str]:
    try:
        return company.names(), "it is not among the applications that are read"
    except (AnswerError, AccessLostError) as error:
        return (), error.message


def _refusal(company: Company, name: str) -> str:
    try:
        company.listing(company.application(name)).count()
    except (AnswerError, AccessLostError, ConfigError) as error:
        return error.message
    return ""


class Staff:
    """The users of a company by one of their fields. They are read once, when first asked for."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def keys(self, column: str, text: str) -> Sequence[str]:
        """The ids of the users whose `column` (__id, email or __name) holds this text."""
        wanted = text.strip().casefold()
        return [key for key, values in self._known.items() if values.get(column) == wanted]

    @cached_property
    def _known(self) -> dict[str, dict[str, str]]:
        rows = (row for page in self._company.listing(users()).pages() for row in page.rows)
        return {
            str(row["__id"]): {
                name: str(row.get(name) or "").strip().casefold() for name in ("__id", "email", "__name")
            }
            for row in rows
            if row.get("__id")
        }
