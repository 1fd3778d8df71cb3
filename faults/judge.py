"""Compares an end with that of a run that nobody disturbed: what is there twice, what is not there, and what
else differs without being named by the report."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from faults.cell import DISCOVER, LOAD, PROVISION, RECONCILE, ROLLBACK, Verdict
from faults.scenes import Ground

from crossdock.testing import dumps
from crossdock.testing.commands import OK
from crossdock.testing.dumps import Canonical, Dump, as_it_is, difference
from crossdock.testing.scene import Scene

Row = Mapping[str, Any]
Json = dict[str, Any]

_ORIGIN = re.compile(r"^[\w:-]+:[\w-]+/(kit\.\w+/\w+)$")
_KEY_OF_ORIGIN = re.compile(r"\bkit\.\w+/\w+")
HARMLESS = "normalised"
"""The kind of a finding that says that there is no difference."""

_MADE = "made"
_NO_EDITS: Mapping[str, Collection[str]] = {}
_undated = dumps.without(("made_at",), ("destination", "limits", "scope"))
"""The answer of discover without its time, and without the address, which is another one in each scene."""


def judge(ground: Ground, scene: Scene, hook: str, answer: Any, *, beside: Canonical = as_it_is) -> Verdict:
    """The verdict about a scene whose command has ended; `answer` is what it answered at the end. `beside`
    leaves out of both dumps what a fault cannot leave equal."""
    end = scene.sandbox.dump()
    wanted = ground.answer(hook)
    verdict = compared(ground, hook, end, named(answer) - named(wanted), beside=beside)
    if hook == PROVISION:
        states = scene.call("report").must(OK).json["changes"]
        verdict += Verdict(unexplained=tuple(unmade(wanted, states)))
    return verdict + Verdict(unexplained=tuple(answers(hook, answer, wanted)))


def compared(
    ground: Ground,
    hook: str,
    end: Dump,
    explained: Collection[str] = (),
    *,
    edited: Mapping[str, Collection[str]] = _NO_EDITS,
    beside: Canonical = as_it_is,
) -> Verdict:
    """The verdict about a dump alone. `explained`: source records (`kit.thing/t05`) that the report names.
    `edited`: by source record, the columns that people wrote into; the others are compared. `beside` leaves
    out of what is compared (not of what is counted) what cannot be equal."""
    undisturbed, natural = ground.dump(hook), _natural_columns(ground)
    found = counted(end, undisturbed, explained)
    twice = [*found.duplicates, *_surplus(_natural_keys(end, natural), _natural_keys(undisturbed, natural))]
    canonical = ground.target.undone if hook == ROLLBACK else ground.target.canonical
    gone = {*found.losses, *explained}
    both = [beside(without(canonical(dump), gone, edited)) for dump in (end, undisturbed)]
    return Verdict(tuple(twice), found.losses, tuple(difference(*both)))


def counted(end: Dump, undisturbed: Dump, explained: Collection[str] = ()) -> Verdict:
    """What is there more than once, and what is not there, by the source records."""
    there, should = origins(end), origins(undisturbed)
    lost = tuple(one for one in should if one not in there and one not in explained)
    return Verdict(tuple(_surplus(there, should)), lost)


def origins(dump: Dump) -> Counter[str]:
    """How many records, trash included, came from each source record: `kit.thing/t05`."""
    return Counter(origin for _, row in rows(dump) if (origin := origin_of(row)))


def origin_of(row: Row) -> str:
    """The source record that a record came from, "" if it came from none of ours."""
    return next((found for value in row.values() if (found := origin_in(value))), "")


def origin_in(value: Any) -> str:
    """The source record that an external id names, "" if it is none of ours."""
    found = _ORIGIN.match(value) if isinstance(value, str) else None
    return found[1] if found else ""


def rows(dump: Dump) -> Iterator[tuple[str, Row]]:
    """All records of a dump, with the name of their table. A table is a list, or lists by state."""
    for name, table in dump["records"].items():
        parts = table.values() if isinstance(table, dict) else [table]
        for part in parts:
            yield from ((name, row) for row in part)


def named(answer: Any) -> set[str]:
    """The source records that a report names: not loaded, found to differ, kept or failed in a rollback."""
    found: set[str] = set()
    for report in answer if isinstance(answer, list) else [answer or {}]:
        for phase in report.get("phases", ()):
            source_object = phase["name"].partition(">")[0]
            found |= {f"{source_object}/{line['key']}" for line in phase["not_loaded"]}
        places = [f["origin"] for f in report.get("first_findings", ()) if f["kind"] != HARMLESS]
        places += [json.dumps(line) for word in ("kept", "failed") for line in report.get(word, ())]
        found |= {match[0] for place in places for match in _KEY_OF_ORIGIN.finditer(place)}
    return found


def answers(hook: str, answer: Any, wanted: Any) -> Iterator[str]:
    """What the answers of both say otherwise: what is there, changes, books, findings, what was kept."""
    if hook == DISCOVER:
        yield from difference(_undated(answer), _undated(wanted), "discover")
    elif hook == PROVISION:
        found, should = (sorted(one, key=json.dumps) for one in (answer, wanted))
        yield from difference(found, should, "provision")
    elif hook in (LOAD, RECONCILE):
        yield from difference(_books(answer), _books(wanted), "books")
        yield from difference(_findings(answer), _findings(wanted), "findings")
        yield from difference(_states(answer["automations"]), _states(wanted["automations"]), "automations")
        yield from difference(_states(answer["changes"]), _states(wanted["changes"]), "changes")
    elif hook == ROLLBACK:
        yield from (
            f"{word}: {line}" for report in answer for word in ("kept", "failed") for line in report[word]
        )


def unmade(wanted: Iterable[Json], states: Iterable[Json]) -> list[str]:
    """Where the changes of a provision's answer are not all made, or are not all there are, by the ledger."""
    made = [{"key": change["key"], "state": _MADE} for change in wanted]
    return difference(_states(states), _states(made), "changes")


