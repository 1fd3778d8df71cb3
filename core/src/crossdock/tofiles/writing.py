"""Writes everything that a confirmed mapping gives into files, instead of calling the destination's API.

The folder appears whole or not at all: it is made beside its place, the ledger is told what is in it, and
then it takes its place. A run that was killed before is started over; nobody can have imported anything of
it. Written again, the same records have the same ids: importing a second time makes no duplicates.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from crossdock.capabilities import Capability
from crossdock.catalogfile import object_data, object_of
from crossdock.errors import ConfigError, StorageError
from crossdock.fileformat import FileFormat
from crossdock.ledger import NOT_LOADED, Filed, Ledger, Run, RunState
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import ObjectSchema
from crossdock.names import shown_name
from crossdock.run import MigrationRun
from crossdock.tofiles.attached import Attached
from crossdock.tofiles.booking import take_over
from crossdock.tofiles.checklist import NAME, checklist_of, page_of, write_checklist, written_columns
from crossdock.tofiles.filing import FilingMigration
from crossdock.tofiles.sheets import Sheets
from crossdock.tofiles.spool import Spool
from crossdock.wholefile import write_whole

KIND = "files"
_MANY = 500


@dataclass(frozen=True)
class Written:
    """What was written: the ended run, the checklist, and the page of it that a person reads."""

    run: Run
    checklist: dict[str, Any]
    page: Path


def format_of(migration: Migration) -> FileFormat:
    """The destination's files. Raises ConfigError for one that has no importer of its own."""
    destination = migration.destination
    maker = getattr(destination.plugin, "file_format", None)
    can = migration.destination_catalog.capabilities.can(Capability.IMPORT_FILES)
    if maker is None or not can:
        raise ConfigError(
            f"{destination.name} cannot be loaded by files: its plugin declares no format for them.",
            hint="Give its API: crossdock run.",
        )
    made: FileFormat = maker()
    return made


def write_files(migration: Migration, resolved: ResolvedMapping, folder: Path, closed: str = "") -> Written:
    """Write the files of a whole run into `folder`, which may not hold anything else.

    `closed`: why the destination cannot be asked. Raises ConfigError, StorageError and what a run raises.
    """
    file_format, ledger = format_of(migration), migration.ledger
    _require_free(folder, ledger)
    _abandon(ledger)
    run = ledger.runs.start(KIND, migration.destination_catalog.identity, {"folder": str(folder.resolve())})
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, mode=0o700)
        with FilingMigration(migration, resolved, file_format, not closed) as filing:
            checklist = _Work(migration, resolved, run, file_format, filing, partial).write(closed)
        if folder.exists():
            shutil.rmtree(folder)
        partial.replace(folder)
    except OSError as error:
        raise StorageError(f"cannot write {error.filename or folder}: {error.strerror}.") from error
    ledger.runs.end(run)
    return Written(run, checklist, page_of(folder))


def schemas_file(migration: Migration, run: Run) -> Path:
    """Where the objects are kept as the files of a run took them."""
    return migration.project.state / f"filed-{run.id}.json"


@dataclass(frozen=True)
class FiledObject:
    """An object as the files took it, and all columns that its files have."""

    schema: ObjectSchema
    columns: tuple[str, ...]


