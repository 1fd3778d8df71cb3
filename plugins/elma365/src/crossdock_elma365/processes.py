"""The processes of a company: which there are, and the list of instances of each.

A process of an application stands in the namespace `section.application` (measured in an export); one of
a section in the section's own. Listing processes and instances by template is documented.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from crossdock_elma365.client import Json, Read
from crossdock_elma365.company import Company
from crossdock_elma365.listing import Listing
from crossdock_elma365.schema import Application


@dataclass(frozen=True, slots=True)
class Process:
    """One process as the scheme lists it."""

    namespace: str
    code: str
    name: str
    version: int | None = None
    id: str = ""

    @property
    def key(self) -> str:
        """`namespace:code`, as tasks name the process that they come from."""
        return f"{self.namespace}:{self.code}"

    @property
    def application(self) -> str:
        """The application that it belongs to, "" for a process of a section."""
        return self.namespace if "." in self.namespace else ""


def processes(company: Company) -> tuple[Process, ...]:
    """Every process of the applications and sections that are read, each once. Raises AnswerError."""
    chosen = set(company.names())
    found: dict[str, Process] = {}
    for name in company.names():
        namespace, _, code = name.partition(".")
        rows = company.client.items(Read.PROCESSES, namespace=namespace, code=code)
        found.update(_by_key(rows, name))
    for namespace in company.namespaces():
        rows = company.client.items(Read.SECTION_PROCESSES, namespace=namespace)
        listed = _by_key(rows, namespace)
        # A section lists the processes of all its applications, chosen or not.
        wanted = (p for p in listed.values() if not p.application or p.application in chosen)
        found.update({p.key: p for p in wanted if p.key not in found})
    return tuple(found.values())


def listing_of(company: Company, process: Process, app: Application) -> Listing:
    """The list of a process's instances; `app` describes them."""
    parts = {"namespace": process.namespace, "code": process.code}
    return Listing(company.client, app, company.settings.page_size, read=Read.INSTANCES, parts=parts)


def process_of(row: Json, namespace: str = "") -> Process:
    """A row of the scheme, or a definition, as a Process."""
    version = row.get("version")
    code = str(row.get("code") or "")
    return Process(
        namespace=str(row.get("namespace") or namespace),
        code=code,
        name=str(row.get("__name") or row.get("name") or code),
        version=version if isinstance(version, int) else None,
        id=str(row.get("__id") or ""),
    )


def _by_key(rows: Iterable[Json], namespace: str) -> dict[str, Process]:
    return {p.key: p for p in (process_of(row, namespace) for row in rows)}
