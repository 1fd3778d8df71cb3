"""The versions of the map: who made each, when and why; what differs between two; going back to one."""

from collections.abc import Sequence
from itertools import groupby, pairwise

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock.errors import ConfigError
from crossdock.mappingfile.difference import changes
from crossdock.mapversions import NOW, MapVersion, is_kept, mapping_of, restore, version_of, versions_of
from crossdock.ui.desk import desk_of
from crossdock.ui.page import form_of, go, page
from crossdock.ui.reading import paging


def versions(request: Request) -> Response:
    """Every version, newest first."""
    project = desk_of(request).project()
    kept = list(reversed(versions_of(project)))
    turned = paging(request, len(kept))
    data = {"versions": turned.of(kept), "all": kept, "current": is_kept(project), "paging": turned}
    return page(request, "versions.html", data | {"older": _older(kept)})


def difference(request: Request) -> Response:
    """What differs from version `a` to version `b`, route by route."""
    project = desk_of(request).project()
    query = request.query_params
    ends = [_number(query.get(name, NOW)) for name in ("a", "b")]
    older, newer = (None if number is None else version_of(project, number) for number in ends)
    found = changes(mapping_of(project, ends[0]), mapping_of(project, ends[1]))
    groups = [(route, list(several)) for route, several in groupby(found, key=lambda change: change.route)]
    data = {
        "older": older,
        "newer": newer,
        "groups": groups,
        "count": len(found),
        "all": list(reversed(versions_of(project))),
        "chosen": [query.get("a", NOW), query.get("b", NOW)],
    }
    return page(request, "versions-diff.html", data)


def go_back(request: Request) -> Response:
    """Make mapping.yaml what it was; it has to be confirmed again."""
    desk, form = desk_of(request), form_of(request)
    number = _number(form.get("number", ""))
    if number is None:
        raise ConfigError("a number of a version is needed.")
    with desk.changing() as migration:  # not while a run goes by this mapping
        version = restore(migration.project, number, form.get("by", ""))
    said = f"mapping.yaml is as in version {number} of {version.at}. Review it, then confirm it again."
    return go("/versions", said, request)


def _number(text: str) -> int | None:
    if text == NOW:
        return None
    if not text.isdecimal() or len(text) > len("00000000"):
        raise ConfigError(f"{text!r} is no version of the mapping.")
    return int(text)


def _older(kept: Sequence[MapVersion]) -> dict[int, int]:
    """The version before each, by number."""
    return {newer.number: older.number for newer, older in pairwise(kept)}


ROUTES = (
    Route("/versions", versions),
    Route("/versions", go_back, methods=["POST"]),
    Route("/versions/difference", difference),
)
MENU = (("/versions", "Versions"),)
