"""The first stage of a run: every mapped object of every tenant, read into staging, with its mark kept."""

from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from itertools import product
from typing import Final

from crossdock.delta.marks import mark_after
from crossdock.errors import ContractError, CursorLostError
from crossdock.ledger import Run
from crossdock.log import bound, get_logger
from crossdock.migration import Migration
from crossdock.staging import Extraction

_log = get_logger(__name__)
_READ_AFTER: Final = "read_after"
"""The option of a run that says which passes were there before it."""


class Extracting:
    """Reads for one run. `since`: from when on an object of a tenant is read, None for all of it."""

    def __init__(self, migration: Migration, run: Run, since: Callable[[str, str], datetime | None]) -> None:
        self._migration = migration
        self._run = run
        self._since = since

    def read(self, objects: Iterable[str]) -> None:
        """Read these objects of every tenant that has them; goes on where it was stopped.

        Raises ContractError for a source that twice gives less than it counted, and what platforms raise.
        """
        names = list(objects)
        begun = self._begun(names)
        for tenant, catalog in self._migration.source_catalogs.items():
            for object_name in names:
                known = self._migration.staging.extraction(tenant, object_name)
                before = begun[tenant][object_name]
                done = known is not None and known.complete and known.pass_no > before
                if not done and catalog.object(object_name) is not None:
                    with bound(run=self._run.id, tenant=tenant, object=object_name):
                        self._extract(before, tenant, object_name)
                self._keep_mark(tenant, object_name)

    def _begun(self, names: Iterable[str]) -> dict[str, dict[str, int]]:
        """By tenant and object, the number of the last pass before this run began to read.

        A run may be older: that of `provision` reads nothing, and what others read before this one (a
        sample, a rehearsal, a dry run) is not what it goes by. Passes are counted, as a clock may be set
        back between two of them.
        """
        runs, staging = self._migration.ledger.runs, self._migration.staging
        known = runs.option(self._run, _READ_AFTER) or {}
        begun: dict[str, dict[str, int]] = {tenant: dict(passes) for tenant, passes in known.items()}
        for tenant, name in product(self._migration.source_catalogs, names):
            passes, found = begun.setdefault(tenant, {}), staging.extraction(tenant, name)
            if found is None:
                passes[name] = 0  # staging may be thrown away at any time, and counts from one again
            elif name not in passes:
                passes[name] = found.pass_no - self._is_own(found)
        if begun != known:
            runs.set_option(self._run, _READ_AFTER, begun)
        return begun

    def _is_own(self, found: Extraction) -> bool:
        """Whether a pass is of this run, if an earlier version began it, which went by the clock."""
        since = self._migration.ledger.runs.option(self._run, "reading_since")
        return since is not None and found.started_at >= float(since)

    def _extract(self, before: int, tenant: str, object_name: str) -> None:
        """Read an object; once more from its start if it moved under way: what was replaced while it was
        read, and what came out short, for a list that moves up may have passed over a record."""
        staging, since = self._migration.staging, self._since(tenant, object_name)
        extraction = staging.begin(tenant, object_name, since, after_pass=before)
        try:
            moved = self._read(extraction)
        except CursorLostError as error:
            moved = f"{object_name}: {error.message}"
        if moved:
            _log.warning("read from its start", because=moved)
            # Another pass, so that what the first one alone saw is not taken for seen.
            extraction = staging.begin(tenant, object_name, since, after_pass=extraction.pass_no)
            try:
                moved = self._read(extraction)
            except CursorLostError as error:
                raise ContractError(f"{object_name}: {error.message}", hint="Run it again.") from error
        staging.finish(extraction)
        if moved:
            raise ContractError(
                moved, hint="Run it again: it goes on with what was given, and reconcile tells the rest."
            )

    def _read(self, extraction: Extraction) -> str:
        """Read to the end; say what a list that moved under way left out, "" if it left out nothing."""
        migration, name = self._migration, extraction.object_name
        source = migration.sources[extraction.tenant]
        batches = source.extract(name, extraction.cursor, extraction.since, files=migration.files)
        with closing(batches):
            for batch in batches:
                migration.staging.put(extraction, batch)
                migration.progress(f"extract {name}", len(batch.records), batch.total)
        ended = migration.staging.extraction(extraction.tenant, name)
        if ended is None or ended.total is None or ended.seen >= ended.total:
            return ""
        return f"{name}: the source said {ended.total} records and gave {ended.seen}."

    def _keep_mark(self, tenant: str, object_name: str) -> None:
        """Keep in the ledger how far the source is read, once the pass is complete."""
        marks, staging = self._migration.ledger.marks, self._migration.staging
        extraction = staging.extraction(tenant, object_name)
        if extraction is not None and (tenant, object_name) not in marks.of_run(self._run):
            known = marks.latest(before=self._run).get((tenant, object_name))
            marks.put(self._run, mark_after(known, extraction, staging.clock(tenant, object_name)))
