"""Which runs a rollback undoes, what of them, and in which order."""

from collections.abc import Sequence

from crossdock.automations.decisions import active_automations
from crossdock.automations.pausing import pause, paused_runs, switch_on
from crossdock.errors import ConfigError
from crossdock.ledger import LOADING_KINDS, Among, Ledger, Run, RunState
from crossdock.migration import Migration
from crossdock.rollback.builtupon import BuiltUpon
from crossdock.rollback.scope import among
from crossdock.rollback.undo import Rollback, RollbackResult

_UNDOABLE = (*LOADING_KINDS, "provision")
_BY_HAND = ("files", "exports")
_UNTOLD = "rollback_untold"
"""The option of a run that is being rolled back, until somebody was told what came of it."""


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
    migration: Migration,
    run_id: str | None,
    *,
    dry_run: bool,
    force: bool,
    with_later: bool,
    objects: Sequence[str] = (),
    records: Sequence[str] = (),
) -> list[tuple[Run, RollbackResult]]:
    """Undo a run, or these objects and records of it, and with `with_later` what built upon it first.

    Raises ConfigError for names that nothing is known of, RefusedError. Automations of the destination are
    paused meanwhile, as the mapping says.
    """
    if not dry_run:
        migration.hold()
    ledger = migration.ledger
    ledger.purges.require_none()
    some, rollback = among(ledger, objects, records), _rollback(migration)
    run = find_run(ledger, run_id) if run_id else _newest(rollback, ledger, some, again=not dry_run)
    if run.kind in _BY_HAND:
        raise ConfigError(
            f"run {run.id} wrote nothing to the destination: files are imported, and undone, by people.",
            hint="Each imported record carries the external id of this project: delete what has it.",
        )
    if some is None:
        undone = _runs_to_undo(rollback, run, None, with_later=with_later)
    else:
        undone, some = _all_built_upon(migration, rollback, run, some, with_later=with_later)
    if not dry_run and (with_later or not rollback.later_runs(run, some)):
        _pause(migration, run)
    before = undone if dry_run else []
    if not dry_run and some is None:
        ledger.runs.set_option(run, _UNTOLD, True)
    results = [
        (each, rollback.undo(each, dry_run=dry_run, force=force, after=before, among=some)) for each in undone
    ]
    if not dry_run:
        left_over = paused_runs(ledger, run.destination, besides_running=True)
        results[-1][1].switched_on += switch_on(ledger, migration.destination, left_over).on
    return results


def _runs_to_undo(rollback: Rollback, run: Run, some: Among | None, *, with_later: bool) -> list[Run]:
    """In the order in which they are undone."""
    return [*reversed(rollback.later_runs(run, some)), run] if with_later else [run]


def _all_built_upon(
    migration: Migration, rollback: Rollback, run: Run, some: Among, *, with_later: bool
) -> tuple[list[Run], Among]:
    """The runs to undo some of, and what of them. Raises RefusedError.

    A record that joins because it refers to another may have been made by a later run, and then what refers
    to it there has to go as well: so until nothing joins any more.
    """
    built = BuiltUpon(migration.ledger, migration.destination, migration.destination_catalog)
    while True:
        undone = _runs_to_undo(rollback, run, some, with_later=with_later)
        wider = built.with_referring(undone, some, with_later=with_later)
        if wider == some:
            built.require_no_foreign(undone, some)
            return undone, some
        some = wider


def told(migration: Migration) -> None:
    """Note that what was undone has been said: a rollback that is given from now on is another one."""
    runs = migration.ledger.runs
    for run in runs.all():
        if run.options.get(_UNTOLD):
            runs.set_option(run, _UNTOLD, False)


def _rollback(migration: Migration) -> Rollback:
    return Rollback(
        migration.ledger,
        migration.destination,
        migration.destination_catalog,
        on_progress=lambda more, total: migration.progress("undo", more, total),
        on_proof=lambda more, total: migration.progress("read back", more, total),
    )


def _pause(migration: Migration, run: Run) -> None:
    """Taking records away sets automations off as well as writing them."""
    catalog = migration.destination_catalog
    if active_automations(catalog):
        pause(migration.ledger, run, migration.destination, catalog, migration.automation_decisions())


def _newest(rollback: Rollback, ledger: Ledger, some: Among | None, *, again: bool) -> Run:
    """The run that a rollback without a name is about. `again`: one that was killed when all was undone,
    before it could say so, is gone on with: the same command must not undo the run before that too."""
    untold = [r for r in ledger.runs.all() if r.options.get(_UNTOLD) and r.state is RunState.ROLLED_BACK]
    if again and some is None and untold and all(r.n < untold[-1].n for r in _undoable(ledger)):
        return untold[-1]
    return _newest_undoable(rollback, ledger, some)


def _undoable(ledger: Ledger) -> list[Run]:
    return [r for r in ledger.runs.all() if r.kind in _UNDOABLE and r.state is not RunState.ROLLED_BACK]


def _newest_undoable(rollback: Rollback, ledger: Ledger, some: Among | None) -> Run:
    """The newest run that was not rolled back; of records, the newest one that wrote to one of them."""
    runs = _undoable(ledger)
    if some is not None:
        runs = [run for run in runs if rollback.has_entries(run, some)]
    if not runs:
        raise ConfigError("there is nothing to roll back.", hint="See `crossdock status`.")
    return runs[-1]
