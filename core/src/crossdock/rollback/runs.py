"""Which runs a rollback undoes, and in which order."""

from crossdock.automations.decisions import active_automations
from crossdock.automations.pausing import pause, paused_runs, switch_on
from crossdock.errors import ConfigError
from crossdock.ledger import Ledger, Run, RunState
from crossdock.migration import Migration
from crossdock.rollback.undo import Rollback, RollbackResult

_UNDOABLE = ("run", "sample", "delta", "provision")
_BY_HAND = ("files", "exports")


def find_run(ledger: Ledger, run_id: str | None) -> Run:
    """The run of that id, or the newest. Raises ConfigError if there is none."""
    runs = ledger.runs.all()
    if run_id is None and runs:
        return runs[-1]
    for run in runs:
        if run.id == run_id:
            return run
    if run_id is None:
        raise ConfigError("nothing was run yet.", hint="Begin with `crossdock discover`.")
    known = ", ".join(run.id for run in runs) or "none"
    raise ConfigError(f"there is no run {run_id}.", hint=f"Runs: {known}.")


def undo_runs(
    migration: Migration, run_id: str | None, *, dry_run: bool, force: bool, with_later: bool
) -> list[tuple[Run, RollbackResult]]:
    """Undo a run, and with `with_later` those after it first. Raises ConfigError, RefusedError.

    Automations of the destination are paused meanwhile, as the mapping says.
    """
    ledger = migration.ledger
    run = find_run(ledger, run_id) if run_id else _newest_undoable(ledger)
    if run.kind in _BY_HAND:
        raise ConfigError(
            f"run {run.id} wrote nothing to the destination: files are imported, and undone, by people.",
            hint="Each imported record carries the external id of this project: delete what has it.",
        )
    rollback = Rollback(
        ledger,
        migration.destination,
        migration.destination_catalog,
        on_progress=lambda done: migration.progress(f"rollback {run.id}", done, None),
    )
    later = rollback.later_runs(run)
    if not dry_run and (with_later or not later):
        _pause(migration, run)
    undone = [*reversed(later), run] if with_later else [run]
    before = undone if dry_run else []
    results = [(each, rollback.undo(each, dry_run=dry_run, force=force, after=before)) for each in undone]
    if not dry_run:
        left_over = paused_runs(ledger, run.destination, besides_running=True)
        results[-1][1].switched_on += switch_on(ledger, migration.destination, left_over).on
    return results


def _pause(migration: Migration, run: Run) -> None:
    """Taking records away sets automations off as well as writing them."""
    catalog = migration.destination_catalog
    if active_automations(catalog):
        pause(migration.ledger, run, migration.destination, catalog, migration.automation_decisions())


def _newest_undoable(ledger: Ledger) -> Run:
    runs = [r for r in ledger.runs.all() if r.kind in _UNDOABLE and r.state is not RunState.ROLLED_BACK]
    if not runs:
        raise ConfigError("there is nothing to roll back.", hint="See `crossdock status`.")
    return runs[-1]
