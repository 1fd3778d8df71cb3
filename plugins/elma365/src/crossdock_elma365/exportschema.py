"""Applications as configuration exports (`.e365`) describe them: fields, options, links, statuses.

An application is an entity of the service `appViews`, with the same field objects as the Web API gives and
its statuses under `settings.status.items` (seen in an unpacked export of the vendor's own solution).
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from crossdock_elma365.package import Package
from crossdock_elma365.schema import Application, application
from crossdock_elma365.signatures import with_signatures

Json = Mapping[str, Any]

_SERVICE = "appViews"


def exported_applications(paths: Iterable[Path]) -> dict[str, Application]:
    """The applications of some exports by `namespace.code`; the first export that has one wins.

    Raises ConfigError for a file that is no export.
    """
    found: dict[str, Application] = {}
    for path in paths:
        with Package.open(path) as package:
            for app in _applications(package):
                found.setdefault(app.name, app)
    return found


def _applications(package: Package) -> Iterator[Application]:
    for row, entity in package.entities(_SERVICE):
        whole = {
            "namespace": row.get("namespace"),
            "code": row.get("code"),
            "name": row.get("name"),
            **entity,
        }
        if isinstance(whole.get("fields"), list) and whole["namespace"] and whole["code"]:
            yield with_signatures(application(whole, list(_statuses(entity))))


def _statuses(entity: Json) -> Iterator[Json]:
    settings = entity.get("settings")
    status = settings.get("status") if isinstance(settings, Mapping) else None
    if isinstance(status, Mapping) and status.get("enabled") is not False:
        for item in status.get("items") or ():
            if isinstance(item, Mapping) and item.get("id") is not None and item.get("code"):
                yield item
