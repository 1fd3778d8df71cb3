"""One line of the map changed: where from, where to, steps, default, choices, note; shown converted first."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock.errors import MappingError
from crossdock.mapping import FieldMapping
from crossdock.mappingfile.document import parse
from crossdock.mappingfile.edits import (
    Edit,
    drop_field,
    move_field,
    note_field,
    route_of,
    set_words,
    together,
)
from crossdock.mappingfile.plain import plain_field
from crossdock.mapview import MapView
from crossdock.mapviewing import view_of
from crossdock.model import FieldSchema
from crossdock.steps import step_docs
from crossdock.targetpaths import target_field
from crossdock.trial.preview import converted, samples_of
from crossdock.ui.desk import desk_of
from crossdock.ui.lineform import choices_of, edit_of, form_words
from crossdock.ui.mapchange import change
from crossdock.ui.maplines import preview_of, targets_of
from crossdock.ui.page import Form, form_of, link, page, wants_part


def editor(request: Request) -> Response:
    """The form of one line, of a new one for a source field if `source` is given instead of `field`."""
    desk, query = desk_of(request), request.query_params
    with desk.migration() as migration:
        view, seen = desk.view(migration)
        asked = (query.get(word, "") for word in ("route", "field", "source"))
        data = {"seen": seen, **_form_data(view, *asked)}
    return page(request, "mapline_form.html" if wants_part(request) else "mapline.html", data)


def _form_data(view: MapView, name: str, field: str, source: str) -> dict[str, Any]:
    _, written = route_of(view.mapping, name)
    route = view.route(written.name) or written
    entry = written.fields.get(field) or route.fields.get(field)
    if field and entry is None:
        raise MappingError(f"{written.name} has no line for {field!r}.")
    schema = view.sources.get(written.source)
    own = schema.fields if schema else ()
    line = next((x for x in view.lines(written.name) if x["field"] == field), None)
    words = form_words(entry or FieldMapping.model_validate(source))
    there = target_field(route.target_schema, field)[0] if route.target_schema and field else None
    return {
        "route": written.name,
        "field": field,
        "source": source,
        "written": field in written.fields,
        "words": words,
        "note": _note(line),
        "sources": [{"name": f.name, "label": f.label, "type": f.type.value} for f in own],
        "targets": targets_of(view, written.name),
        "choices": choices_of(entry, _own(own, words["from"]), there),
        "steps": step_docs(),
        "back": link("/map/object", route=written.name),
    }


def _note(line: Mapping[str, Any] | None) -> str:
    """The comment of a line as the file has it."""
    if line is None or line["confidence"] is None:
        return line["reason"] if line else ""
    return f"{line['confidence']:.2f} {line['reason']}"


def _own(fields: Sequence[FieldSchema], path: str) -> FieldSchema | None:
    return next((f for f in fields if f.name == path), None)


def save(request: Request) -> Response:
    """Write the line."""
    form = form_of(request)
    edit = _edit(request, form)
    back = link("/map/object", route=form["route"]) + f"#line-{form.get('field', '')}"
    return change(request, form, edit, back)


def preview(request: Request) -> Response:
    """What the line would make of real records, before it is written."""
    form, desk = form_of(request), desk_of(request)
    data: dict[str, Any] = {"problem": "", "preview": []}
    try:
        with desk.migration() as migration:
            text, _ = desk.mapping_text()
            view = view_of(migration, _edit(request, form).make(text))
            _, written = route_of(view.mapping, form["route"])
            route, field = view.route(written.name), form.get("field", "")
            line = next(x for x in view.lines(written.name) if x["field"] == field)
            data["problem"] = "; ".join(line["problems"])
            if route is not None:
                made = converted(migration, view.resolved, route, samples_of(migration, written.source))
                data["preview"] = preview_of(field, line["sources"], made)
    except MappingError as error:
        data["problem"] = "; ".join(error.problems) or error.message
    return page(request, "mapline_preview.html", data)


def _edit(request: Request, form: Form) -> Edit:
    """The edit that a posted form stands for, held against what the file says now."""
    desk = desk_of(request)
    text, _ = desk.mapping_text()
    mapping = parse(text)
    _, written = route_of(mapping, form["route"])
    was, field = form.get("was", ""), form.get("field", "").strip()
    if not field:
        raise MappingError("which field of the destination?")
    edits: list[Edit] = []
    known: FieldMapping | None = written.fields.get(was)
    if known is not None and field != was:
        edits.append(move_field(written.name, was, field))
    elif known is None and field != was and field in written.fields:
        raise MappingError(f"{field} gets a value already.", hint="Change that line instead.")
    words = edit_of(form, _plain(known))
    if words:
        edits.append(set_words(written.name, field, words))
    if "note" in form and form["note"].strip() != form.get("note_was", "").strip():
        edits.append(note_field(written.name, field, form["note"].strip()))
    return together(*edits)


def _plain(known: FieldMapping | None) -> Mapping[str, Any]:
    plain = plain_field(known) if known is not None else {}
    return plain if isinstance(plain, Mapping) else {"from": plain}


def drop(request: Request) -> Response:
    """Take the line away."""
    form = form_of(request)
    edit = drop_field(form["route"], form["was"], ignore=form.get("ignore") == "yes")
    return change(request, form, edit, link("/map/object", route=form["route"]))


ROUTES = (
    Route("/map/line", editor),
    Route("/map/line/save", save, methods=["POST"]),
    Route("/map/line/preview", preview, methods=["POST"]),
    Route("/map/line/drop", drop, methods=["POST"]),
)
MENU: tuple[tuple[str, str], ...] = ()
