"""Runs and their phases in the ledger."""

import json
import os
import secrets
import socket
import time
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, func, select, update

from crossdock.database import now, transaction
from crossdock.errors import RefusedError
from crossdock.ledger import tables
from crossdock.ledger.marks import LOADING_KINDS
from crossdock.ledger.records import PhaseRecord, PhaseState, Run, RunState, Unchanged

_GOING_ON: Final = {
    "run": "run",
    "sample": "run --sample N",
    "delta": "run --delta",
    "retry": "run --retry-failed",
}
"""The command that goes on with a run of each kind."""


def worker_name() -> str:
    """Who writes: host and process, so that several machines can be told apart later."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Runs:
    """Starts, resumes and ends runs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def start(self, kind: str, destination: str, options: Mapping[str, Any] | None = None) -> Run:
        """A new run; its id sorts by time and is short enough to type."""
        with transaction(self._engine) as db:
            run_id = _free_id(db)
            db.execute(
                tables.run.insert().values(
                    id=run_id,
                    kind=kind,
                    destination=destination,
                    worker=worker_name(),
                    state=RunState.RUNNING,
                    options=json.dumps(dict(options or {}), sort_keys=True),
                    started_at=now(),
                )
            )
            row = db.execute(select(tables.run).where(tables.run.c.id == run_id)).one()
        return _run(row)

    def unfinished(self, kind: str) -> Run | None:
        """The newest run of that kind that was not ended, to be resumed."""
        query = (
            select(tables.run)
            .where(tables.run.c.kind == kind, tables.run.c.state == RunState.RUNNING)
            .order_by(tables.run.c.n.desc())
            .limit(1)
        )
        with transaction(self._engine) as db:
            row = db.execute(query).one_or_none()
        return None if row is None else _run(row)

    def require_ended(self, *, besides: str) -> None:
        """Raise RefusedError if a loading run of another kind has not ended: what it left in doubt is settled
        by going on with it."""
        for kind in LOADING_KINDS:
            if kind != besides and (run := self.unfinished(kind)) is not None:
                raise RefusedError(
                    f"run {run.id} ({kind}) has not ended, and what it left in doubt is not settled.",
                    hint=f"Go on with it: crossdock {_GOING_ON[kind]}; or undo it: crossdock rollback"
                    f" --run {run.id}",
                )

    def all(self) -> list[Run]:
        """Every run, oldest first."""
        with transaction(self._engine) as db:
            return [_run(row) for row in db.execute(select(tables.run).order_by(tables.run.c.n))]

    def end(self, run: Run, state: RunState = RunState.DONE) -> None:
        """Mark a run as ended; one that had ended keeps its time when it is rolled back."""
        finished_at = func.coalesce(tables.run.c.finished_at, now())
        with transaction(self._engine) as db:
            db.execute(
                update(tables.run).where(tables.run.c.n == run.n).values(state=state, finished_at=finished_at)
            )

    def option(self, run: Run, name: str) -> Any:
        """An option of a run as the ledger has it now, None if it has none of that name."""
        with transaction(self._engine) as db:
            text = db.execute(select(tables.run.c.options).where(tables.run.c.n == run.n)).scalar_one()
        return json.loads(text).get(name)

    def set_option(self, run: Run, name: str, value: Any) -> None:
        """Keep something with a run, for those who resume it or look at it later."""
        with transaction(self._engine) as db:
            mine = tables.run.c.n == run.n
            options = json.loads(db.execute(select(tables.run.c.options).where(mine)).scalar_one())
            text = json.dumps({**options, name: value}, sort_keys=True)
            db.execute(update(tables.run).where(mine).values(options=text))

    def phase(
        self, run: Run, tenant: str, name: str, ordinal: int, source_object: str, target_object: str
    ) -> PhaseRecord:
        """The phase of that name in a run; made at its first use."""
        where = (tables.phase.c.run == run.n, tables.phase.c.tenant == tenant, tables.phase.c.name == name)
        with transaction(self._engine) as db:
            row = db.execute(select(tables.phase).where(*where)).one_or_none()
            if row is None:
                db.execute(
                    tables.phase.insert().values(
                        run=run.n,
                        tenant=tenant,
                        name=name,
                        source_object=source_object,
                        target_object=target_object,
                        ordinal=ordinal,
                        state=PhaseState.LOADING,
                        position=0,
                        started_at=now(),
                    )
                )
                row = db.execute(select(tables.phase).where(*where)).one()
        return _phase(row)

    def phases(self, run: Run) -> list[PhaseRecord]:
        """The phases of a run that were begun, in their order."""
        query = select(tables.phase).where(tables.phase.c.run == run.n).order_by(tables.phase.c.ordinal)
        with transaction(self._engine) as db:
            return [_phase(row) for row in db.execute(query)]

    def set_phase_state(self, phase: PhaseRecord, state: PhaseState) -> None:
        """Move a phase on; a settled phase gets its end time."""
        values: dict[str, Any] = {"state": state}
        if state is PhaseState.SETTLED:
            values["finished_at"] = now()
        with transaction(self._engine) as db:
            db.execute(update(tables.phase).where(tables.phase.c.n == phase.n).values(**values))


def _free_id(db: Connection) -> str:
    """The time to the second and something by chance, which alone would be the same twice now and then: a run
    into files and the run within it, for instance, begin in one second."""
    while True:
        run_id = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now())) + "-" + secrets.token_hex(2)
        if db.execute(select(tables.run.c.n).where(tables.run.c.id == run_id)).first() is None:
            return run_id


def _run(row: Row[Any]) -> Run:
    return Run(
        row.n,
        row.id,
        row.kind,
        row.destination,
        RunState(row.state),
        json.loads(row.options),
        row.started_at,
        row.finished_at,
    )


def _phase(row: Row[Any]) -> PhaseRecord:
    return PhaseRecord(
        row.n,
        row.run,
        row.tenant,
        row.name,
        row.ordinal,
        PhaseState(row.state),
        row.position,
        Unchanged(row.unchanged_records, row.unchanged_targets),
        row.started_at,
        row.finished_at,
        row.source_object,
        row.target_object,
    )
