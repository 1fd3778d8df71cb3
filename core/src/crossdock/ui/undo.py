"""Undoing a run: what it would do comes first, then the project's name, then it is done."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock.ledger import LOADING_KINDS, RunState
from crossdock.report import run_of
from crossdock.ui.desk import Desk, desk_of
from crossdock.ui.jobs import jobs_of, with_destination
from crossdock.ui.page import form_of, go, page
from crossdock.ui.reading import reading, run_named
from crossdock.ui.runs import NOT_NAMED, is_named

_UNDOABLE = (*LOADING_KINDS, "provision")


def undo(request: Request) -> Response:
    """Choose a run and what of it; nothing is undone here."""
    return _choose(request)


def preview(request: Request) -> Response:
    """Say what would be undone: `rollback --dry-run`."""
    desk = desk_of(request)
    words = _words(desk, form_of(request))
    job = jobs_of(request).start(desk, with_destination(desk, ["rollback", "--dry-run", *words]))
    return go(f"/jobs/{job.id}")


def start(request: Request) -> Response:
    """Undo what was previewed, once the project's name is typed."""
    desk, form = desk_of(request), form_of(request)
    seen = jobs_of(request).find(form.get("preview", ""))
    if not is_named(desk, form.get("project", "")):
        return go(f"/jobs/{seen.id}", NOT_NAMED, request)
    words = [word for word in seen.words if word != "--dry-run"]
    if form.get("force"):
        words.append("--force")
    job = jobs_of(request).start(desk, words)
    return go(f"/jobs/{job.id}")


def _choose(request: Request) -> Response:
    with reading(desk_of(request)) as migration:
        known = [run for run in migration.ledger.runs.all() if run.kind in _UNDOABLE]
        rows = [run_of(migration.ledger, run) for run in reversed(known)]
        left = [run.id for run in known if run.state is not RunState.ROLLED_BACK]
    asked = request.query_params.get("run", "")
    chosen = asked if asked in left else (left[-1] if left else "")
    return page(request, "undo.html", {"runs": rows, "left": left, "chosen": chosen})


def _words(desk: Desk, form: Mapping[str, str]) -> Sequence[str]:
    """The options of a rollback. Raises ConfigError for a run that is not there."""
    with reading(desk) as migration:
        words = ["--run", run_named(migration.ledger, form.get("run", "")).id]
    if form.get("with_later"):
        words.append("--with-later")
    for name in ("object", "record"):
        for one in filter(None, map(str.strip, form.get(name, "").splitlines())):
            words += [f"--{name}={one}"]
    return words


ROUTES = (
    Route("/undo", undo),
    Route("/undo/preview", preview, methods=["POST"]),
    Route("/undo/start", start, methods=["POST"]),
)
MENU = (("/undo", "Undo"),)
