"""Automations of a destination: what would act while records are loaded, and what was decided about each.

The mapping holds the decisions, `<kind> <name>` or a whole kind: `pause`, `keep` or `undecided`. An
automation that nobody decided about, or that appeared since, holds up everything that writes.
"""

from collections.abc import Mapping

from crossdock.errors import RefusedError
from crossdock.model import Artifact, Catalog

PAUSE, KEEP, UNDECIDED = "pause", "keep", "undecided"


def automation_name(artifact: Artifact) -> str:
    """How the mapping names it: `workflow Welcome mail`; by its id if it has no name."""
    return f"{artifact.kind} {artifact.name or artifact.id}"


def active_automations(catalog: Catalog) -> list[Artifact]:
    """What would act by itself while records are written, in the catalog's order."""
    return [artifact for report in catalog.artifacts for artifact in report.found if artifact.active]


def decision_on(artifact: Artifact, decisions: Mapping[str, str]) -> str:
    """What was decided: the entry of its own, else that of its kind, else `undecided`."""
    return decisions.get(automation_name(artifact)) or decisions.get(artifact.kind) or UNDECIDED


def decided(catalog: Catalog, decisions: Mapping[str, str], decision: str) -> list[Artifact]:
    """The active automations that this was decided about."""
    return [a for a in active_automations(catalog) if decision_on(a, decisions) == decision]


def undecided_names(catalog: Catalog, decisions: Mapping[str, str]) -> list[str]:
    """The active automations that wait for a decision, as the mapping names them, each once."""
    return list(dict.fromkeys(automation_name(a) for a in decided(catalog, decisions, UNDECIDED)))


def unknown_names(catalog: Catalog, decisions: Mapping[str, str]) -> list[str]:
    """Entries of the mapping that name nothing the destination has, active or not."""
    found = [artifact for report in catalog.artifacts for artifact in report.found]
    known = {automation_name(a) for a in found} | {report.kind for report in catalog.artifacts}
    return [name for name in decisions if name not in known]


def require_decisions(catalog: Catalog, decisions: Mapping[str, str]) -> None:
    """Raises RefusedError naming every active automation that nobody decided about."""
    if names := undecided_names(catalog, decisions):
        listed = "".join(f"\n  - {name}" for name in names)
        raise RefusedError(
            f"{len(names)} active automations of the destination would act on what is written:{listed}",
            hint="Write `pause` or `keep` for each under `automations:` in mapping.yaml, then crossdock map"
            " confirm --by NAME.",
        )
