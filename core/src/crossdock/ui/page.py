"""What an endpoint answers with: a page of a template, a redirect; and the fields of a form."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from anyio.from_thread import run
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crossdock.documents.figures import amount, moment, portion, size, span
from crossdock.errors import ConfigError
from crossdock.redaction import redact
from crossdock.shown import shown
from crossdock.ui.desk import desk_of

_LONGEST_FORM: Final = 1_000_000  # bytes


class Form(dict[str, str]):
    """The fields of a form by name; of several with one name the last. `several(name)` gives all of them."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def several(self, name: str) -> list[str]:
        """All values of a name, in their order."""
        return [value for key, value in self._pairs if key == name]


def form_of(request: Request) -> Form:
    """The fields of a posted form. Raises ConfigError if it is larger than anything that a page sends."""
    body: bytes = run(_body, request)
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10_000)
    return Form([(name, value.replace("\r\n", "\n")) for name, value in pairs])


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_FORM:
            raise ConfigError("this form is too large.")
    return body


def wants_part(request: Request) -> bool:
    """Whether htmx asks, for a piece of the page."""
    return "hx-request" in request.headers and "hx-boosted" not in request.headers


def page(
    request: Request, template: str, data: Mapping[str, Any] | None = None, status: int = 200
) -> Response:
    """A page, or a piece of one, of a template in `ui/templates`."""
    desk = desk_of(request)
    frame = {
        "desk": desk,
        "path": request.url.path,
        "query": dict(request.query_params),
        "menu": request.app.state.menu,
        "project": desk.directory.resolve().name,
        "product": f"crossdock {version('crossdock')}",
    }
    html = environment().get_template(template).render({**frame, **(data or {})})
    return HTMLResponse(redact(html), status)


def go(path: str, said: str = "", request: Request | None = None, **query: str) -> Response:
    """Go on to a page after a form; `said` stands above it if the request is given."""
    if said and request is not None:
        desk_of(request).say(said)
    place, _, mark = path.partition("#")
    address = place + (f"?{urlencode(query)}" if query else "") + (f"#{mark}" if mark else "")
    return RedirectResponse(address, 303)


def link(path: str, **query: Any) -> str:
    """An address of this server with its query, for templates."""
    return path + (f"?{urlencode(query)}" if query else "")


@cache
def environment() -> Environment:
    """The templates: they escape what they are given, and a name that the data lacks is an error."""
    made = Environment(
        loader=PackageLoader("crossdock.ui"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(amount=amount, moment=moment, portion=portion, size=size, span=span, shown=shown)
    made.globals["link"] = link
    return made
