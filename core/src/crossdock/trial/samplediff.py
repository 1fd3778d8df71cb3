"""The field-by-field difference of a sample run, for a person to sign.

The source's side is a second read of the source, the destination's a fresh read of it. Every field of every
chosen record gets one verdict:

    equal        both sides mean the same
    normalised   a declared rule explains the difference
    kept         a record that was there before keeps what it held: the source has nothing to put in its place
    left empty   the source refers to somebody whom nobody there stands for: the field stays empty
    stands in    the same, and the mapping's fallback took the place
    differs      none of these
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from crossdock.compare import left_to_platform
from crossdock.documents.filing import file_page, file_pdf, json_of, pages_possible
from crossdock.equality import completed, equal
from crossdock.fieldpaths import source_values
from crossdock.ledger import Link, LinkState
from crossdock.model import FieldSchema, Observation, Record, Selection, TargetRecord
from crossdock.names import shown_name
from crossdock.normalisations import normalisation
from crossdock.referenceplan import LEFT_EMPTY, NOBODY, unresolved
from crossdock.shown import shown
from crossdock.spreadsheet import write_rows
from crossdock.targetpaths import whole_field
from crossdock.wholefile import write_whole

if TYPE_CHECKING:
    from crossdock.loading import PhaseContext

EQUAL, NORMALISED, KEPT, DIFFERS = "equal", "normalised", "kept", "differs"
LOST, STANDS_IN = "left empty", "stands in"
VERDICTS = (EQUAL, NORMALISED, KEPT, LOST, STANDS_IN, DIFFERS)
COLUMNS = ("route", "source_id", "name", "id", "field", "source", "destination", "verdict", "rule")
_PAGE = 200


class Reader(Protocol):
    """The part of a source that is needed."""

    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read records a second time."""


def diff_of(contexts: Sequence["PhaseContext"], sources: Mapping[str, Reader]) -> dict[str, Any]:
    """The difference as plain data: `records` with their fields, `not_loaded` with reasons, and counts."""
    records: list[dict[str, Any]] = []
    not_loaded: list[dict[str, Any]] = []
    for context in contexts:
        for page in _pages(sorted(context.selection or ())):
            read = list(sources[context.tenant].reconcile(context.mapping.source, Selection(ids=page)))
            found = [Record(o.object_name, o.id, o.values, o.trashed, o.updated_at) for o in read]
            names = {record.key: shown_name(record.values) for record in found}
            records += _records(context, found, names)
            not_loaded += _not_loaded(context, page, names)
    verdicts = Counter(field["verdict"] for record in records for field in record["fields"])
    return {
        "records": records,
        "not_loaded": not_loaded,
        "counts": {
            "records": len(records),
            "not_loaded": len(not_loaded),
            "fields": verdicts.total(),
            **{verdict.replace(" ", "_"): verdicts[verdict] for verdict in VERDICTS},
        },
    }


def _pages(keys: Sequence[str]) -> Iterator[tuple[str, ...]]:
    rest = iter(keys)
    while page := tuple(islice(rest, _PAGE)):
        yield page


