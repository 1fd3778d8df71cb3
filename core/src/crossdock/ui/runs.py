"""The runs of a project, what the report of each says, and the start of another one."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from crossdock.documents.figures import amount, span
from crossdock.errors import ConfigError
from crossdock.ledger import NOT_LOADED, RunState
from crossdock.report import report_of, run_of
from crossdock.ui.desk import Desk, desk_of
from crossdock.ui.jobs import jobs_of, with_destination
from crossdock.ui.page import form_of, go, page
from crossdock.ui.reading import paging, reading, run_named
from crossdock.verdict import to_look_at

COMMANDS: Final[Mapping[str, tuple[tuple[str, ...], str, bool]]] = {
    "dry-run": (("run", "--dry-run"), "Try it all, write nothing: what would come of each record", False),
    "run": (("run",), "Move everything that the map says; resumes a run that was stopped", True),
    "delta": (("run", "--delta"), "Move what was created, changed or deleted since the last run", True),
    "retry": (("run", "--retry-failed"), "Try again what was rejected, failed, or held and decided", True),
    "reconcile": (("reconcile",), "Compare every field of every record again; writes nothing there", False),
}
"""What can be started here: the command, what it does, whether it writes to the destination."""

_FILES: Final = {
    "html": "text/html",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "json": "application/json",
}
# A filed report has its styles in itself, and no script.
_REPORT_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
)
_THERE: Final = ("created", "updated", "unchanged")
_COMPARING: Final = ("reconcile", "files", "exports")
_MINUTE: Final = 60
_HERE: Final = ("merged", "skipped", "held", "rejected", "failed")


def runs(request: Request) -> Response:
    """Every run, newest first."""
    with reading(desk_of(request)) as migration:
        known = list(reversed(migration.ledger.runs.all()))
        turned = paging(request, len(known))
        rows = [run_of(migration.ledger, run) for run in turned.of(known)]
    return page(request, "runs.html", {"runs": rows, "paging": turned})


def run(request: Request) -> Response:
    """One run: what its report says, and where its files are."""
    run_id = request.path_params["id"]
    with reading(desk_of(request)) as migration:
        found = run_named(migration.ledger, run_id)
        report = report_of(migration.ledger, migration.staging, found, migration.queues)
        files = [suffix for suffix in _FILES if _file(desk_of(request), found.kind, run_id, suffix).exists()]
    data = {
        "report": report,
        "boxes": _boxes(report),
        "phases": [_phase(phase) for phase in report["phases"]],
        "not_loaded": [(p["name"], line) for p in report["phases"] for line in p["not_loaded"]],
        "changes": _cells(report["changes"], "key", "label", "reason", "state"),
        "automations": _cells(report["automations"], "kind", "name", "decision", "state", "note"),
        "requests": _cells(report["requests"], "scope", "sent", "refused", "waited_seconds"),
        "files": files,
        # What a comparison wrote says more than its ledger: it is not written over.
        "writable": found.kind not in _COMPARING or not files,
        "undoable": found.kind not in _COMPARING and found.state is not RunState.ROLLED_BACK,
    }
    return page(request, "run.html", data)


def write_report(request: Request) -> Response:
    """Have the report of a run written as a page and a PDF."""
    desk = desk_of(request)
    with reading(desk) as migration:
        found = run_named(migration.ledger, request.path_params["id"])
    job = jobs_of(request).start(desk, with_destination(desk, ["report", "--run", found.id]))
    return go(f"/jobs/{job.id}")


def report_file(request: Request) -> Response:
    """A report as it was filed."""
    desk, suffix = desk_of(request), request.path_params["suffix"]
    with reading(desk) as migration:
        found = run_named(migration.ledger, request.path_params["id"])
    path = _file(desk, found.kind, found.id, suffix)
    if suffix not in _FILES or not path.is_file():
        raise ConfigError("this report was not written yet.", hint="Write it on the page of its run.")
    headers = {"content-security-policy": _REPORT_POLICY} if suffix == "html" else {}
    return FileResponse(path, media_type=_FILES[suffix], headers=headers, content_disposition_type="inline")


def begin(request: Request) -> Response:
    """Choose what to start."""
    asked = request.query_params.get("what", "dry-run")
    data = {"commands": COMMANDS, "chosen": asked if asked in COMMANDS else "dry-run", "wrong": ""}
    return page(request, "begin.html", data)


def start(request: Request) -> Response:
    """Start it, once the project's name is typed if it writes."""
    desk, form = desk_of(request), form_of(request)
    what = form.get("what", "")
    if what not in COMMANDS:
        raise ConfigError("this is nothing that can be started here.")
    words, _, writes = COMMANDS[what]
    if writes and not is_named(desk, form.get("project", "")):
        data = {"commands": COMMANDS, "chosen": what, "wrong": NOT_NAMED}
        return page(request, "begin.html", data, 400)
    job = jobs_of(request).start(desk, with_destination(desk, words))
    return go(f"/jobs/{job.id}")


NOT_NAMED: Final = "Nothing was started: type the name of the project as it stands above."


def is_named(desk: Desk, typed: str) -> bool:
    """Whether a person typed the project's name, as the pages have it above."""
    return typed.strip() == desk.directory.resolve().name


def _file(desk: Desk, kind: str, run_id: str, suffix: str) -> Any:
    return desk.project().reports / f"{kind}-{run_id}.{suffix}"


def _boxes(report: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What a reader wants to know first: (what, how much, note)."""
    there, source = report["totals"]["destination"], report["totals"]["source"]
    left = sum(source.get(outcome.value, 0) for outcome in NOT_LOADED)
    loading = [
        ("Created", amount(there.get("created", 0)), "records at the destination"),
        ("Updated", amount(there.get("updated", 0)), f"{amount(there.get('unchanged', 0))} unchanged"),
        ("Not loaded", amount(left), "held, rejected or failed"),
    ]
    looking = [
        ("To look at", amount(to_look_at(report)), "findings"),
        ("Waiting", amount(sum(report["queues"].values())), "lines in queues"),
        ("Time", _took(report["run"]["seconds"]), ""),
    ]
    return [*(loading if report["phases"] else []), *looking]


def _took(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < _MINUTE else span(seconds / _MINUTE)


def _phase(phase: Mapping[str, Any]) -> dict[str, Any]:
    counts = [phase["destination"].get(name, 0) for name in _THERE]
    counts += [phase["source"].get(name, 0) for name in _HERE]
    return {**phase, "counts": counts}


def _cells(rows: Iterable[Mapping[str, Any]], *names: str) -> list[list[Any]]:
    return [[row[name] for name in names] for row in rows]


ROUTES = (
    Route("/runs", runs),
    Route("/begin", begin),
    Route("/begin", start, methods=["POST"]),
    Route("/runs/{id}", run),
    Route("/runs/{id}/report", write_report, methods=["POST"]),
    Route("/runs/{id}/report.{suffix}", report_file),
)
MENU = (("/runs", "Runs"),)
