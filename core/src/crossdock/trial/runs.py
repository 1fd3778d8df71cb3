"""Runs before the whole one: a sample that is loaded, and a dry run that writes nothing."""

from typing import Any

from crossdock.ledger import Run
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.run import MigrationRun
from crossdock.trial.dryreport import dry_report
from crossdock.trial.dryrun import DryMigration
from crossdock.trial.samplediff import diff_of, write_diff


def run_sample(migration: Migration, resolved: ResolvedMapping, size: int) -> tuple[Run, dict[str, Any]]:
    """A run over a sample of that size, or the rest of one that was stopped.

    Gives the run and its difference: the counts, and under `files` where it was written. Raises what
    `run_migration` raises, ConfigError.
    """
    work = MigrationRun(migration, resolved)
    run = work.through("sample", size)
    diff = diff_of(work.contexts, migration.sources)
    files = write_diff(migration.project.reports, run.id, diff)
    work.finish(run)
    return run, {"chosen": work.chosen, **diff["counts"], "files": files}


def try_migration(migration: Migration, resolved: ResolvedMapping) -> dict[str, Any]:
    """Everything that a run does but the writes; gives the report of what would come of it."""
    with DryMigration(migration, resolved) as dry:
        work = MigrationRun(dry, resolved)
        run = work.through()
        work.finish(run)
        dry.look_at_fields(work.ids)
        return dry_report(dry, migration, resolved, run)
