"""What is going on: every command that works on the project, and the jobs that these pages started."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock.errors import CrossdockError
from crossdock.ledger import PhaseState, RunState
from crossdock.migration import Migration
from crossdock.ui.desk import desk_of
from crossdock.ui.jobs import Job, jobs_of
from crossdock.ui.page import go, page, wants_part
from crossdock.ui.reading import reading
from crossdock.underway import UnderWay, under_way


def now(request: Request) -> Response:
    """What works on this project right now; looks again every two seconds."""
    desk = desk_of(request)
    seen = under_way(desk.project().state)
    working = [_working(each) for each in seen]
    ready = [j.command for j in jobs_of(request).newest() if j.code is None and not _seen(j, seen)]
    runs: list[dict[str, Any]] = []
    unread = ""
    try:
        with reading(desk) as migration:
            # A process of this machine says how far it is: what it reads and writes is not counted besides.
            runs = list(_unfinished(migration, counted=not working))
    except CrossdockError as error:  # the ledger may be busy, or its server away: the page goes on looking
        unread = error.message
    data = {
        "working": working,
        "ready": ready,
        "runs": runs,
        "unread": unread,
        "jobs": jobs_of(request).newest(),
    }
    return page(request, "now-part.html" if wants_part(request) else "now.html", data)


def job(request: Request) -> Response:
    """One command that these pages started: how far it is, then what came of it."""
    found = jobs_of(request).find(request.path_params["id"])
    ended = found.code is not None
    data = {
        "job": found,
        "ended": ended,
        "working": [_working(each) for each in _of_job(request, found)],
        "answer": found.answer() if ended else None,
        "complaint": found.complaint() if ended else "",
        "view": _view(found),
        "dry": _dry(found.answer()) if ended else [],
    }
    if wants_part(request) and not ended:
        return page(request, "job-part.html", data)
    answer = page(request, "job.html", data)
    if wants_part(request):
        answer.headers["hx-refresh"] = "true"  # it has ended: the whole page is another one
    return answer


def stop(request: Request) -> Response:
    """Stop a job, as ctrl-C would."""
    found = jobs_of(request).find(request.path_params["id"])
    found.stop()
    return go(f"/jobs/{found.id}", "It is being stopped; the same command goes on where it was.", request)


def when(seconds: float) -> str:
    """A time of the epoch as ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _seen(found: Job, seen: Iterable[UnderWay]) -> bool:
    return any(each.pid == found.process.pid for each in seen)


def _of_job(request: Request, found: Job) -> list[UnderWay]:
    return [each for each in under_way(desk_of(request).project().state) if each.pid == found.process.pid]


def _working(each: UnderWay) -> dict[str, Any]:
    return {
        "command": each.command,
        "since": when(each.since),
        "pace": each.pace,
        "parts": list(reversed(each.parts)),
    }


def _unfinished(migration: Migration, *, counted: bool) -> Iterator[dict[str, Any]]:
    """Runs that have not ended, as the ledger has them: also of a process on another machine."""
    for run in migration.ledger.runs.all():
        if run.state is RunState.RUNNING:
            phases = [
                {
                    "name": phase.name,
                    "state": phase.state.value,
                    "settled": phase.state is PhaseState.SETTLED,
                    "records": migration.staging.count(phase.tenant, phase.source_object)
                    if counted
                    else None,
                }
                for phase in migration.ledger.runs.phases(run)
            ]
            yield {"id": run.id, "kind": run.kind, "started": when(run.started_at), "phases": phases}


def _view(found: Job) -> str:
    """How the answer of a job is shown."""
    if found.words[0] == "rollback":
        return "rollback"
    return "run" if found.words[0] in ("run", "reconcile", "report") else "other"


def _dry(answer: Any) -> list[list[Any]]:
    """The phases of a dry run as rows: what would come of the records."""
    phases = answer.get("phases", ()) if isinstance(answer, dict) else ()
    there, here = ("created", "updated"), ("held", "rejected")
    return [
        [
            phase["name"],
            phase["extracted"],
            *(phase["destination"].get(name, 0) for name in there),
            *(phase["source"].get(name, 0) for name in here),
        ]
        for phase in phases
    ]


ROUTES = (
    Route("/now", now),
    Route("/jobs/{id}", job),
    Route("/jobs/{id}/stop", stop, methods=["POST"]),
)
MENU = (("/now", "Now"),)
