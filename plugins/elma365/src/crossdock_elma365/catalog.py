"""discover: what a company holds, how much of it, and what cannot move."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.model import Artifact, ArtifactReport, Limits, ObjectSchema
from crossdock_elma365.client import AnswerError, Json, Read
from crossdock_elma365.company import Company
from crossdock_elma365.files import file_schema
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

_NOT_EXAMINED = {
    "robot": "ELMA RPA is a separate product with its own server and keys; the Web API does not show it",
    "permission": "the Web API does not show rights of single records; they are in a configuration export",
    "discussion": "messages are read one request a record; their answer is not documented",
    "history": "the Web API does not show a record's history",
}

NOTES = (
    "ELMA365 shows only what the token's user may see; rows with rights of their own may be missing.",
    "Of e-mail addresses the kind (work, home) and of statuses the board position are not carried over.",
    "Of users only name, e-mail, login, position and status are read; of tasks what the schema lists.",
    "Times keep microseconds; ELMA365 may hold nanoseconds.",
)


def limits(settings: Elma365Settings) -> Limits:
    """The limits of the connection; the budget belongs to the company, so its host is the scope."""
    host = urlsplit(settings.url).netloc or "files"
    return Limits(
        scope=f"elma365:{host}",
        calls_per_minute=settings.calls_per_minute if settings.url else None,
        page_size=settings.page_size,
    )


def objects(company: Company) -> Iterator[ObjectSchema]:
    """Every object of the company with the number of its live records (unknown for files)."""
    apps = company.applications()
    for app in [*apps, *company.applications(["_system.users", "_system.tasks"])]:
        yield object_schema(app, company.listing(app).count())
    yield file_schema(tuple(app.name for app in apps if app.file_fields()))


def artifacts(company: Company) -> tuple[ArtifactReport, ...]:
    """What cannot move: processes of each application, reports and pages of each namespace, and the rest."""
    applications = [name.partition(".")[::2] for name in company.names()]
    spaces = company.namespaces()
    looked = (
        _report(
            "workflow",
            lambda: (
                row
                for namespace, code in applications
                for row in company.client.items(Read.PROCESSES, namespace=namespace, code=code)
            ),
        ),
        _report("report", lambda: _of_namespaces(company, Read.REPORTS, spaces)),
        _report("page", lambda: _of_namespaces(company, Read.PAGES, spaces)),
    )
    return looked + tuple(ArtifactReport(kind, not_examined=why) for kind, why in _NOT_EXAMINED.items())


def _of_namespaces(company: Company, read: Read, spaces: tuple[str, ...]) -> Iterator[Json]:
    for namespace in spaces:
        yield from company.client.items(read, namespace=namespace)


def _report(kind: str, look: Callable[[], Iterator[Json]]) -> ArtifactReport:
    try:
        found = tuple(_artifact(kind, row) for row in look())
    except AnswerError as error:
        return ArtifactReport(kind, not_examined=error.message)
    return ArtifactReport(kind, found)


def _artifact(kind: str, row: Json) -> Artifact:
    code = str(row.get("code") or "")
    details = {k: row[k] for k in ("namespace", "code", "version") if row.get(k) is not None}
    name = str(row.get("__name") or row.get("name") or code)
    return Artifact(kind, name, id=str(row.get("__id") or code), details=details)
