"""discover: what a company holds and how much of it; `inventory` says what cannot move."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.model import Limits, ObjectSchema
from crossdock_elma365.activities import activity_kind
from crossdock_elma365.client import AnswerError
from crossdock_elma365.company import Company
from crossdock_elma365.schema import object_schema
from crossdock_elma365.settings import Elma365Settings

CAPABILITIES = Capabilities(
    {
        Capability.CHANGED_SINCE: Support.YES,
        Capability.DELETED_VISIBLE: Support.YES,
        Capability.STABLE_ORDER: Support.YES,
        Capability.FILES: Support.YES,
    }
)

NOT_EXAMINED = {
    "dashboard": "the Web API lists pages, but not what they show",
    "permission": "the Web API does not show rights of single records; they are in a configuration export",
    "history": "the Web API does not show a record's history",
}

NOTES = (
    "ELMA365 shows only what the token's user may see; rows with rights of their own may be missing.",
    "Of e-mail addresses the kind (work, home) and of statuses the board position are not carried over.",
    "Of users only name, e-mail, login, position, groups, status are read; of tasks what the schema lists.",
    "Times keep microseconds; ELMA365 may hold nanoseconds.",
    "The end of a process instance is its last change once it is done or cancelled.",
)


def limits(settings: Elma365Settings) -> Limits:
    """The limits of the connection; the budget belongs to the company, so its host is the scope."""
    host = urlsplit(settings.url).netloc or "files"
    return Limits(
        scope=f"elma365:{host}",
        calls_per_minute=settings.calls_per_minute if settings.url else None,
        page_size=settings.page_size,
    )


_DIRECTORIES = ("_system.users", "_system.groups", "_system.tasks")


def objects(company: Company, counts: Mapping[str, int]) -> Iterator[ObjectSchema]:
    """Applications, users, groups and tasks with the number of their live records; activities are no
    applications. Groups that the token may not see are left out."""
    for app in [*company.applications(), *company.applications(_DIRECTORIES)]:
        if app.name not in company.closed and not activity_kind(app, company.settings):
            count = counts.get(app.name)
            try:
                yield object_schema(app, company.listing(app).count() if count is None else count)
            except AnswerError:
                if app.name != "_system.groups":
                    raise


def counts(company: Company) -> dict[str, int]:
    """The number of live records of each application."""
    return {app.name: company.listing(app).count() for app in company.applications()}
