"""Purges a finished project: the values of records go, what proves the migration stays.

Order: the key of the hashes; each ledger in one transaction, after which nothing can be loaded or undone any
more; staging; files; then reports and audit logs are written again from what is left. Killed in between and
given again it goes on; given once more it finds nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import orjson

from crossdock.audit import write_audit
from crossdock.catalogfile import catalog_names
from crossdock.config import Project
from crossdock.database import copies_at, is_copy, sqlite_url
from crossdock.documents.filing import file_json
from crossdock.errors import RefusedError, StorageError
from crossdock.ledger import Held, Ledger, Purge, RunState
from crossdock.migration import Migration, Progress, silent
from crossdock.privacy.folder import Doomed, doomed, left_alone, remove, stored_files
from crossdock.privacy.phrases import phrases
from crossdock.privacy.proof import key_file, make_proof
from crossdock.privacy.scrubbing import Scrubber
from crossdock.queues import read_queues
from crossdock.report import report_of, write_report
from crossdock.staging import Staging

_SCOPE: Final = ("project", "made_at", "totals", "files", "estimate", "assessment")
_UNNAMED: Final = "ledgers, in the database, of rehearsals that crossdock.yaml no longer names"
_COUNTS: Final = ("name", "label", "count", "fields", "custom", "profile")


@dataclass
class Purging:
    """One purge of one project. A context manager that closes what it opened."""

    project: Project
    progress: Progress = silent
    _stack: ExitStack = field(default_factory=ExitStack)
    _ledgers: dict[str, Ledger] = field(default_factory=dict)

    def __enter__(self) -> "Purging":
        self._ledgers = dict(self._opened())
        return self

    def __exit__(self, *details: object) -> None:
        self._stack.close()

    def _opened(self) -> Iterator[tuple[str, Ledger]]:
        """The ledger of every destination that has one; "" is that of the destination itself."""
        project = self.project
        for name in (None, *project.destinations):
            path = project.state / (f"ledger-{name}.db" if name else "ledger.db")
            if project.database is not None or path.exists():
                migration = self._stack.enter_context(Migration(project, name))
                yield name or "", migration.ledger
        if project.database is None:  # those of destinations that the project file names no more
            for path in sorted(project.state.glob("ledger-*.db")):
                name = path.stem.removeprefix("ledger-")
                if name not in project.destinations and not is_copy(path.name):
                    ledger = Ledger(sqlite_url(path))
                    self._stack.callback(ledger.close)
                    yield name, ledger

    @property
    def done_before(self) -> Purge | None:
        """The purge that was done, or begun, already."""
        return next((p for ledger in self._ledgers.values() if (p := ledger.purges.newest())), None)

    def staged(self) -> int:
        """How many records and rejected items are staged."""
        return self._staging.held() if self._has_staging else 0

    @property
    def _has_staging(self) -> bool:
        return self.project.database is not None or self.project.staging_db.exists()

    @cached_property
    def _staging(self) -> Staging:
        return self._stack.enter_context(Migration(self.project)).staging

    def held(self) -> Mapping[str, Held]:
        """What each ledger holds, by destination."""
        return {name: ledger.purges.held() for name, ledger in self._ledgers.items()}

    def doomed(self) -> Doomed:
        """The files that go as a whole; reports are written again afterwards."""
        return doomed(self.project, self._exported(), self._old_copies())

    def left_alone(self) -> list[str]:
        """What nobody but a person can judge."""
        unnamed = [_UNNAMED] if self.project.database is not None else []
        return [*left_alone(self.project, self._exported(), self._old_copies()), *unnamed]

    def _old_copies(self) -> list[Path]:
        """Copies that were kept when databases outside of the project folder were brought up to date."""
        url, name = self.project.database_url(), self.project.id
        if url is None:
            return []
        return [path for to in (None, *self.project.destinations) for path in copies_at(url, name, to)]

    def _exported(self) -> list[Path]:
        """Folders of `run --to-files`, the usual one included."""
        folders = [self.project.directory / "import-files"]
        for ledger in self._ledgers.values():
            folders += [Path(run.options["folder"]) for run in ledger.runs.all() if run.options.get("folder")]
        return list(dict.fromkeys(folders))

    def require_finished(self) -> None:
        """Raises RefusedError while somebody still has something to do with the values."""
        if reasons := self.open_ends():
            raise RefusedError(
                "this project is not finished: " + "; ".join(reasons) + ".",
                hint="Finish it first, or give --force: what is open can then never be finished.",
            )

    def open_ends(self) -> list[str]:
        """What is not finished, one sentence each; nothing once the values are gone."""
        return [] if self.done_before else list(self._open_ends())

    def _open_ends(self) -> Iterator[str]:
        for name, ledger in self._ledgers.items():
            where = f" at {name}" if name else ""
            for run in ledger.runs.all():
                if run.state is RunState.RUNNING:
                    yield f"{run.kind} {run.id}{where} has not ended"
                elif paused := ledger.changes.paused(run):
                    yield f"{len(paused)} automations{where} are still paused by run {run.id}"
        open_lines = [line for line in read_queues(self.project.queues) if not line.decision]
        if open_lines:
            queues = ", ".join(sorted({f"queues/{line.queue}.csv" for line in open_lines}))
            yield f"{len(open_lines)} records wait in {queues}"

    def purge(self, by: str) -> Purge | None:
        """Take everything away; None if nothing was ever run.

        Raises StorageError, RefusedError while another process writes.
        """
        for ledger in self._ledgers.values():
            ledger.hold()
        if self._has_staging:
            self._staging.hold()
        proof = make_proof(key_file(self.project.state))
        staged, files = self.staged(), stored_files(self.project)
        for name, ledger in self._ledgers.items():
            ledger.purges.purge(by, staged, files, proof.hashes, self._words(ledger))
            ledger.purges.compact()
            self.progress(f"ledger {name}".strip(), 1, None)
        if self._has_staging:
            self._staging.forget()
        remove(self.doomed().paths)
        self._write_again()
        return self.done_before

    def _words(self, ledger: Ledger) -> Callable[[str], str]:
        return Scrubber(phrases(), ledger.purges.names() | catalog_names(self.project.state))

    def _write_again(self) -> None:
        """Reports and audit logs of all runs, and the counts of the scope document, without values."""
        reports = self.project.reports
        for ledger in self._ledgers.values():
            for run in ledger.runs.all():
                write_audit(reports, ledger, run)
                write_report(reports, report_of(ledger, self._staging, run, self.project.queues))
                self.progress("reports", 1, None)
        _strip_scope(reports / "scope.json")


def _strip_scope(path: Path) -> None:
    """Leave the counts, which `reconcile` compares with; names of people and of automations go."""
    try:
        scope: dict[str, Any] = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise StorageError(f"{path} cannot be read.", hint="Delete it.") from error
    kept: dict[str, Any] = {name: scope[name] for name in _SCOPE if name in scope}
    kept["sources"] = [
        {
            "tenant": side["tenant"],
            "platform": side["platform"],
            "objects": [{name: item.get(name) for name in _COUNTS} for item in side["objects"]],
        }
        for side in scope.get("sources", ())
    ]
    file_json(path, kept)
