"""Artifacts as documents show them: what cannot move, by kind, and what the destination lacks for it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from crossdock.capabilities import Capability, Support
from crossdock.model import Artifact, ArtifactReport, Catalog
from crossdock.redaction import MASK

EXPECTED: Final = ("workflow", "robot", "report", "page", "permission", "role")
"""Kinds that a source is asked about in any case: one that its catalog does not name was not examined."""

LABELS: Final[Mapping[str, str]] = {
    "workflow": "Workflows",
    "robot": "Robots",
    "report": "Reports",
    "page": "Pages",
    "dashboard": "Dashboards",
    "signature": "Signatures",
    "permission": "Rights of single records",
    "role": "Roles and groups",
    "webhook": "Webhooks",
    "discussion": "Discussions",
    "history": "History of records",
}
_SECRET_KEYS: Final = re.compile(r"token|secret|password|passwd|api_?key|credential|authorization", re.I)
_SCRIPT_KEYS: Final = re.compile(r"(?:^|_)(?:script|scripts|source_?code)$", re.I)
_SILENT: Final = "the connector says nothing about it"


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a process needs: how it is recognised, and what its absence means in plain words."""

    title: str
    words: re.Pattern[str]
    without: str


NEEDS: Final[Mapping[Capability, Need]] = {
    Capability.APPROVALS: Need(
        "Approvals",
        re.compile(r"approv|agreement|inform_list|sign_item|digital_sign|согласован|утвержд|ознаком", re.I),
        "There is no approval engine: nobody is asked to approve, and nothing waits for it. "
        "Decide who approves where from now on.",
    ),
    Capability.SEQUENCES: Need(
        "E-mail sequences",
        re.compile(r"send_?mail|e-?mail|newsletter|send_?sms|sequence|рассылк", re.I),
        "There are no e-mail sequences: nothing is sent by itself on a schedule or after an event. "
        "Set up the mailing elsewhere before these processes are switched off.",
    ),
}


def artifact_reports(catalog: Catalog) -> list[ArtifactReport]:
    """What looking for each kind gave, the expected kinds in any case; nothing is left out in silence."""
    given = {report.kind for report in catalog.artifacts}
    silent = [ArtifactReport(kind, not_examined=_SILENT) for kind in EXPECTED if kind not in given]
    return [*catalog.artifacts, *silent]


def report_data(report: ArtifactReport, folder: Path | None = None) -> dict[str, Any]:
    """{kind, label, examined, summary, found: [{name, id, active, details}]}; details in plain values.

    The path of a file in `folder` (that of the reports) is told as it is from there.
    """
    return {
        "kind": report.kind,
        "label": label_of(report.kind),
        "examined": not report.not_examined,
        "summary": report.summary(),
        "found": [
            {"name": a.name, "id": a.id, "active": a.active, "details": _details(a, folder)}
            for a in report.found
        ],
    }


def _details(artifact: Artifact, folder: Path | None) -> dict[str, Any]:
    details: dict[str, Any] = plain(artifact.details)
    file = details.get("file")
    if folder is not None and isinstance(file, str) and Path(file).is_relative_to(folder):
        details["file"] = Path(file).relative_to(folder).as_posix()
    return details


def label_of(kind: str) -> str:
    """A kind as a heading."""
    return LABELS.get(kind, kind.replace("_", " ").capitalize())


def plain(value: Any, key: str = "") -> Any:
    """A value of `details` as JSON knows it; what is called like a secret is masked, a script not shown."""
    if key and _SECRET_KEYS.search(key):
        return MASK
    if key and _SCRIPT_KEYS.search(key) and isinstance(value, str):
        return f"{len(value.splitlines())} lines of script, not shown"
    if isinstance(value, Mapping):
        return {str(name): plain(part, str(name)) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def lacking(destination: Catalog, sources: Iterable[Catalog]) -> list[dict[str, Any]]:
    """What the destination says it cannot do, each with the source processes that need it.

    A process needs something if its details say so (`needs`, names of capabilities) or a step is of such
    a kind. A destination that does not say is asked about as a question: `unknown`.
    """
    artifacts = [a for c in sources for r in c.artifacts for a in r.found]
    return [
        {
            "capability": capability.value,
            "title": need.title,
            "support": destination.capabilities[capability].value,
            "text": need.without
            if destination.capabilities[capability] is Support.NO
            else "Whether the destination can do this is not known: find out before cutover.",
            "needed_by": [
                {"kind": a.kind, "name": a.name, "steps": _needing(a, capability, need)}
                for a in artifacts
                if _needs(a, capability, need)
            ],
        }
        for capability, need in NEEDS.items()
        if destination.capabilities[capability] is not Support.YES
    ]


def _needs(artifact: Artifact, capability: Capability, need: Need) -> bool:
    named = artifact.details.get("needs") or ()
    return capability.value in named or bool(_needing(artifact, capability, need))


def _needing(artifact: Artifact, capability: Capability, need: Need) -> list[str]:
    """Names of the steps that need it."""
    return [
        str(step.get("name") or step.get("kind"))
        for step in steps_of(artifact)
        if capability.value in (step.get("needs") or ()) or need.words.search(str(step.get("kind") or ""))
    ]


def steps_of(artifact: Artifact) -> Iterator[Mapping[str, Any]]:
    """The steps in an artifact's details that are mappings: {name, kind, people?, condition?}."""
    steps: Any = artifact.details.get("steps")
    if isinstance(steps, Sequence) and not isinstance(steps, str):
        yield from (step for step in steps if isinstance(step, Mapping))
