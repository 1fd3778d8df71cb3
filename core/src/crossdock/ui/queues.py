"""What waits for a person: the lines of the queue files, decided here by the same code that reads them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock.errors import ConfigError
from crossdock.queues import ALLOWED, MEANINGS, Place, QueueLine, decide, look, require_decision, told
from crossdock.ui.desk import desk_of
from crossdock.ui.page import Form, form_of, go, page
from crossdock.ui.reading import paging


def queues(request: Request) -> Response:
    """The lines of one queue, filtered, a page at a time, with a form for their decisions."""
    query = request.query_params
    project = desk_of(request).project()
    found = look(project.queues)
    counts = {name: [line for line in found.lines if line.queue == name] for name in ALLOWED}
    queue = query.get("queue") or next((n for n, lines in counts.items() if _open(lines)), "duplicates")
    if queue not in ALLOWED:
        raise ConfigError(f"there is no queue {queue!r}.", hint=f"Queues: {', '.join(ALLOWED)}.")
    name, text, state = query.get("object", ""), query.get("q", "").strip(), query.get("state", "all")
    lines = [x for x in counts[queue] if _fits(x, name, text.lower(), state)]
    turned = paging(request, len(lines))
    allowed = ALLOWED[queue]
    data = {
        "queues": [(n, len(lines), _open(lines)) for n, lines in counts.items()],
        "queue": queue,
        "meaning": MEANINGS[queue],
        "choices": None if allowed is None else sorted(allowed),
        "objects": sorted({line.object_name for line in counts[queue]}),
        "object": name,
        "text": text,
        "state": state,
        "lines": [_row(n, line) for n, line in enumerate(turned.of(lines))],
        "paging": turned,
        "told": told(project.queues),
        "back": f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path,
    }
    return page(request, "queues.html", data)


def write(request: Request) -> Response:
    """Write the decisions of a page into the queue file; what others wrote meanwhile stays."""
    form, project = form_of(request), desk_of(request).project()
    queue = form.get("queue", "")
    require_decision(queue, "")
    decided = dict(_decided(form, queue))
    refused = decide(project.queues, queue, decided)
    desk = desk_of(request)
    written = len(decided) - len(refused)
    many = "1 decision" if written == 1 else f"{written or 'No'} decisions"
    desk.say(f"{many} written to queues/{queue}.csv.")
    for (_, tenant, name, key), (why, there) in refused.items():
        desk.say(f"{name}/{key} of tenant {tenant}: {why}{f', it says {there}' if there else ''}.")
    back = form.get("back", "")
    return go(back if back.startswith("/queues") else "/queues")


def _decided(form: Form, queue: str) -> Iterator[tuple[Place, tuple[str, str]]]:
    """(place, (was, now)) of each line that is to say something else. Raises ConfigError for another form."""
    for_all = form.get("all", "").strip()
    for name, value in form.items():
        if not name.startswith("line-"):
            continue
        try:
            tenant, object_name, key, was = map(str, json.loads(value))
        except ValueError as error:
            raise ConfigError("this form is not one of these pages.") from error
        now = form.get(f"now-{name.removeprefix('line-')}", was).strip()
        if now == was == "":
            now = for_all
        if now != was:
            yield (queue, tenant, object_name, key), (was, now)


def _open(lines: list[QueueLine]) -> int:
    return sum(not line.decision for line in lines)


def _fits(line: QueueLine, name: str, text: str, state: str) -> bool:
    words = (line.tenant, line.object_name, line.key, line.reason, line.decision)
    return (
        (not name or line.object_name == name)
        and (not text or any(text in word.lower() for word in words))
        and (state == "all" or (state == "open") == (not line.decision))
    )


def _row(number: int, line: QueueLine) -> Mapping[str, Any]:
    seen = json.dumps([line.tenant, line.object_name, line.key, line.decision], ensure_ascii=False)
    return {"n": number, "line": line, "seen": seen}


ROUTES = (Route("/queues", queues), Route("/queues", write, methods=["POST"]))
MENU = (("/queues", "Queues"),)
