"""P11: the full reconciliation, its totals and the spot check, at once and weeks after."""

# ruff: noqa: N802 - a test is named after its row

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

from acceptance.harness import Pair, Sandboxes, moved, prepared
from acceptance.slices import ANNA, COMPANIES, CONTACTS, IVAN, Json, Slice, key

FIRMS: list[dict[str, Any]] = [
    {
        "__id": key("P11", n),
        "__name": f"Итоговая {n}",
        "_website": f"https://itog-{n}.example",
        "revenue": {"cents": 100_000_01 + n, "currency": "RUB"},
        "employees": 10 + n,
        "responsible": [ANNA if n % 2 else IVAN],
    }
    for n in range(60)
] + [{"__id": key("P11", "odd"), "__name": "Кривая", "_website": "нет адреса", "employees": 5000}]
PEOPLE: list[dict[str, Any]] = [
    {
        "__id": key("P11", "person", n),
        "_fullname": {"lastname": f"Итогов{n}", "firstname": "Эрик", "middlename": ""},
        "_email": [{"email": f"erik{n}@itog.example"}],
        "_companies": [key("P11", n)],
    }
    for n in range(20)
]
REVENUE = Decimal("6000018.30")  # 60 times 100,000.01, and 0.00 to 0.59
EMPLOYEES = Decimal(60 * 10 + 1770)  # 0 to 59 add up to 1770


def loaded(sandboxes: Sandboxes, folder: Path, pair_name: str) -> Pair:
    """The company was moved, and everything of it arrived but one record that was refused."""
    assert pair_name == "elma365-twenty", f"no acceptance data for the pair {pair_name} yet"
    pair = prepared(sandboxes, folder, [Slice("P11", {"items": {COMPANIES: FIRMS, CONTACTS: PEOPLE}})])
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


def sum_of(answer: Json, name: str) -> tuple[Decimal, Decimal]:
    """A sum over all companies: what the source says, what the destination holds."""
    (line,) = [x for x in answer["sums"] if (x["object"], x["field"]) == ("company", name)]
    return Decimal(line["expected"]), Decimal(line["there"])


def links(answer: Json) -> dict[tuple[str, str], tuple[int, int]]:
    """Links by object and field: how many should be, how many lead right."""
    return {(x["object"], x["field"]): (x["expected"], x["right"]) for x in answer["links"]}


def test_P11_totals_and_spot_check_at_once_and_weeks_after(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = loaded(sandboxes, tmp_path, pair_name)
    at_once = pair.project.must("reconcile", "--spot", "30", "--seed", "friday")
    assert kinds(at_once) == {}
    assert sum_of(at_once, "annualRevenue") == (REVENUE, REVENUE)
    assert sum_of(at_once, "employees") == (EMPLOYEES, EMPLOYEES)
    assert links(at_once)[("company", "accountOwner")] == (60, 60)
    assert links(at_once)[("person", "company")] == (20, 20)
    drawn = at_once["spot"]["records"]
    assert 25 <= len(drawn) <= 50
    assert {record["object"] for record in drawn} >= {"company", "person", "workspaceMember"}
    assert {record["verdict"] for record in drawn} == {"equal"}
    shown = next(record for record in drawn if record["object"] == "company")
    row = pair.destination.ask("GET", f"/rest/companies/{shown['id']}")["data"]["company"]
    origin = next(firm for firm in FIRMS if firm["__id"] == shown["source_id"])
    fields = {field["field"]: field for field in shown["fields"]}
    assert fields["name"]["source"] == {"__name": origin["__name"]}
    assert fields["name"]["actual"] == row["name"] == origin["__name"]
    with Path(at_once["spot"]["sheet"]).with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        assert {line["source_id"] for line in csv.DictReader(file)} == {r["source_id"] for r in drawn}

    there = pair.destination.ours("companies", COMPANIES)
    edited, turned, gone = (there[key("P11", n)] for n in (3, 4, 5))
    pair.destination.ask("PATCH", f"/rest/companies/{edited['id']}", {"employees": 1000})
    other = there[key("P11", 3)]["accountOwnerId"]
    pair.destination.ask("PATCH", f"/rest/companies/{turned['id']}", {"accountOwnerId": other})
    pair.destination.ask("DELETE", f"/rest/companies/{gone['id']}?soft_delete=true")

    weeks_after = pair.project.must("reconcile", "--spot", "30", "--seed", "friday", codes=(1,))
    assert kinds(weeks_after) == {"edited there since": 2, "deleted there": 1}
    assert sum_of(weeks_after, "employees") == (EMPLOYEES, EMPLOYEES - 13 + 1000 - 15)
    assert links(weeks_after)[("company", "accountOwner")] == (60, 58)
    same = [record["source_id"] for record in weeks_after["spot"]["records"]]
    assert same == [record["source_id"] for record in drawn]
    refused = pair.refused([firm["__id"] for firm in FIRMS])
    assert set(refused) == {key("P11", "odd")}
    moved(record_property, len(FIRMS) + len(PEOPLE), len(refused))