def filed_objects(migration: Migration, run: Run) -> dict[str, FiledObject]:
    """The objects of the files of a run, by name. Raises ConfigError."""
    path = schemas_file(migration, run)
    try:
        rows = orjson.loads(path.read_bytes())
        found = [FiledObject(object_of(row["schema"]), tuple(row["columns"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}, which says what the files hold, cannot be read.") from error
    return {each.schema.name: each for each in found}


class _Work:
    """One writing: the run into the spool, then everything that is made of it."""

    def __init__(
        self,
        migration: Migration,
        resolved: ResolvedMapping,
        run: Run,
        file_format: FileFormat,
        filing: FilingMigration,
        folder: Path,
    ) -> None:
        self._migration, self._resolved, self._run = migration, resolved, run
        self._format, self._filing, self._folder = file_format, filing, folder
        self._schemas = {s.name: s for s in filing.destination_catalog.objects}

    def write(self, closed: str) -> dict[str, Any]:
        """Write all files into the folder, and the ledger. Gives the checklist."""
        filing, ledger = self._filing, self._migration.ledger
        work = MigrationRun(filing, self._resolved)
        inner = work.through()
        work.finish(inner)
        spool = filing.destination.spool
        attached = Attached(self._folder, self._migration.files, _names(spool), self._format.refused)
        sheets = Sheets(self._folder, self._format, self._schemas.__getitem__, attached.add)
        fields = self._file_rows(sheets.write(spool))
        take_over(ledger, self._run, filing.ledger, inner, self._refused)
        changes = [change for change, _ in filing.ledger.changes.schema_of(inner)]
        used = [
            {"schema": object_data(self._schemas[name]), "columns": written_columns(sheets.files, name)}
            for name in fields
        ]
        write_whole(schemas_file(self._migration, self._run), orjson.dumps(used))
        checklist = checklist_of(
            self._migration,
            self._resolved,
            self._run,
            self._format,
            self._schemas.__getitem__,
            closed=closed,
            files=sheets.files,
            changes=changes,
            left=sheets.left,
            removals=list(spool.removals()),
            attached=attached,
            fields={name: tuple(names) for name, names in fields.items()},
        )
        write_checklist(self._folder, checklist)
        ledger.runs.set_option(self._run, "left", _left(checklist))
        return checklist

    def _file_rows(self, rows: Iterator[Filed]) -> dict[str, dict[str, None]]:
        """Keep in the ledger what is in which row; gives the fields that are written, by object."""
        fields: dict[str, dict[str, None]] = {}
        for part in _parts(rows):
            self._migration.ledger.filed.add(self._run, part)
            for filed in part:
                fields.setdefault(filed.target_object, {}).update(dict.fromkeys(filed.values))
            self._migration.progress("files", len(part), None)
        return fields

    def _refused(self, object_name: str) -> str:
        return self._format.refused(self._schemas[object_name])


def _left(checklist: dict[str, Any]) -> dict[str, int]:
    """What is not in the files, counted."""
    counts = {
        "records": sum(each["count"] for each in checklist["left_out"] if not each["field"]),
        "values": sum(each["count"] for each in checklist["left_out"] if each["field"]),
        "removals": checklist["removals_in_all"],
        "attachments": checklist["attachments"]["count"],
    }
    return {name: count for name, count in counts.items() if count}


def is_clean(written: Written, report: dict[str, Any]) -> bool:
    """Whether nothing is left but to import the files."""
    waiting = sum(report["totals"]["source"].get(outcome.value, 0) for outcome in NOT_LOADED)
    return not waiting and not _left(written.checklist)


def _names(spool: Spool) -> Callable[[str, str], str]:
    def name_of(object_name: str, target_id: str) -> str:
        return shown_name(spool.values_of(object_name, target_id))

    return name_of


def _require_free(folder: Path, ledger: Ledger) -> None:
    """Raises ConfigError unless the folder is empty, or was left by a run that was killed at its end."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        left_by = orjson.loads((folder / f"{NAME}.json").read_bytes())["run"]
    except (OSError, ValueError, KeyError, TypeError):
        left_by = ""
    if any(run.id == left_by and run.state is RunState.RUNNING for run in ledger.runs.all()):
        return
    raise ConfigError(
        f"{folder} holds something already.", hint="Give another folder, or take this one away."
    )


def _abandon(ledger: Ledger) -> None:
    """End runs that were killed: nothing of them was given to anybody."""
    while (run := ledger.runs.unfinished(KIND)) is not None:
        ledger.filed.clear(run)
        ledger.runs.end(run, RunState.ROLLED_BACK)


def _parts(rows: Iterable[Filed]) -> Iterator[Sequence[Filed]]:
    rest = iter(rows)
    while part := list(islice(rest, _MANY)):
        yield part
