"""What was provisioned: planned before it is made, so that a killed process still knows what is its own."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Engine, Row, select, update

from crossdock.database import now, transaction
from crossdock.ledger import tables
from crossdock.ledger.records import Run
from crossdock.model import Change, ChangeKind

PLANNED, MADE, UNDONE, KEPT = "planned", "made", "undone", "kept"
_OPEN = (PLANNED, MADE)
_change = tables.change


class Changes:
    """Schema changes and paused automations of all runs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def plan(self, run: Run, changes: Sequence[Change]) -> None:
        """Note what is about to be made. A change that was planned before keeps its line."""
        with transaction(self._engine) as db:
            known = set(
                db.execute(
                    select(_change.c.key).where(_change.c.run == run.n, _change.c.state.in_(_OPEN))
                ).scalars()
            )
            rows = [_row(run, change) for change in changes if change.key not in known]
            if rows:
                db.execute(_change.insert(), rows)

    def arrived(self, run: Run, missing: Collection[str]) -> None:
        """Note that what an earlier start had planned is there, but for the keys that are still missing: the
        process died after it had made it. What nobody wants any more counts as made too, as it may have been.
        """
        mine = (_change.c.run == run.n, _change.c.state == PLANNED, _change.c.kind != ChangeKind.PAUSE)
        with transaction(self._engine) as db:
            known = set(db.execute(select(_change.c.key).where(*mine)).scalars()) - {*missing}
            for key in known:
                db.execute(update(_change).where(*mine, _change.c.key == key).values(state=MADE))

    def made(self, run: Run, change: Change) -> None:
        """Note that a change was made; one that was not planned gets its line now, to be undone too.

        How a pause is undone stays as it was planned: what is half off already shows less of it.
        """
        values: dict[str, Any] = {"state": MADE, "at": now()}
        if change.kind is not ChangeKind.PAUSE:
            values["undo"] = json.dumps(dict(change.undo))
        with transaction(self._engine) as db:
            planned = db.execute(
                update(_change)
                .where(_change.c.run == run.n, _change.c.key == change.key, _change.c.state.in_(_OPEN))
                .values(**values)
            )
            if not planned.rowcount:
                db.execute(_change.insert().values(_row(run, change) | {"state": MADE}))

    def to_undo(self, run: Run) -> list[Change]:
        """Changes of a run that were made or may have been made, newest first."""
        query = (
            select(_change)
            .where(_change.c.run == run.n, _change.c.state.in_(_OPEN))
            .order_by(_change.c.n.desc())
        )
        with transaction(self._engine) as db:
            return [_as_change(row) for row in db.execute(query)]

    def undone(self, run: Run, change: Change, note: str = "") -> None:
        """Note that a change is gone again; `note` says what was found instead of it."""
        values = {"state": UNDONE} | ({"reason": note} if note else {})
        with transaction(self._engine) as db:
            db.execute(
                update(_change)
                .where(_change.c.run == run.n, _change.c.key == change.key, _change.c.state.in_(_OPEN))
                .values(**values)
            )

    def keep(self, run: Run, kept: Sequence[Change]) -> None:
        """Note automations that stay on by decision, each once."""
        lines = {change.key: state for change, state in self.of_run(run)}
        rows = [_row(run, change) | {"state": KEPT} for change in kept if lines.get(change.key) != KEPT]
        if rows:
            with transaction(self._engine) as db:
                db.execute(_change.insert(), rows)

    def paused(self, run: Run) -> list[tuple[Change, str]]:
        """Automations that the run switched off, or was about to, with the state; in their order."""
        lines = self.of_run(run)
        return [(c, state) for c, state in lines if c.kind is ChangeKind.PAUSE and state in _OPEN]

    def of_run(self, run: Run) -> list[tuple[Change, str]]:
        """All changes of a run with their state, in the order they were planned."""
        query = select(_change).where(_change.c.run == run.n).order_by(_change.c.n)
        with transaction(self._engine) as db:
            return [(_as_change(row), row.state) for row in db.execute(query)]

    def schema_of(self, run: Run) -> list[tuple[Change, str]]:
        """The same without automations."""
        return [(c, state) for c, state in self.of_run(run) if c.kind is not ChangeKind.PAUSE]


def _row(run: Run, change: Change) -> dict[str, Any]:
    return {
        "run": run.n,
        "key": change.key,
        "kind": change.kind,
        "object": change.object_name,
        "name": change.name,
        "label": change.label,
        "reason": change.reason,
        "undo": json.dumps(dict(change.undo)),
        "state": PLANNED,
        "at": now(),
    }


def _as_change(row: Row[Any]) -> Change:
    return Change(
        ChangeKind(row.kind), row.key, row.object, row.name, row.label, row.reason, json.loads(row.undo)
    )
