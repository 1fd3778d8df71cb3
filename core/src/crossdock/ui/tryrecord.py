"""One record tried end to end: source values, steps, target values, what the destination would say."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock.migration import Migration
from crossdock.names import shown_name
from crossdock.trial.onerecord import try_record
from crossdock.ui.desk import desk_of
from crossdock.ui.page import page

_LISTED: Final = 20
_LOOKED: Final = 20_000  # staged records that a search goes through


def attempt(request: Request) -> Response:
    """Choose a record, and see what would become of it. Nothing is written."""
    desk, query = desk_of(request), request.query_params
    name, key, words = query.get("object", ""), query.get("key", ""), query.get("q", "")
    with desk.migration() as migration:
        view, _ = desk.view(migration)
        objects = {
            r.source: view.sources[r.source].label for r in view.resolved.objects if r.source in view.sources
        }
        data: dict[str, Any] = {
            "objects": objects,
            "object": name,
            "key": key,
            "q": words,
            "records": _records(migration, name, words) if name in objects and not key else [],
            "found": try_record(migration, view.resolved, name, key, query.get("tenant")) if key else None,
        }
    return page(request, "tryrecord.html", data)


def _records(migration: Migration, name: str, words: str) -> list[dict[str, str]]:
    """The first staged records whose name or key has these words in it."""
    wanted, found, looked = words.casefold().split(), [], 0
    for tenant in migration.source_catalogs:
        for page_ in migration.staging.scan(tenant, name):
            for record in (staged.record for staged in page_):
                shown = shown_name(record.values)
                text = f"{shown} {record.key}".casefold()
                if all(word in text for word in wanted):
                    found.append({"tenant": tenant, "key": record.key, "name": shown})
            looked += len(page_)
            if len(found) >= _LISTED or looked >= _LOOKED:
                return found[:_LISTED]
    return found


ROUTES = (Route("/try", attempt),)
MENU = (("/try", "Try a record"),)
