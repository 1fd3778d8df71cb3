"""The first stage of a run: every mapped object of every tenant, read into staging, with its mark kept."""

from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime

from crossdock.database import now
from crossdock.delta.marks import mark_after
from crossdock.errors import ContractError
from crossdock.ledger import Run
from crossdock.log import bound
from crossdock.migration import Migration


class Extracting:
    """Reads for one run. `since`: from when on an object of a tenant is read, None for all of it."""

    def __init__(self, migration: Migration, run: Run, since: Callable[[str, str], datetime | None]) -> None:
        self._migration = migration
        self._run = run
        self._since = since

    def read(self, objects: Iterable[str]) -> None:
        """Read these objects of every tenant that has them; goes on where it was stopped.

        Raises ContractError for a source that gives less than it counted, and what platforms raise.
        """
        names, begun = list(objects), self._begun()
        for tenant, catalog in self._migration.source_catalogs.items():
            for object_name in names:
                known = self._migration.staging.extraction(tenant, object_name)
                done = known is not None and known.complete and known.started_at >= begun
                if not done and catalog.object(object_name) is not None:
                    with bound(run=self._run.id, tenant=tenant, object=object_name):
                        self._extract(begun, tenant, object_name)
                self._keep_mark(tenant, object_name)

    def _begun(self) -> float:
        """When this run first began to read. A run may be older: that of `provision` reads nothing, and
        what others read before this one (a sample, a rehearsal, a dry run) is not what it goes by."""
        runs = self._migration.ledger.runs
        if runs.option(self._run, "reading_since") is None:
            runs.set_option(self._run, "reading_since", now())
        return float(runs.option(self._run, "reading_since"))

    def _extract(self, begun: float, tenant: str, object_name: str) -> None:
        migration, staging = self._migration, self._migration.staging
        extraction = staging.begin(tenant, object_name, self._since(tenant, object_name), not_before=begun)
        source = migration.sources[tenant]
        batches = source.extract(object_name, extraction.cursor, extraction.since, files=migration.files)
        with closing(batches):
            for batch in batches:
                staging.put(extraction, batch)
                migration.progress(f"extract {object_name}", len(batch.records), batch.total)
        staging.finish(extraction)
        ended = staging.extraction(tenant, object_name)
        if ended is not None and ended.total is not None and ended.seen < ended.total:
            raise ContractError(
                f"{object_name}: the source said {ended.total} records and gave {ended.seen}.",
                hint="Run the same command again; if it says the same, records were deleted meanwhile.",
            )

    def _keep_mark(self, tenant: str, object_name: str) -> None:
        """Keep in the ledger how far the source is read, once the pass is complete."""
        marks, staging = self._migration.ledger.marks, self._migration.staging
        extraction = staging.extraction(tenant, object_name)
        if extraction is not None and (tenant, object_name) not in marks.of_run(self._run):
            known = marks.latest(before=self._run).get((tenant, object_name))
            marks.put(self._run, mark_after(known, extraction, staging.clock(tenant, object_name)))