def _records(
    context: "PhaseContext", found: Sequence[Record], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    by_key = {record.key: record for record in found}
    context.ids.prefetch(found)
    outcomes = context.transform(list(found), context.mapping, context.ids)
    targets = [t for t in outcomes if isinstance(t, TargetRecord)]
    links = _links(context, by_key)
    there = context.observed([link.target_id for link in links.values()])
    rows = []
    for target in targets:
        link = links.get((target.origin.key, target.origin.part))
        if link is None:
            continue
        record, observation = by_key[target.origin.key], there.get(link.target_id)
        lost = unresolved(target.notes)
        rows.append(
            {
                "tenant": context.tenant,
                "route": context.mapping.name,
                "source_id": target.origin.key,
                "part": target.origin.part,
                "name": names[target.origin.key],
                "object": target.object_name,
                "id": link.target_id,
                "made": link.made_by is not None,
                "fields": [
                    _field(context, name, value, record, link, observation, lost.get(name))
                    for name, value in _in_order(context, target)
                ],
            }
        )
    return rows


def _in_order(context: "PhaseContext", target: TargetRecord) -> list[tuple[str, Any]]:
    """The fields of a target record as the mapping lists them."""
    listed = list(dict.fromkeys(whole_field(context.schema, name) for name in context.mapping.fields))
    return sorted(target.values.items(), key=lambda field: listed.index(field[0]))


def _links(context: "PhaseContext", keys: Mapping[str, Record]) -> dict[tuple[str, str], Link]:
    links = context.ledger.links.of_keys(context.tenant, context.mapping.source, context.schema.name, keys)
    live = context.ledger.links.as_written([x for x in links if x.state is LinkState.LIVE])
    return {(x.origin.key, x.origin.part): x for x in live}


def _field(
    context: "PhaseContext",
    name: str,
    value: Any,
    record: Record,
    link: Link,
    observation: Observation | None,
    lost: str | None,
) -> dict[str, str]:
    field = context.schema.field(name)
    actual = observation.values.get(name) if observation is not None else None
    if field is None or observation is None or observation.trashed:
        verdict, rule = DIFFERS, "the record is not there"
    else:
        verdict, rule = _verdict(field, value, actual, link, lost)
    return {
        "field": name,
        "label": (field.label if field else "") or name,
        "source": "; ".join(filter(None, map(shown, source_values(context.mapping, name, record).values()))),
        "destination": shown(actual),
        "verdict": verdict,
        "rule": rule,
    }


def _verdict(field: FieldSchema, value: Any, actual: Any, link: Link, lost: str | None) -> tuple[str, str]:
    if lost is not None and equal(value, actual, field):
        return (LOST if lost == LEFT_EMPTY else STANDS_IN), NOBODY[lost]
    old = link.made_by is None
    wanted = completed(value, actual) if old else value
    if equal(wanted, actual, field):
        return EQUAL, ""
    if left_to_platform(wanted, field):
        return KEPT, "the platform fills it in by itself"
    if rule := normalisation(wanted, actual, field):
        return NORMALISED, rule
    if old and field.name not in (link.base or {}):
        return KEPT, "the record was there before, and keeps this"
    return DIFFERS, ""


def _not_loaded(
    context: "PhaseContext", page: Sequence[str], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    wanted = set(page)
    return [
        {
            "tenant": context.tenant,
            "route": context.mapping.name,
            "source_id": line.key,
            "part": line.part,
            "name": names.get(line.key, ""),
            "outcome": line.outcome.value,
            "reasons": list(line.reasons),
        }
        for line in context.ledger.books.lines(context.record)
        if line.key in wanted
    ]


def write_diff(folder: Path, run: str, diff: Mapping[str, Any]) -> dict[str, str]:
    """Write `sample-RUN-diff.json`, `.html`, `.pdf`, `.csv`; gives their paths, and the digest of the first.

    Page and PDF are left out ("") where the extra `reports` is not installed.

    Raises StorageError, ConfigError.
    """
    path = diff_file(folder, run)
    data = {"run": run, **diff}
    content = json_of(data)
    write_whole(path, content)
    table = write_rows(path.with_suffix(".csv"), COLUMNS, _rows(diff))
    files = {"json": str(path), "csv": str(table), "html": "", "pdf": "", "digest": digest_of(content)}
    if pages_possible():
        page = file_page(path.with_suffix(".html"), "sample.html", data)
        files |= {"html": str(page), "pdf": str(file_pdf(page))}
    return files


def diff_file(folder: Path, run: str) -> Path:
    """Where the difference of a sample run lies."""
    return folder / f"sample-{run}-diff.json"


def digest_of(content: bytes) -> str:
    """SHA-256 (hex) of a document: what a signature is for."""
    return hashlib.sha256(content).hexdigest()


def _rows(diff: Mapping[str, Any]) -> Iterator[list[str]]:
    for record in diff["records"]:
        for field in record["fields"]:
            yield [
                *(record[name] for name in ("route", "source_id", "name", "id")),
                *(field[name] for name in ("field", "source", "destination", "verdict", "rule")),
            ]
    for record in diff["not_loaded"]:
        left_out = ("", "", "", "", record["outcome"], "; ".join(record["reasons"]))
        yield [*(record[name] for name in ("route", "source_id", "name")), *left_out]
