"""Findings as a person looks through them: filtered and a page at a time, so that thousands are no burden."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, or_, select

from crossdock.database import transaction
from crossdock.ledger import tables
from crossdock.ledger.findings import Findings
from crossdock.ledger.records import Run
from crossdock.model import Finding, FindingKind, Origin
from crossdock.normalisations import GAVE_WAY

_finding = tables.finding


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings: of these kinds (none: all), of this target object, with this text in a value or key."""

    kinds: Sequence[str] = ()
    object_name: str = ""
    text: str = ""


def look_through(
    findings: Findings, run: Run, wanted: FindingFilter, *, offset: int = 0, limit: int = 50
) -> tuple[list[Finding], int]:
    """A page of a run's findings as `Findings.of_run` orders them, values as text; and how many there are."""
    mine = [_finding.c.run == run.n]
    if wanted.kinds:
        mine.append(_finding.c.kind.in_(list(wanted.kinds)))
    if wanted.object_name:
        mine.append(_finding.c.object == wanted.object_name)
    if wanted.text:
        columns = ("target_id", "origin", "field", "expected", "actual", "note")
        mine.append(or_(*(_finding.c[name].icontains(wanted.text, autoescape=True) for name in columns)))
    harmless = case((_finding.c.note == GAVE_WAY, 1), (_finding.c.kind == FindingKind.NORMALISED, 2), else_=0)
    query = select(_finding).where(*mine).order_by(harmless, _finding.c.n).offset(offset).limit(limit)
    with transaction(findings._engine) as db:
        total = db.execute(select(func.count()).select_from(_finding).where(*mine)).scalar_one()
        rows = db.execute(query).all()
    return [_of(row) for row in rows], int(total)


def _of(row: Any) -> Finding:
    origin = Origin(*json.loads(row.origin)) if row.origin else None
    said = (row.field, row.expected, row.actual, row.note)
    return Finding(FindingKind(row.kind), row.object, row.target_id, origin, *said)
