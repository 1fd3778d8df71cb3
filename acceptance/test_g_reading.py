"""G03 and G06: what an export would lose is read where it is whole."""

# ruff: noqa: N802 - a test is named after its row

from pathlib import Path
from typing import Any

import pytest
from acceptance.destinations import Twenty
from acceptance.harness import Sandboxes, moved, prepared
from acceptance.slices import COMPANIES, Slice, key

pytestmark = pytest.mark.source("elma365")

PROJECTS = "_projects._projects"
MANY, AT_ONCE = 20_100, 200  # an export of the destination stops at 20,000 records

PLAN = "Мост через Волгу"
XML = (
    '<?xml version="1.0" encoding="UTF-8"?><Project xmlns="http://schemas.microsoft.com/project">'
    f"<Name>{PLAN}</Name><ExtendedAttributes><ExtendedAttribute><FieldID>188743731</FieldID>"
    "<FieldName>Text1</FieldName><Alias>Номер пролёта</Alias></ExtendedAttribute><ExtendedAttribute>"
    "<FieldID>188743734</FieldID><FieldName>Text2</FieldName><Alias>Подрядчик</Alias></ExtendedAttribute>"
    "</ExtendedAttributes><Tasks>"
    + "".join(
        f"<Task><UID>{n}</UID><ID>{n}</ID><Name>Пролёт {n}</Name><OutlineLevel>{min(n, 1)}</OutlineLevel>"
        f"<ExtendedAttribute><FieldID>188743731</FieldID><Value>П-{n}</Value></ExtendedAttribute>"
        f"<ExtendedAttribute><FieldID>188743734</FieldID><Value>ООО «Кран»</Value></ExtendedAttribute></Task>"
        for n in range(52)
    )
    + "</Tasks><Assignments><Assignment><UID>9</UID><TaskUID>77</TaskUID><ResourceUID>-65535</ResourceUID>"
    "</Assignment></Assignments></Project>"
)
# The platform's own import of the plan kept the contractor, and lost the number of the span.
BRIDGE = {
    "apps": [
        {
            "namespace": "_projects",
            "code": "_projects",
            "name": "Проекты",
            "fields": [{"code": "contractor", "type": "STRING", "name": "Подрядчик"}],
        }
    ],
    "items": {PROJECTS: [{"__id": key("G03", "bridge"), "__name": PLAN, "contractor": "ООО «Кран»"}]},
}


def test_G03_own_fields_of_a_plan_are_held_against_those_of_the_source(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    slices = [Slice("G03", BRIDGE, files={"most.xml": XML}, settings={"mspdi": ["{folder}/most.xml"]})]
    pair = prepared(sandboxes, tmp_path, slices, pair_name)
    (source,) = pair.project.must("discover")["sources"]
    (note,) = [line for line in source["notes"] if PLAN in line and "lacks" in line]
    assert "Номер пролёта (52 values)" in note
    assert "Подрядчик" not in note
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.answers["run"] = pair.project.must("run", codes=(1,))
    rows = pair.destination.made_rows(pair.destination.made("MS Project task"))
    assert {row["Номер пролёта"] for row in rows} == {f"П-{n}" for n in range(52)}
    assert pair.project.must("reconcile")["verdict"].startswith("Everything")
    lines = [line for line in pair.audit if line["source_object"] == "msproject.assignments"]
    assert [line["outcome"] for line in lines] == ["rejected"]
    moved(record_property, len(rows) + 2, 1)


FIRMS: list[dict[str, Any]] = [
    {
        "__id": key("G06", n),
        "__name": f"За краем {n}",
        "_website": f"https://kraj-{MANY - 1 - n}.example",
        "_address": f"ул. Дальняя, {n}",
    }
    for n in range(50)
] + [{"__id": key("G06", "odd"), "__name": "Кривая", "_website": "нет адреса"}]


def crowd(destination: Twenty) -> None:
    """More companies at the destination than an export gives."""
    for start in range(0, MANY, AT_ONCE):
        wanted = [
            {"name": f"Старая {n}", "domainName": {"primaryLinkUrl": f"https://kraj-{n}.example"}}
            for n in range(start, min(MANY, start + AT_ONCE))
        ]
        destination.ask("POST", "/rest/batch/companies", wanted)


@pytest.mark.destination("twenty")
def test_G06_records_beyond_the_end_of_an_export_are_found_by_the_api(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = prepared(sandboxes, tmp_path, [Slice("G06", {"items": {COMPANIES: FIRMS}}, crowd)], pair_name)
    before = len(pair.answers["before"]["records"]["company"]["live"])
    assert before > MANY
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.answers["run"] = pair.project.must("run", codes=(1,))
    phase = pair.phase(f"{COMPANIES}>company")
    assert phase["destination"] == {"updated": 50}
    live = pair.destination.dump()["records"]["company"]["live"]
    assert len(live) == before
    by_domain = {row["domainName"]["primaryLinkUrl"]: row for row in live if row.get("domainName")}
    for n in range(50):
        row = by_domain[f"https://kraj-{MANY - 1 - n}.example"]
        assert row["name"] == f"За краем {n}"
        assert row["address"]["addressStreet1"] == f"ул. Дальняя, {n}"
    refused = pair.refused([firm["__id"] for firm in FIRMS])
    assert set(refused) == {key("G06", "odd")}
    moved(record_property, len(FIRMS), len(refused))
