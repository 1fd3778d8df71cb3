"""The scope document: what both sides hold, for a person to read before anything is planned."""

from pathlib import Path
from typing import Any

import orjson

from crossdock.errors import StorageError
from crossdock.migration import Migration
from crossdock.model import Catalog


def scope_of(migration: Migration) -> dict[str, Any]:
    """Both catalogs as plain data."""
    return {
        "project": migration.project.id,
        "sources": [{"tenant": t, **_side(c)} for t, c in migration.source_catalogs.items()],
        "destination": _side(migration.destination_catalog),
    }


def write_scope(folder: Path, scope: dict[str, Any]) -> Path:
    """Write `scope.json`; gives its path. Raises StorageError."""
    path = folder / "scope.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(scope, option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}.") from error
    return path


def _side(catalog: Catalog) -> dict[str, Any]:
    return {
        "platform": catalog.platform,
        "identity": catalog.identity,
        "version": catalog.version,
        "objects": [
            {"name": o.name, "label": o.label, "count": o.count, "fields": len(o.fields), "custom": o.custom}
            for o in catalog.objects
        ],
        "artifacts": [
            {
                "kind": report.kind,
                "summary": report.summary(),
                "found": [{"name": a.name, "active": a.active} for a in report.found],
            }
            for report in catalog.artifacts
        ],
        "capabilities": catalog.capabilities.as_dict(),
        "limits": {
            "scope": catalog.limits.scope,
            "calls_per_minute": catalog.limits.calls_per_minute,
            "batch_size": catalog.limits.batch_size,
            "page_size": catalog.limits.page_size,
        },
        "notes": list(catalog.notes),
    }
