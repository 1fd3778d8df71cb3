"""The scope document as a page: the tables that its template shows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossdock.documents.figures import amount, size
from crossdock.documents.filing import file_page, file_pdf
from crossdock.scoping.risks import records_in


def write_scope_page(folder: Path, scope: Mapping[str, Any]) -> list[Path]:
    """Write `scope.html` and `scope.pdf`; gives their paths. Raises StorageError, ConfigError without the
    extra `reports`."""
    page = file_page(folder / "scope.html", "scope.html", _page_data(scope))
    return [page, file_pdf(page)]


def _page_data(scope: Mapping[str, Any]) -> dict[str, Any]:
    """The scope and the tables of its page."""
    grade = scope["assessment"]
    sizes = [volume["bytes"] for volume in scope["files"]]
    work = [(row["label"], row["hours"], row["basis"]) for row in grade["work"]]
    return {
        "scope": scope,
        "records": sum(records_in(item) or 0 for side in scope["sources"] for item in side["objects"]),
        "objects": sum(len(side["objects"]) for side in scope["sources"]),
        "bytes": sum(sizes) if sizes and None not in sizes else None,
        "links": sum(volume["links"] for volume in scope["files"]),
        "risks": [(risk["figure"], risk["text"]) for risk in scope["risks"]],
        "bars": {
            side["tenant"]: [(item["label"] or item["name"], records_in(item)) for item in side["objects"]]
            for side in scope["sources"]
        },
        "fullness": {
            side["tenant"]: [row for item in side["objects"] if (row := _fullness(item)) is not None]
            for side in scope["sources"]
        },
        "file_rows": [
            (v["tenant"], v["links"], v["measured"], size(v["bytes"]), _measured(v)) for v in scope["files"]
        ],
        "part_grades": [(part["grade"], part["name"], part["why"], _points(part)) for part in grade["parts"]],
        "figures": {
            part["name"]: [
                (row["label"], row["value"], _bounds(row), row["weight"], row["points"])
                for row in part["figures"]
            ]
            for part in grade["parts"]
        },
        "price": [
            (line["what"], line["how"], line["amount"]) for line in (scope["price"] or {}).get("lines", ())
        ],
        "work": [*work, ("all", grade["people_hours"], "")],
    }


def _fullness(item: Mapping[str, Any]) -> tuple[str, float] | None:
    """An object and the part of all values of all its fields that is filled; None where nothing was read."""
    profile = item["profile"]
    shares = [row["share"] for row in profile["filled"] if row["share"] is not None] if profile else []
    return (item["label"] or item["name"], sum(shares) / len(shares)) if shares else None


def _points(part: Mapping[str, Any]) -> str:
    return f"{part['points']} of {part['most_points']}"


def _bounds(row: Mapping[str, Any]) -> str:
    return ", ".join(str(amount(bound)) for bound in row["bounds"])


def _measured(volume: Mapping[str, Any]) -> str:
    if volume["whole"]:
        return "all contents were read once and counted"
    return f"estimated from the {volume['measured']} that were read"
