"""The start page: the project, what to do next, its newest runs."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock.errors import CrossdockError
from crossdock.nextsteps import next_steps
from crossdock.report import run_of
from crossdock.ui.desk import desk_of
from crossdock.ui.page import go, page

_RUNS = 5  # newest ones on this page


def start(request: Request) -> Response:
    """What `crossdock status` says, and where to go from here."""
    with desk_of(request).migration() as migration:
        project = migration.project
        runs = [run_of(migration.ledger, run) for run in migration.ledger.runs.all()]
        ends = {
            "sources": [f"{c.platform} ({c.tenant})" for c in project.sources],
            "destination": project.destination_named(migration.destination_name).platform,
        }
        purged = migration.ledger.purges.newest()
        data = {
            **ends,
            "folder": str(project.directory),
            "mapping": project.mapping.exists(),
            "steps": next_steps(migration),
            "runs": list(reversed(runs))[:_RUNS],
            "count": len(runs),
            "purged": purged.told() if purged else "",
        }
    return page(request, "start.html", data)


def look(request: Request) -> Response:
    """Look at both platforms anew."""
    desk = desk_of(request)
    desk.forget()
    try:
        with desk.migration() as migration:
            count = sum(len(catalog.objects) for catalog in migration.source_catalogs.values())
            there = len(migration.destination_catalog.objects)
    except CrossdockError as error:
        desk.say(f"Not reached: {error.message} {error.hint or ''}")
        return go("/")
    return go("/", f"Looked at both sides: {count} objects to leave, {there} at the destination.", request)


ROUTES = (Route("/", start), Route("/look", look, methods=["POST"]))
MENU = (("/", "Project"),)
