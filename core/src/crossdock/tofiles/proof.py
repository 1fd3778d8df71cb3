"""An export of the destination against the ledger: is everything there that was written into files?

Every record is found by its key, and every field of it compared with what its rows held. What the export does
not show, or may have cut off, is not proven, and said so: nothing that was not looked at counts as arrived.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

from crossdock.compare import compare, left_to_platform
from crossdock.errors import ConfigError
from crossdock.fileformat import FileFormat, ReadBack
from crossdock.ledger import Filed, Ledger, Run, RunState
from crossdock.migration import Migration
from crossdock.model import Finding, FindingKind, Observation, TargetRecord
from crossdock.tofiles.exports import Export, exports_in
from crossdock.tofiles.writing import KIND, FiledObject, filed_objects, format_of

EXPORTS = "exports"
_PAGE = 500


@dataclass
class ObjectProof:
    """One object: how many records were written and found whole, and what keeps the rest from it."""

    name: str
    filed: int
    files: list[str]
    rows: int = 0
    whole: int = 0
    findings: dict[FindingKind, int] = field(default_factory=dict)
    not_proven: list[str] = field(default_factory=list)
    partial: bool = False  # some of its rows were not seen

    def doubt(self, why: str) -> None:
        """Say once why something is not proven."""
        if why not in self.not_proven:
            self.not_proven.append(why)

    def as_data(self) -> dict[str, Any]:
        """As plain data."""
        findings = {kind.value: count for kind, count in self.findings.items()}
        counts = {"filed": self.filed, "rows": self.rows, "whole": self.whole}
        lists = {"files": self.files, "findings": findings, "not_proven": self.not_proven}
        return {"object": self.name, **counts, **lists}


@dataclass
class Proof:
    """The whole: object by object, the run that is proven, and files that were of no use."""

    run: Run
    of: Run
    objects: list[ObjectProof] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)

    @property
    def not_proven(self) -> list[str]:
        """Everything that is not proven, one sentence each."""
        return [f"{each.name}: {why}" for each in self.objects for why in each.not_proven]

    @property
    def clean(self) -> bool:
        """True if every record was found with every value; a declared normalisation is none the worse."""
        bad = [k for each in self.objects for k in each.findings if k is not FindingKind.NORMALISED]
        return not bad and not self.not_proven


def prove(migration: Migration, folder: Path) -> Proof:
    """Compare the exports in a folder with the newest files that were written. The API is not called.

    Raises ConfigError if no files were written, or an export cannot be read.
    """
    ledger = migration.ledger
    written = newest(ledger)
    file_format, filed = format_of(migration), filed_objects(migration, written)
    counts = ledger.filed.objects(written)
    exports, strange = exports_in(folder, [filed[name].schema for name in counts], file_format)
    unfinished = ledger.runs.unfinished(EXPORTS)
    run = unfinished or ledger.runs.start(EXPORTS, written.destination)
    ledger.findings.clear(run)
    proof = Proof(run, written, strange=strange)
    for name, count in counts.items():
        work = _ObjectWork(ledger, proof, file_format, filed[name], f"{migration.project.id}:")
        proof.objects.append(work.compare(count, exports[name]))
        migration.progress("exports", count, None)
    ledger.runs.set_option(run, "not_proven", proof.not_proven)
    ledger.runs.end(run)
    return proof


def newest(ledger: Ledger) -> Run:
    """The newest run that ended in files. Raises ConfigError if there is none."""
    for run in reversed(ledger.runs.all()):
        if run.kind == KIND and run.state is RunState.DONE:
            return run
    raise ConfigError("no files were written yet.", hint="crossdock run --to-files FOLDER")


class _ObjectWork:
    """Compares the exports of one object."""

    def __init__(
        self, ledger: Ledger, proof: Proof, file_format: FileFormat, filed: FiledObject, owner: str
    ) -> None:
        self._ledger, self._proof, self._format = ledger, proof, file_format
        self._schema, self._columns, self._owner = filed.schema, filed.columns, owner
        self._seen: set[bytes] = set()
        self._fields = tuple(
            dict.fromkeys(
                n for rows in ledger.filed.scan(proof.of, self._schema.name) for r in rows for n in r.values
            )
        )

    def compare(self, count: int, exports: Sequence[Export]) -> ObjectProof:
        """All exports of the object, then what is in none of them."""
        proof = ObjectProof(self._schema.name, count, [export.path.name for export in exports])
        if not exports:
            proof.doubt(f"there is no export of it ({self._schema.name}.csv)")
            return proof
        for export in exports:
            self._export(export, proof)
        self._missing(proof)
        return proof

    def _export(self, export: Export, proof: ObjectProof) -> None:
        wanted = self._format.export_columns(self._schema, self._fields, self._columns)
        lacking = {
            name: [c for c in columns if self._format.heading(self._schema, c) not in export.headings]
            for name, columns in wanted.items()
        }
        for name, columns in lacking.items():
            if columns:
                what = f"field {name}" if name else "the key"
                proof.doubt(f"{export.path.name} lacks {_quoted(columns)}, so {what} is not proven")
        if lacking.get(""):
            proof.partial = True
            return
        shown = [name for name in self._fields if not lacking.get(name)]
        rows, count = export.rows(), 0
        while page := list(islice(rows, _PAGE)):
            self._page([self._format.read(self._schema, row, shown) for row in page], shown, proof)
            count += len(page)
        proof.rows += count
        if count == self._format.export_limit:
            proof.partial = True
            proof.doubt(f"{export.path.name} has exactly {count} rows, at which an export is cut off")

    def _page(self, page: Sequence[ReadBack], shown: Collection[str], proof: ObjectProof) -> None:
        filed = self._ledger.filed.of_ids(self._proof.of, self._schema.name, [each.id for each in page])
        findings: list[Finding] = []
        for each in page:
            if each.id in filed:
                findings += self._record(each, filed[each.id], shown, proof)
            elif each.external_id.startswith(self._owner):
                note = f"carries {each.external_id}"
                findings.append(Finding(FindingKind.EXTRA, self._schema.name, each.id, note=note))
        self._keep(findings, proof)

    def _record(
        self, found: ReadBack, rows: Sequence[Filed], shown: Collection[str], proof: ObjectProof
    ) -> list[Finding]:
        if _hash(found.id) in self._seen:
            return []  # an export in parts may show a record twice
        self._seen.add(_hash(found.id))
        readable = set(shown) - set(found.unread)
        everything = {n: v for row in rows for n, v in row.values.items()}
        for name, why in found.unread.items():
            field = self._schema.field(name)
            if name in everything and not (field and left_to_platform(everything[name], field)):
                proof.doubt(f"field {name}: {why}")
        values = {n: v for n, v in everything.items() if n in readable}
        first = rows[0]
        expected = TargetRecord(self._schema.name, first.origin, found.id, found.external_id, values)
        there = Observation(self._schema.name, found.id, found.values, external_id=found.external_id)
        findings = compare(expected, there, None, self._schema)
        where = f"{rows[-1].file} row {rows[-1].row}"
        if not any(f.kind is FindingKind.DIFFERS for f in findings):
            proof.whole += 1
        return [_noted(finding, where) for finding in findings]

    def _missing(self, proof: ObjectProof) -> None:
        """What was written and is in no export: never arrived, unless there are rows that were not seen."""
        told: set[bytes] = set()
        for rows in self._ledger.filed.scan(self._proof.of, self._schema.name):
            gone = []
            for row in rows:
                form = _hash(row.target_id)
                if form not in self._seen and form not in told:
                    told.add(form)
                    gone.append(row)
            if not proof.partial:
                self._keep([_never_arrived(row) for row in gone], proof)
        if proof.partial and told:
            proof.doubt(f"{len(told)} records that were written are not in what could be read")

    def _keep(self, findings: Sequence[Finding], proof: ObjectProof) -> None:
        for finding in findings:
            proof.findings[finding.kind] = proof.findings.get(finding.kind, 0) + 1
        self._ledger.findings.add(self._proof.run, findings)


def _never_arrived(row: Filed) -> Finding:
    note = f"{row.file} row {row.row}"
    return Finding(FindingKind.NEVER_ARRIVED, row.target_object, row.target_id, row.origin, note=note)


def _noted(finding: Finding, where: str) -> Finding:
    return replace(finding, note=finding.note or where)


def _quoted(columns: Sequence[str]) -> str:
    return ", ".join(f"'{column}'" for column in columns)


def _hash(target_id: str) -> bytes:
    return blake2b(target_id.encode(), digest_size=8).digest()
