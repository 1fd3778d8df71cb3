"""What cannot move: workflows, robots, reports, pages and the rest, from the Web API and from exports.

It is looked for when somebody first asks, as only discover and the handoff do: one request a process and
the whole data of every report. Files that belong to it go to the folder of the handoff.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import orjson

from crossdock.connection import Connection
from crossdock.errors import StorageError
from crossdock.model import Artifact, ArtifactReport
from crossdock_elma365 import catalog, definitions, reports
from crossdock_elma365.client import AnswerError, Json, Read
from crossdock_elma365.company import Company
from crossdock_elma365.hr import signature_report
from crossdock_elma365.package import Package
from crossdock_elma365.processes import Process, process_of, processes
from crossdock_elma365.robots import robot_report
from crossdock_elma365.roles import role_report
from crossdock_elma365.secrecy import plain, publishable
from crossdock_elma365.settings import Elma365Settings

_API = "Web API"
_CLOSED = "the Web API is not used; a configuration export in `exports` would show it"


@dataclass
class _Workflow:
    process: Process
    where: list[str]
    definition: Json = field(default_factory=dict)
    unread: str = ""
    subscriptions: list[Json] = field(default_factory=list)


class Inventory(Sequence[ArtifactReport]):
    """The reports on all kinds of artifact. `company` gives None when the Web API is not used."""

    def __init__(
        self, company: Callable[[], Company | None], settings: Elma365Settings, connection: Connection
    ) -> None:
        self._find_company = company
        self._settings = settings
        self._folder = connection.handoff

    @overload
    def __getitem__(self, index: int) -> ArtifactReport: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ArtifactReport]: ...
    def __getitem__(self, index: int | slice) -> ArtifactReport | Sequence[ArtifactReport]:
        """One kind's report, or several."""
        return self._reports[index]

    def __len__(self) -> int:
        return len(self._reports)

    @cached_property
    def _company(self) -> Company | None:
        return self._find_company()

    @cached_property
    def _reports(self) -> tuple[ArtifactReport, ...]:
        if self._company is None and not self._settings.exports:
            closed = (ArtifactReport(kind, not_examined=_CLOSED) for kind in ("workflow", "report", "page"))
            return (self._robots(), *closed)
        kinds: tuple[ArtifactReport, ...] = (
            self._workflow_report(),
            self._robots(),
            self._report("report", "reporter", Read.REPORTS, self._report_details),
            self._report("page", "pages", Read.PAGES, lambda _artifact, _api: {}),
        )
        if self._company is not None:
            kinds += (role_report(self._company), signature_report(self._company))
        rest = catalog.NOT_EXAMINED.items()
        return kinds + tuple(ArtifactReport(kind, not_examined=why) for kind, why in rest)

    # --- workflows ----------------------------------------------------------------------------

    @cached_property
    def _workflows(self) -> dict[str, _Workflow]:
        """By `namespace:code`; the definition of the API stands over that of an export."""
        found: dict[str, _Workflow] = {}
        company = self._company
        for process in processes(company) if company else ():
            definition, unread = _definition(company, process) if company else ({}, "")
            found[process.key] = _Workflow(process, [_API], definition, unread)
        for path in self._settings.exports:
            self._add_exported(found, path)
        return found

    @staticmethod
    def _add_exported(found: dict[str, _Workflow], path: Path) -> None:
        with Package.open(path) as package:
            for row, entity in package.entities("processor"):
                process = process_of({**row, **entity})
                known = found.setdefault(process.key, _Workflow(process, []))
                known.where.append(f"export {path.name}")
                if not known.definition and isinstance(entity.get("process"), dict):
                    known.definition, known.unread = entity, ""
            for _, entity in package.entities("event-bus"):
                handler = entity.get("handlerData") or {}
                for known in found.values():
                    if handler.get("process") == known.process.code:
                        known.subscriptions.append(entity)

    def _workflow_report(self) -> ArtifactReport:
        try:
            return ArtifactReport("workflow", tuple(map(self._workflow, self._workflows.values())))
        except AnswerError as error:
            return ArtifactReport("workflow", not_examined=error.message)

    def _workflow(self, workflow: _Workflow) -> Artifact:
        process, definition = workflow.process, workflow.definition
        told: dict[str, Any] = {"namespace": process.namespace, "code": process.code}
        if process.version is not None:
            told["version"] = process.version
        told["where"] = ", ".join(workflow.where)
        if definition:
            told |= definitions.details(definition, workflow.subscriptions)
        else:
            told["definition"] = f"not examined: {workflow.unread or 'it is not in the export'}"
        if definition and (path := self._path("workflows", process.namespace, process.code, ".json")):
            _write_json(path, publishable(definition))
            told["file"] = str(path)
        return Artifact("workflow", process.name, process.id or process.code, details=told)

    # --- robots, reports, pages ---------------------------------------------------------------

    def _robots(self) -> ArtifactReport:
        try:
            known: list[tuple[str, Json]] | None = [
                (workflow.process.name, workflow.definition)
                for workflow in self._workflows.values()
                if workflow.definition
            ]
        except AnswerError:
            known = None
        return robot_report(self._settings.robots, self._settings.orchestrator, known or None)

    def _report(
        self, kind: str, service: str, read: Read, more: Callable[[Json, bool], dict[str, Any]]
    ) -> ArtifactReport:
        """The artifacts of one kind that sections list, joined with those of the exports."""
        found: dict[str, tuple[Json, list[str]]] = {}
        try:
            for row in self._listed(read):
                found[f"{row.get('namespace')}:{row.get('code')}"] = row, [_API]
        except AnswerError as error:
            if not self._settings.exports:
                return ArtifactReport(kind, not_examined=error.message)
        for path in self._settings.exports:
            with Package.open(path) as package:
                for row in package.manifest(service).entities:
                    key = f"{row.get('namespace')}:{row.get('code')}"
                    found.setdefault(key, (row, []))[1].append(f"export {path.name}")
        artifacts = []
        for row, where in found.values():
            told = {k: row[k] for k in ("namespace", "code", "version", "hidden") if row.get(k) is not None}
            told |= {"where": ", ".join(where), **more(row, _API in where)}
            name = plain(str(row.get("__name") or row.get("name") or row.get("code")))
            identifier = str(row.get("__id") or row.get("code") or "")
            artifacts.append(Artifact(kind, name, identifier, details=told))
        return ArtifactReport(kind, tuple(artifacts))

    def _listed(self, read: Read) -> Iterator[Json]:
        if self._company is None:
            return
        for namespace in self._company.namespaces():
            for row in self._company.client.items(read, namespace=namespace):
                yield {**row, "namespace": row.get("namespace") or namespace}

    def _report_details(self, row: Json, by_api: bool) -> dict[str, Any]:
        path = self._path("reports", str(row.get("namespace")), str(row.get("code")), ".csv")
        if not by_api or self._company is None:
            return {"not_extracted": "an export holds no data; it is read through the Web API"}
        if path is None:
            return {"not_extracted": "there is no folder for it"}
        return reports.extract(self._company.client, str(row["namespace"]), str(row["code"]), path)

    def _path(self, kind: str, namespace: str, code: str, suffix: str) -> Path | None:
        """Where a file of the handoff goes. What the platform says becomes no path of its own."""
        if self._folder is None:
            return None
        name = re.sub(r"[^\w-]+", "_", f"{namespace}.{code}".replace(".", "-"))
        return self._folder / kind / f"{name[:120]}{suffix}"


def _definition(company: Company, process: Process) -> tuple[Json, str]:
    """What the platform answers for one process; its envelope is assumed, so several are taken."""
    try:
        answer = company.client.whole(Read.PROCESS, namespace=process.namespace, code=process.code)
    except AnswerError as error:
        return {}, error.message
    for candidate in (answer.get("process"), answer.get("template"), answer.get("result"), answer):
        if isinstance(candidate, dict) and isinstance(candidate.get("process"), dict):
            return candidate, ""
    return {}, "the answer holds no definition"


def _write_json(path: Path, content: Any) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}.") from error
