"""The map: its objects, what does not fit, the questions that are to be decided."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock.automations.decisions import active_automations, automation_name
from crossdock.mappingfile.edits import decide, decide_automation, words_of
from crossdock.mapview import MapView
from crossdock.migration import Migration
from crossdock.proposing.project import propose_mapping
from crossdock.ui.desk import desk_of
from crossdock.ui.mapchange import change
from crossdock.ui.page import form_of, go, page


def objects(request: Request) -> Response:
    """All routes of the map, with how far they were looked at."""
    desk = desk_of(request)
    if not desk.project().mapping.exists():
        return page(request, "mappropose.html")
    with desk.migration() as migration:
        view, seen = desk.view(migration)
        data = {
            "seen": seen,
            "objects": view.objects(),
            "left_out": view.left_out(),
            "problems": view.general_problems(),
            "questions": _questions(view),
            "automations": _automations(migration, view),
        }
    return page(request, "mapobjects.html", data)


def propose(request: Request) -> Response:
    """Propose a map where there is none, as `crossdock map propose` does."""
    desk = desk_of(request)
    desk.forget()
    with desk.changing() as migration:
        proposal = propose_mapping(migration)
    return go("/map", f"A map is proposed: {len(proposal.mapping.objects)} objects. Look at each.", request)


def _questions(view: MapView) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "about": question.about,
            "alternatives": [str(one) for one in question.alternatives],
            "default": "" if question.default is None else str(question.default),
            "decided": name in view.mapping.decisions,
            "answer": "" if (answer := view.mapping.answers.get(name)) is None else str(answer),
        }
        for name, question in view.mapping.questions.items()
    ]


def _automations(migration: Migration, view: MapView) -> list[dict[str, str]]:
    """Every active automation of the destination, and what the map says about it."""
    known = dict.fromkeys(automation_name(a) for a in active_automations(migration.destination_catalog))
    decisions = view.mapping.automations
    return [{"name": n, "decision": decisions.get(n, "undecided")} for n in {**known, **decisions}]


def answer(request: Request) -> Response:
    """Settle a question."""
    form = form_of(request)
    return change(request, form, decide(form["name"], words_of(form.get("answer", ""))), "/map#questions")


def automation(request: Request) -> Response:
    """Decide about an automation of the destination."""
    form = form_of(request)
    edit = decide_automation(form["name"], form.get("decision", "undecided"))
    return change(request, form, edit, "/map#automations")


ROUTES = (
    Route("/map", objects),
    Route("/map/propose", propose, methods=["POST"]),
    Route("/map/answer", answer, methods=["POST"]),
    Route("/map/automation", automation, methods=["POST"]),
)
MENU = (("/map", "Map"),)
