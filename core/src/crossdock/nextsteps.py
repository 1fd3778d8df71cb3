"""What to do next in a project, told from its files and its ledger alone: no platform is asked."""

from crossdock.errors import RefusedError
from crossdock.ledger import LOADING_KINDS
from crossdock.mappingfile.confirmation import read
from crossdock.migration import Migration
from crossdock.report import report_of

CONFIRM = "crossdock map confirm --by NAME"


def next_steps(migration: Migration) -> list[str]:
    """The next commands, or what to decide, one sentence each; [] if nothing is left to do."""
    if migration.ledger.purges.newest() is not None:
        return []
    if before := _before_a_run(migration):
        return before
    runs = migration.ledger.runs.all()
    loading = [run for run in runs if run.kind in (*LOADING_KINDS, "reconcile")]
    if not loading:
        return ["crossdock run --dry-run", "crossdock run"]
    found = report_of(migration.ledger, migration.staging, loading[-1], migration.queues)
    steps: list[str] = found["next"]
    return steps


def _before_a_run(migration: Migration) -> list[str]:
    """What is open about the mapping."""
    mapping, copy = migration.project.mapping, migration.confirmed_mapping
    if not mapping.exists():
        return ["crossdock discover", "crossdock map propose"]
    try:
        confirmed = read(migration.confirmation_file)
    except RefusedError:
        confirmed = None
    if confirmed is None:
        return ["crossdock map check", CONFIRM]
    if copy.exists() and copy.read_bytes() != mapping.read_bytes():
        return ["crossdock map diff: the mapping changed since it was confirmed", CONFIRM]
    return []
