"""Where a delta begins, and what it needs before it may.

The high-water mark of an object is the earlier of two times of the source's own: when it first answered in
the last complete pass, and the latest change that it has shown. The first keeps what changed while the pass
went on for the next delta; the second does the same where the clock that stamps records is behind the one
that answers. Where a source does not say when it answered, the start of the pass by the clock of this
machine takes that place; it can only move the mark back, never on.

A delta reads from `options.delta_overlap_hours` before the mark: a day, if nothing else is said. That covers
a clock that was set back or a zone that was wrong (at most 14 hours), and transactions that were still open.
A record that is read twice costs a comparison, one that is never read is lost.

An object whose list cannot be asked for changes (`ObjectSchema.snapshot`, a source without CHANGED_SINCE),
or of which no mark is known, is read as a whole, and its records are compared by the hash of their content.
"""

from datetime import UTC, datetime, timedelta

from crossdock.capabilities import Capability
from crossdock.errors import ConfigError
from crossdock.ledger import READING_KINDS, Ledger, Mark, Run, RunState
from crossdock.model import Catalog
from crossdock.staging import Extraction, SourceClock

KIND = "delta"


def require_loaded(ledger: Ledger) -> None:
    """Raises ConfigError unless a whole run was finished at this destination, and none is on its way."""
    runs = [run for run in ledger.runs.all() if run.kind == "run"]
    unfinished = [run for run in runs if run.state is RunState.RUNNING]
    if unfinished:
        raise ConfigError(
            f"a delta goes on from a finished run, and run {unfinished[-1].id} has not ended.",
            hint="Finish it: crossdock run",
        )
    if not any(run.state is RunState.DONE for run in runs):
        raise ConfigError(
            "a delta goes on from a finished run, and there is none here.", hint="Run `crossdock run` first."
        )


def previous(ledger: Ledger, run: Run) -> Run | None:
    """The newest finished run before this one after which the source was read up to its mark."""
    runs = [r for r in ledger.runs.all() if r.n < run.n and r.kind in READING_KINDS]
    return next((r for r in reversed(runs) if r.state is RunState.DONE), None)


def since(mark: Mark | None, catalog: Catalog, object_name: str, overlap_hours: float) -> datetime | None:
    """From when on an object is read, None for all of it."""
    schema = catalog.object(object_name)
    asks = catalog.capabilities.can(Capability.CHANGED_SINCE) and schema is not None and not schema.snapshot
    if not asks or mark is None or mark.until is None:
        return None
    return mark.until - timedelta(hours=overlap_hours)


def mark_after(known: Mark | None, extraction: Extraction, clock: SourceClock) -> Mark:
    """The mark after a complete pass over an object; none if the source counted more than it gave."""
    shown = [time for time in (known.until if known else None, clock.latest) if time is not None]
    whole = extraction.total is None or extraction.seen >= extraction.total
    began = clock.read_at or datetime.fromtimestamp(extraction.started_at, UTC)
    return Mark(
        extraction.tenant,
        extraction.object_name,
        extraction.pass_no,
        extraction.since,
        min(began, max(shown)) if shown and whole else None,
        extraction.seen,
    )
