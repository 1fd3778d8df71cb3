"""One object of the map, line by line: where each field comes from, why, and what real records become."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock.errors import MappingError
from crossdock.mappingfile.document import parse
from crossdock.mappingfile.edits import ignore_source, keep_source, leave_route, route_of
from crossdock.mapreview import review_route
from crossdock.mapview import UNSURE, MapView
from crossdock.migration import Migration
from crossdock.shown import shown
from crossdock.trial.preview import Converted, Sample, converted, samples_of
from crossdock.ui.desk import desk_of
from crossdock.ui.mapchange import change
from crossdock.ui.page import form_of, go, link, page, wants_part

FILTERS: Final = {
    "all": "all lines",
    "look": "worth a look",
    "mapped": "mapped",
    "unmapped": "not mapped",
    "ignored": "ignored",
}
_SHORT: Final = 80  # characters of a value in a line


def lines(request: Request) -> Response:
    """All lines of a route, or those that a search leaves."""
    desk, name = desk_of(request), request.query_params.get("route", "")
    words = request.query_params.get("q", "").casefold().split()
    which = request.query_params.get("show", "all")
    with desk.migration() as migration:
        view, seen = desk.view(migration)
        data = {"seen": seen, **route_data(migration, view, name)}
    data["count"] = len(data["lines"]) + len(data["unmapped"])
    data["lines"] = [x for x in data["lines"] if _wanted_line(x, which) and _found(x, words)]
    data["unmapped"] = [x for x in data["unmapped"] if _wanted_field(x, which) and _found(x, words)]
    data |= {"q": request.query_params.get("q", ""), "show": which, "filters": FILTERS}
    return page(request, "maplines_list.html" if wants_part(request) else "maplines.html", data)


def route_data(migration: Migration, view: MapView, name: str) -> dict[str, Any]:
    """What the templates of one route need. Raises MappingError if there is no such route."""
    place, written = route_of(view.mapping, name)
    object_ = view.objects()[place]
    samples = samples_of(migration, written.source)
    made, trouble = _converted(migration, view, written.name, samples)
    names = [route.name for route in view.mapping.objects]
    return {
        "route": object_,
        "lines": [
            {**line, "preview": preview_of(line["field"], line["sources"], made)}
            for line in view.lines(written.name)
        ],
        "unmapped": [{**f, "samples": _values(f["path"], samples)} for f in view.unmapped(written.name)],
        "targets": targets_of(view, written.name),
        "samples": [{"name": s.name, "key": s.record.key} for s in samples],
        "left_out": [{"name": c.sample.name, "rule": c.rule} for c in made if c.rule],
        "trouble": trouble,
        "problems": [p for p in view.problems_of(written.name) if "].fields." not in p.path],
        "before": names[place - 1] if place else "",
        "after": names[place + 1] if place + 1 < len(names) else "",
        "UNSURE": UNSURE,
    }


def _converted(
    migration: Migration, view: MapView, name: str, samples: Sequence[Sample]
) -> tuple[list[Converted], str]:
    route = view.route(name)
    if route is None or route.target_schema is None:
        return [], ""
    try:
        return converted(migration, view.resolved, route, samples), ""
    except MappingError as error:
        return [], "; ".join(error.problems) or error.message


def targets_of(view: MapView, name: str) -> list[dict[str, str]]:
    """The fields of the destination that a line may fill."""
    route = view.route(name)
    schema = route.target_schema if route else None
    fields = schema.fields if schema else ()
    return [{"name": f.name, "label": f.label, "type": f.type.value} for f in fields if not f.read_only]


def preview_of(
    field: str, sources: Sequence[Mapping[str, Any]], made: Sequence[Converted]
) -> list[dict[str, str]]:
    """What each sample has in a line's source fields, and what it becomes."""
    rows = []
    for one in made:
        read = [one.source.get(s["path"], one.source.get(s["path"].partition(".")[0], "")) for s in sources]
        late = field in one.later
        rows.append(
            {
                "record": one.sample.name,
                "source": _short("; ".join(filter(None, read))),
                "target": "waits for what it leads to" if late else _short(shown(one.values.get(field))),
                "problem": one.reasons.get(field, ""),
            }
        )
    return rows


