"""How the source's roles and groups correspond to the destination's: written down, never applied."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from crossdock.model import Artifact, Catalog
from crossdock.spreadsheet import write_rows

KIND = "role"
COLUMNS = ("tenant", "role", "kind", "people", "members", "suggested", "applied")


def write_roles(folder: Path, sources: Mapping[str, Catalog], destination: Catalog) -> Path:
    """`roles.csv`: every role of every tenant with its people and the role there that is called alike.

    An empty `suggested` is for a person to fill in. Raises StorageError.
    """
    there = _roles(destination)
    rows = [
        (
            tenant,
            role.name,
            str(role.details.get("what") or KIND),
            str(len(people := _people(role))),
            "; ".join(people),
            suggested(role, there),
            "no",
        )
        for tenant, catalog in sources.items()
        for role in _roles(catalog)
    ]
    return write_rows(folder / "roles.csv", COLUMNS, rows)


def suggested(role: Artifact, there: Iterable[Artifact]) -> str:
    """The role of the destination whose name is that of this one, or begins it; "" if none is."""
    names = [role.name.casefold(), str(role.details.get("code") or "").casefold()]
    alike = (t.name for t in there if any(name.startswith(t.name.casefold()) for name in names if name))
    return max(alike, key=len, default="")


def _roles(catalog: Catalog) -> list[Artifact]:
    return [role for report in catalog.artifacts if report.kind == KIND for role in report.found]


def _people(role: Artifact) -> list[str]:
    return [str(person) for person in role.details.get("people") or ()]
