"""The map confirmed as a whole, by the same function as `crossdock map confirm`."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock.confirming import confirm_mapping
from crossdock.errors import RefusedError
from crossdock.mapediting import digest_of, read_text
from crossdock.mappingfile.confirmation import PARTS, changed_parts, read
from crossdock.mappingfile.difference import since_confirmed
from crossdock.mappingfile.document import parse
from crossdock.mapreview import open_routes, read_reviews
from crossdock.ui.desk import desk_of
from crossdock.ui.page import form_of, go, page


def confirm_page(request: Request) -> Response:
    """What is open, what changed since the last confirmation, and the form."""
    desk = desk_of(request)
    with desk.migration() as migration:
        view, seen = desk.view(migration)
        known = read(migration.confirmation_file)
        parts = migration.confirmation_parts(view.resolved)
        changed = [PARTS.get(name, name) for name in changed_parts(known, parts)] if known else []
        data = {
            "seen": seen,
            "confirmation": known,
            "changed": changed,
            "details": since_confirmed(migration.confirmed_mapping, migration.project.mapping)
            if changed
            else [],
            "wrong": [problem for problem in view.problems if problem.fatal],
            "notes": [problem for problem in view.problems if not problem.fatal],
            "open": open_routes(view.reviews, view.mapping),
            "count": len(view.mapping.objects),
            "unmapped": {name: fields for name, fields in view.resolved.unmapped.items() if fields},
        }
    return page(request, "mapconfirm.html", data)


def confirm(request: Request) -> Response:
    """Confirm the map as it was shown. Both platforms are looked at anew for it.

    Raises RefusedError if the file is another one by now, or routes that nobody looked at were not named.
    """
    form, desk = form_of(request), desk_of(request)
    desk.forget()
    with desk.changing() as migration:
        text = read_text(migration.project.mapping)
        if digest_of(text) != form.get("seen"):
            raise RefusedError("mapping.yaml changed since this page was made.", hint="Look at it once more.")
        if open_routes(read_reviews(migration.project), parse(text)) and form.get("open") != "yes":
            raise RefusedError(
                "some objects were not looked at.", hint="Look at them, or say that you confirm them too."
            )
        confirmation = confirm_mapping(migration, form.get("by", ""))
    desk.person = confirmation.by
    return go("/", f"The map is confirmed by {confirmation.by}.", request)


ROUTES = (Route("/map/confirm", confirm_page), Route("/map/confirm", confirm, methods=["POST"]))
MENU: tuple[tuple[str, str], ...] = ()