def _values(path: str, samples: Sequence[Sample]) -> list[str]:
    return [text for s in samples if (text := _short(shown(s.record.values.get(path))))]


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 3]}..."


def _found(line: Mapping[str, Any], words: Sequence[str]) -> bool:
    """Whether a line has all the words of a search somewhere in its names."""
    names = [line.get("field", ""), line.get("label", ""), line.get("path", ""), line.get("reason", "")]
    names += [part for s in line.get("sources", ()) for part in (s["path"], s["label"])]
    text = " ".join(names).casefold()
    return all(word in text for word in words)


def _wanted_line(line: Mapping[str, Any], which: str) -> bool:
    if which == "look":
        unsure = line["confidence"] is not None and line["confidence"] < UNSURE
        return bool(unsure or line["problems"] or any(p["problem"] for p in line["preview"]))
    return which in ("all", "mapped")


def _wanted_field(field: Mapping[str, Any], which: str) -> bool:
    open_ = not field["ignored"] and not field["elsewhere"]
    shown_by: dict[str, bool] = {"all": True, "look": open_, "unmapped": open_, "ignored": field["ignored"]}
    return shown_by.get(which, False)


def review(request: Request) -> Response:
    """Mark the route as looked at, and go on to the next one."""
    form, desk = form_of(request), desk_of(request)
    text, seen = desk.mapping_text()
    place = link("/map/object", route=form["route"])
    if form.get("seen") != seen:
        return go(place, "The map changed meanwhile: look once more, then say so again.", request)
    mapping = parse(text)
    number, route = route_of(mapping, form["route"])
    review_route(desk.project(), mapping, route, form.get("by", ""))
    desk.person = form.get("by", "")
    after = mapping.objects[number + 1].name if number + 1 < len(mapping.objects) else ""
    said = f"{route.name}: looked at by {desk.person}."
    return go(link("/map/object", route=after) if after else "/map", said, request)


def ignore(request: Request) -> Response:
    """Say that nobody wants a source field, or that somebody does."""
    form = form_of(request)
    edit = ignore_source(form["route"], form["source"], wanted=form.get("wanted") == "yes")
    return change(request, form, edit, link("/map/object", route=form["route"]))


def leave(request: Request) -> Response:
    """Leave the whole route out, or take it back."""
    form = form_of(request)
    edit = leave_route(form["route"], wanted=form.get("wanted") == "yes")
    return change(request, form, edit, link("/map/object", route=form["route"]))


def keep(request: Request) -> Response:
    """Have a field made at the destination for a source field."""
    form, desk = form_of(request), desk_of(request)
    with desk.migration() as migration:
        view, _ = desk.view(migration)
        _, route = route_of(view.mapping, form["route"])
        schema = view.sources.get(route.source)
        own = schema.field(form["source"]) if schema else None
        name = migration.naming(
            "field", (own.label if own else "") or form["source"], frozenset(route.fields)
        )
        possible = migration.destination_catalog.provisionable
    type_ = own.type.value if own and own.type in possible else "text"
    label = own.label if own else ""
    edit = keep_source(form["route"], form["source"], name, type_, label)
    return change(request, form, edit, link("/map/object", route=form["route"]) + f"#line-{name}")


ROUTES = (
    Route("/map/object", lines),
    Route("/map/review", review, methods=["POST"]),
    Route("/map/ignore", ignore, methods=["POST"]),
    Route("/map/leave", leave, methods=["POST"]),
    Route("/map/keep", keep, methods=["POST"]),
)
MENU: tuple[tuple[str, str], ...] = ()
