"""Findings of a reconciliation, kept with the run that made them."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine, case, func, select

from crossdock.database import transaction
from crossdock.ledger import tables
from crossdock.ledger.records import PhaseRecord, Run
from crossdock.model import Finding, FindingKind, Origin
from crossdock.normalisations import GAVE_WAY
from crossdock.serial import dump_value

_finding = tables.finding


class Findings:
    """Writes and counts findings."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, run: Run, findings: Iterable[Finding], phase: PhaseRecord | None = None) -> None:
        """Keep findings. Values are cut at 2,000 characters: they are shown, not restored from."""
        rows = [
            {
                "run": run.n,
                "phase": phase.n if phase else None,
                "kind": finding.kind,
                "object": finding.object_name,
                "target_id": finding.target_id,
                "origin": _origin_text(finding.origin),
                "field": finding.field_name,
                "expected": _shown(finding.expected),
                "actual": _shown(finding.actual),
                "note": finding.note,
            }
            for finding in findings
        ]
        if rows:
            with transaction(self._engine) as db:
                db.execute(_finding.insert(), rows)

    def clear(self, run: Run, phase: PhaseRecord | None = None, kind: FindingKind | None = None) -> None:
        """Forget the findings (of a phase, of one kind) of a comparison, before it starts over."""
        query = _finding.delete().where(_finding.c.run == run.n)
        if kind is not None:
            query = query.where(_finding.c.kind == kind)
        if phase is not None:
            query = query.where(_finding.c.phase == phase.n)
        with transaction(self._engine) as db:
            db.execute(query)

    def count(self, run: Run) -> dict[tuple[str, FindingKind], int]:
        """Findings by target object and kind."""
        query = (
            select(_finding.c.object, _finding.c.kind, func.count())
            .where(_finding.c.run == run.n)
            .group_by(_finding.c.object, _finding.c.kind)
        )
        with transaction(self._engine) as db:  # sorted here: each database has an order of its own
            rows = sorted(tuple(row) for row in db.execute(query))
        return {(name, FindingKind(kind)): int(count) for name, kind, count in rows}

    def origins(self, run: Run, kinds: Iterable[FindingKind]) -> set[Origin]:
        """The source records (and parts) that have a finding of one of these kinds."""
        query = select(_finding.c.origin).where(_finding.c.run == run.n, _finding.c.kind.in_(list(kinds)))
        with transaction(self._engine) as db:
            texts = set(db.execute(query).scalars())
        return {origin for text in texts if (origin := _origin_of(text)) is not None}

    def normalised(self, run: Run) -> dict[tuple[str, str, str], int]:
        """How often a value was normalised, by target object, field and rule."""
        columns = (_finding.c.object, _finding.c.field, _finding.c.note)
        wanted = (_finding.c.run == run.n, _finding.c.kind == FindingKind.NORMALISED)
        query = select(*columns, func.count()).where(*wanted).group_by(*columns)
        with transaction(self._engine) as db:
            rows = sorted(tuple(row) for row in db.execute(query))
        return {(name, field, note): int(count) for name, field, note, count in rows}

    def of_run(self, run: Run, limit: int | None = None) -> list[Finding]:
        """Findings as they were made, values that gave way and normalised ones last; values as text."""
        harmless = case(
            (_finding.c.note == GAVE_WAY, 1), (_finding.c.kind == FindingKind.NORMALISED, 2), else_=0
        )
        query = select(_finding).where(_finding.c.run == run.n).order_by(harmless, _finding.c.n).limit(limit)
        with transaction(self._engine) as db:
            rows = db.execute(query).all()
        return [
            Finding(
                FindingKind(row.kind),
                row.object,
                row.target_id,
                _origin_of(row.origin),
                row.field,
                row.expected,
                row.actual,
                row.note,
            )
            for row in rows
        ]


def _origin_text(origin: Origin | None) -> str:
    return "" if origin is None else json.dumps([origin.tenant, origin.object_name, origin.key, origin.part])


def _origin_of(text: str) -> Origin | None:
    return Origin(*json.loads(text)) if text else None


def _shown(value: Any) -> str:
    if value is None:
        return ""
    dumped = dump_value(value)
    text = dumped if isinstance(dumped, str) else json.dumps(dumped, ensure_ascii=False, default=str)
    return text[:2000]
