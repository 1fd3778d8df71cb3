"""A change of the map from a page: made if the file is what the page was made from, else both are shown."""

from collections.abc import Sequence
from difflib import unified_diff

from starlette.requests import Request
from starlette.responses import Response

from crossdock.errors import MappingError
from crossdock.mapediting import ChangedSinceError, change_mapping, digest_of
from crossdock.mappingfile.difference import difference
from crossdock.mappingfile.document import parse
from crossdock.mappingfile.edits import Edit
from crossdock.ui.desk import desk_of
from crossdock.ui.page import Form, go, page

_MOST = 200  # lines of a difference that are shown


def change(request: Request, form: Form, edit: Edit, back: str) -> Response:
    """Make the edit and go back; `form` has the digest that the page was made from as `seen`.

    Raises RefusedError while another process writes to the project, MappingError.
    """
    desk = desk_of(request)
    try:
        with desk.changing() as migration:
            changed = change_mapping(migration.project, edit, seen=form.get("seen", ""))
    except ChangedSinceError as error:
        return _both(request, form, edit, back, error)
    said = f"Saved: {edit.said}." if changed else "Nothing was changed: the map says so already."
    return go(back, said, request)


def _both(request: Request, form: Form, edit: Edit, back: str, error: ChangedSinceError) -> Response:
    """What this person wanted, and what somebody else made of the file meanwhile."""
    before = desk_of(request).text_seen(form.get("seen", ""))
    data = {
        "wanted": edit.said,
        "sentences": _sentences(before, error.now),
        "lines": _lines(before, error.now),
        "action": request.url.path,
        "fields": [(name, value) for name in form for value in form.several(name) if name != "seen"],
        "seen": digest_of(error.now),
        "back": back,
    }
    return page(request, "conflict.html", data, 409)


def _sentences(before: str | None, now: str) -> list[str]:
    if before is None:
        return ["The page is older than what is remembered of the file."]
    try:
        return difference(parse(before), parse(now)) or ["Only comments or spaces."]
    except MappingError as error:
        return ["The file cannot be read any more.", *error.problems]


def _lines(before: str | None, now: str) -> Sequence[str]:
    if before is None:
        return []
    told = unified_diff(
        before.splitlines(), now.splitlines(), "when this page was made", "now", n=1, lineterm=""
    )
    return list(told)[:_MOST]