def _books(report: Json) -> list[Json]:
    names = ("name", "state", "extracted", "source", "destination", "in_doubt")
    return [{name: phase[name] for name in names} for phase in report["phases"]]


def _findings(report: Json) -> list[Json]:
    names = ("kind", "object", "origin", "field", "expected", "actual", "note")
    return sorted(({name: f[name] for name in names} for f in report["first_findings"]), key=json.dumps)


def _states(changes: Iterable[Json]) -> list[list[Any]]:
    return sorted([change.get("key") or change.get("name"), change["state"]] for change in changes)


def _surplus(found: Counter[str], wanted: Counter[str]) -> Iterator[str]:
    for what, count in found.items():
        if count > max(1, wanted[what]):
            yield f"{what}: {count} times"


def _natural_columns(ground: Ground) -> dict[str, tuple[str, ...]]:
    """By table, the columns of which two records of ours never share a value."""
    record, plan = ground.target.record, ground.stages.plan
    return {record.name: (record.title, record.match), plan.thing: (plan.fields["title"],)}


def _natural_keys(dump: Dump, columns: Mapping[str, Collection[str]]) -> Counter[str]:
    return Counter(
        f"{name}.{column} {json.dumps(row[column], ensure_ascii=False)}"
        for name, row in rows(dump)
        for column in columns.get(name, ())
        if row.get(column)
    )


def without(dump: Dump, gone: Collection[str], edited: Mapping[str, Collection[str]] = _NO_EDITS) -> Dump:
    """A dump without the records that came from these source records, which are counted already, and without
    what the platform keeps of them elsewhere: their external ids and their files. `edited`: by source
    record, columns of it that are left out. The dump is canonical: what refers to a record still says to
    which."""
    removed = {(name, row["id"]) for name, row in rows(dump) if origin_of(row) in gone}
    files: Counter[str] = Counter()

    def left(name: str, part: Iterable[Row]) -> Iterator[Row]:
        for row in part:
            if (name, row.get("id")) in removed:
                continue
            if _belongs_to(name, row) in removed:
                files[row.get("checksum") or ""] += 1
                continue
            columns = edited.get(origin_of(row), ())
            yield {column: value for column, value in row.items() if column not in columns}

    tables = {
        name: {state: list(left(name, part)) for state, part in table.items()}
        if isinstance(table, dict)
        else sorted(left(name, table), key=lambda row: json.dumps(row, sort_keys=True))
        for name, table in dump["records"].items()
    }
    return {**dump, "records": tables, "files": _files_left(dump.get("files"), removed, files)}


def _belongs_to(name: str, row: Row) -> tuple[Any, Any]:
    """The record, by table and id, that an external id or a file of Odoo is about."""
    model = {"ir.model.data": "model", "ir.attachment": "res_model"}.get(name, "")
    return row.get(model), row.get("res_id")


def _files_left(files: Any, removed: set[tuple[str, Any]], counts: Counter[str]) -> Any:
    """The files of a dump without those of removed records. Odoo counts them by their content."""
    if isinstance(files, dict):
        return {sha: count - counts[sha] for sha, count in files.items() if count > counts[sha]}
    ids = {key for _, key in removed}
    return [file for file in files or () if file["record"] not in ids]
