"""P11: the full reconciliation, its totals and the spot check, at once and weeks after."""

# ruff: noqa: N802 - a test is named after its row

import csv
from decimal import Decimal
from pathlib import Path

from acceptance.harness import Pair, Sandboxes, moved, prepared
from acceptance.slices import ANNA_MAIL, IVAN_MAIL, Data, Json, Slice, together
from acceptance.sources import Source
from acceptance.sources.base import Company, Person

FIRMS, PEOPLE = 60, 20


def firm(source: Source, n: int) -> Company:
    """Company number `n`, with an owner and two numbers that are added up."""
    return Company(
        source.key("P11", n),
        f"Итоговая {n}",
        f"https://itog-{n}.example",
        revenue=Decimal(100_000_01 + n) / 100,
        employees=10 + n,
        owner=source.account("anna" if n % 2 else "ivan"),
    )


def person(source: Source, n: int) -> Person:
    """Somebody who works for the company of the same number."""
    where = source.key("P11", n)
    return Person(source.key("P11", "person", n), "Эрик", f"Итогов{n}", f"erik{n}@itog.example", where)


def held(source: Source) -> Data:
    """What the source holds."""
    return together(
        source.companies(*(firm(source, n) for n in range(FIRMS))),
        source.broken(source.key("P11", "odd")),
        source.people(*(person(source, n) for n in range(PEOPLE))),
    )


REVENUE = Decimal("6000018.30")  # 60 times 100,000.01, and 0.00 to 0.59
# What the pairs differ in: a deleted company lies in the trash and is still referred to, or takes the link of
# its person with it; people of ELMA365 have a second one there, to all of their companies.
EDITED = {"twenty": 2, "odoo": 3}
EDITED_BESIDES = {"elma365-odoo": 1}
EMPLOYEES = Decimal(60 * 10 + 1770)  # 0 to 59 add up to 1770


def loaded(sandboxes: Sandboxes, folder: Path, pair_name: str) -> Pair:
    """The company was moved, and everything of it arrived but one record that was refused."""
    pair = prepared(sandboxes, folder, [Slice("P11", held)], pair_name)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.answers["run"] = pair.project.must("run", codes=(1,))
    return pair


def kinds(answer: Json) -> dict[str, int]:
    """How much was found of each kind that needs a look."""
    found: dict[str, int] = {}
    for line in answer["findings"]:
        if line["kind"] != "normalised":
            found[line["kind"]] = found.get(line["kind"], 0) + line["count"]
    return found


def sum_of(pair: Pair, answer: Json, name: str) -> tuple[Decimal, Decimal]:
    """A sum over all companies: what the source says, what the destination holds."""
    wanted = (pair.destination.object_name("company"), pair.field("company", name))
    (line,) = [x for x in answer["sums"] if (x["object"], x["field"]) == wanted]
    return Decimal(line["expected"]), Decimal(line["there"])


def links(pair: Pair, answer: Json, kind: str, name: str) -> tuple[int, int]:
    """Links of a kind by a field: how many should be, how many lead right."""
    wanted = (pair.destination.object_name(kind), pair.field(kind, name))
    (line,) = [x for x in answer["links"] if (x["object"], x["field"]) == wanted]
    return line["expected"], line["right"]


def test_P11_totals_and_spot_check_at_once_and_weeks_after(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = loaded(sandboxes, tmp_path, pair_name)
    at_once = pair.project.must("reconcile", "--spot", "30", "--seed", "friday")
    assert kinds(at_once) == {}
    there = pair.destination
    assert sum_of(pair, at_once, "revenue") == (REVENUE, REVENUE)
    assert sum_of(pair, at_once, "employees") == (EMPLOYEES, EMPLOYEES)
    assert links(pair, at_once, "company", "owner") == (60, 60)
    assert links(pair, at_once, "person", "company") == (20, 20)
    drawn = at_once["spot"]["records"]
    assert 25 <= len(drawn) <= 50
    kinds_drawn = {there.object_name(kind) for kind in ("company", "person", "user")}
    assert {record["object"] for record in drawn} >= kinds_drawn
    assert {record["verdict"] for record in drawn} == {"equal"}
    companies = {each.key: each for each in (firm(pair.source, n) for n in range(FIRMS))}
    shown = next(record for record in drawn if record["source_id"] in companies)
    (row,) = [row for row in there.rows("company") if row["id"] == shown["id"]]
    origin = companies[shown["source_id"]]
    fields = {field["field"]: field for field in shown["fields"]}
    assert list(fields["name"]["source"].values()) == [origin.name]
    assert fields["name"]["actual"] == row["name"] == origin.name
    with Path(at_once["spot"]["sheet"]).with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        assert {line["source_id"] for line in csv.DictReader(file)} == {r["source_id"] for r in drawn}

    found, key = pair.arrived("company"), pair.source.key
    edited, turned, gone = (found[key("P11", n)] for n in (3, 4, 5))
    assert (edited["owner"], turned["owner"]) == (ANNA_MAIL, IVAN_MAIL)
    there.edit("company", edited["id"], employees=1000)
    there.edit("company", turned["id"], owner=ANNA_MAIL)
    there.remove("company", gone["id"])

    weeks_after = pair.project.must("reconcile", "--spot", "30", "--seed", "friday", codes=(1,))
    edits = EDITED[there.platform] + EDITED_BESIDES.get(pair_name, 0)
    assert kinds(weeks_after) == {"edited there since": edits, "deleted there": 1}
    assert sum_of(pair, weeks_after, "employees") == (EMPLOYEES, EMPLOYEES - 13 + 1000 - 15)
    assert links(pair, weeks_after, "company", "owner") == (60, 58)
    same = [record["source_id"] for record in weeks_after["spot"]["records"]]
    assert same == [record["source_id"] for record in drawn]
    refused = pair.refused([*companies, key("P11", "odd")])
    assert set(refused) == {key("P11", "odd")}
    moved(record_property, FIRMS + 1 + PEOPLE, len(refused))
