"""Quality codes: which are choices on which object, and what is left of them for the handoff.

A code names in `applies_to` what it is for; words that name no object of the move (receiving, invoices) are
left for the handoff.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.model import Artifact, ArtifactReport, ObjectSchema, Option
from crossdock_cetec.objects import PART, PURCHASE_ORDER, WORK_ORDER

KIND = "quality_code"
_WORDS = {
    "part": PART,
    "parts": PART,
    "part record": PART,
    "purchase order": PURCHASE_ORDER,
    "purchase orders": PURCHASE_ORDER,
    "po": PURCHASE_ORDER,
    "work order": WORK_ORDER,
    "work orders": WORK_ORDER,
    "wo": WORK_ORDER,
    "production": WORK_ORDER,
}
_FIELDS = ((PART, "quality_code", PART), (PURCHASE_ORDER, "quality_code", PURCHASE_ORDER))
_WORK = (PART, "work_order_codes")  # work orders become files of their part, so their codes stand there


class QualityCodes:
    """The rows of the table: {code, description, applies_to, active} each."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._rows = rows

    def options(self, object_name: str) -> tuple[Option, ...]:
        """The choices on an object, in the order of the table; retired codes are choices too."""
        found = (row for row in self._rows if object_name in _objects(row))
        return tuple({row["code"]: Option(row["code"], _label(row)) for row in found}.values())

    def report(self) -> ArtifactReport:
        """Every code: where it is a choice, or that it is left for people."""
        if not self._rows:
            return ArtifactReport(KIND, not_examined="no table of quality codes was given (`qualitycode`)")
        return ArtifactReport(KIND, tuple(_artifact(row) for row in self._rows))


def with_codes(schemas: Mapping[str, ObjectSchema], codes: QualityCodes) -> dict[str, ObjectSchema]:
    """The schemas with the codes of each object as its choices; text as long as no code is known."""
    found = dict(schemas)
    for name, field, source in (*_FIELDS, (*_WORK, WORK_ORDER)):
        options = codes.options(source)
        if name in found and options:
            fields = tuple(
                replace(f, type=FieldType.SELECT, options=options) if f.name == field else f
                for f in found[name].fields
            )
            found[name] = replace(found[name], fields=fields)
    return found


def _objects(row: Mapping[str, Any]) -> set[str]:
    words = str(row.get("applies_to") or "").replace(";", ",").replace("/", ",").split(",")
    return {_WORDS[word.strip().casefold()] for word in words if word.strip().casefold() in _WORDS}


def _label(row: Mapping[str, Any]) -> str:
    return f"{row['code']} - {row['description']}" if row.get("description") else str(row["code"])


def _artifact(row: Mapping[str, Any]) -> Artifact:
    objects = sorted(_objects(row))
    details = {
        "description": row.get("description"),
        "applies_to": row.get("applies_to"),
        "where": ", ".join(f"choice on {name}" for name in objects) or "nowhere: for people to decide",
    }
    return Artifact(KIND, str(row["code"]), str(row["code"]), row.get("active"), details)
