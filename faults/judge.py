"""Compares an end with that of a run that nobody disturbed: what is there twice, what is not there, and what
else differs without being named by the report."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from faults.cell import LOAD, RECONCILE, ROLLBACK, Verdict
from faults.scenes import Ground

from crossdock.testing.dumps import Canonical, Dump, as_it_is, difference
from crossdock.testing.scene import Scene

Row = Mapping[str, Any]
Json = dict[str, Any]

_ORIGIN = re.compile(r"^[\w:-]+:[\w-]+/(kit\.\w+/\w+)$")
_KEY_OF_ORIGIN = re.compile(r"\bkit\.\w+/\w+")
_HARMLESS = "normalised"


def judge(ground: Ground, scene: Scene, hook: str, answer: Any, *, beside: Canonical = as_it_is) -> Verdict:
    """The verdict about a scene whose command has ended; `answer` is what it answered at the end. `beside`
    leaves out of both dumps what a fault cannot leave equal."""
    end = scene.sandbox.dump()
    wanted = ground.answer(hook)
    verdict = compared(ground, hook, end, named(answer) - named(wanted), beside=beside)
    return verdict + Verdict(unexplained=tuple(_answers(hook, answer, wanted)))


def compared(
    ground: Ground,
    hook: str,
    end: Dump,
    explained: Collection[str] = (),
    *,
    beside: Canonical = as_it_is,
) -> Verdict:
    """The verdict about a dump alone. `explained`: source records (`kit.thing/t05`) that the report names."""
    end, undisturbed = beside(end), beside(ground.dump(hook))
    natural = _natural_columns(ground)
    twice = [
        *_surplus(origins(end), origins(undisturbed)),
        *_surplus(_natural_keys(end, natural), _natural_keys(undisturbed, natural)),
    ]
    there = set(origins(end))
    lost = [o for o in origins(undisturbed) if o not in there and o not in explained]
    canonical = ground.target.undone if hook == ROLLBACK else ground.target.canonical
    gone = {*lost, *explained}
    differing = difference(canonical(without(end, gone)), canonical(without(undisturbed, gone)))
    return Verdict(tuple(twice), tuple(lost), tuple(differing))


def origins(dump: Dump) -> Counter[str]:
    """How many records, trash included, came from each source record: `kit.thing/t05`."""
    return Counter(origin for _, row in rows(dump) if (origin := origin_of(row)))


def origin_of(row: Row) -> str:
    """The source record that a record came from, "" if it came from none of ours."""
    for value in row.values():
        if isinstance(value, str) and (found := _ORIGIN.match(value)):
            return found[1]
    return ""


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
        places = [f["origin"] for f in report.get("first_findings", ()) if f["kind"] != _HARMLESS]
        places += [json.dumps(line) for word in ("kept", "failed") for line in report.get(word, ())]
        found |= {match[0] for place in places for match in _KEY_OF_ORIGIN.finditer(place)}
    return found


def _answers(hook: str, answer: Any, wanted: Any) -> Iterator[str]:
    """What the reports of both say otherwise: books, findings, changes, what was kept."""
    if hook in (LOAD, RECONCILE):
        yield from difference(_books(answer), _books(wanted), "books")
        yield from difference(_findings(answer), _findings(wanted), "findings")
        yield from difference(_states(answer["automations"]), _states(wanted["automations"]), "automations")
        yield from difference(_states(answer["changes"]), _states(wanted["changes"]), "changes")
    elif hook == ROLLBACK:
        yield from (
            f"{word}: {line}" for report in answer for word in ("kept", "failed") for line in report[word]
        )


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


def without(dump: Dump, gone: Collection[str]) -> Dump:
    """A dump without the records that came from these source records: they are counted already."""
    if not gone:
        return dump

    def left(part: Any) -> Any:
        return [row for row in part if origin_of(row) not in gone]

    tables = {
        name: {state: left(part) for state, part in table.items()} if isinstance(table, dict) else left(table)
        for name, table in dump["records"].items()
    }
    return {**dump, "records": tables}
