"""ET03: projects of the company and of MS Project files."""

# ruff: noqa: N802 - a test is named after its row

from pathlib import Path
from typing import Any

from acceptance.harness import Pair, Sandboxes, moved, prepared
from acceptance.slices import ANNA, ANNA_MEMBER, COMPANIES, Slice, key

PROJECTS = "_projects._projects"
PLAN = "Склад в Твери"
LEAVES = [*range(2, 26), *range(27, 51)]  # under task 1 and under task 26

ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("ET03", n),
        "__name": f"Проект {n}",
        "parent": [key("ET03", 0)] if n else [],
        "company": [key("ET03", "company")],
        "manager": [ANNA],
        "start_date": f"2024-02-{n + 1:02d}T00:00:00Z",
        "finish_date": f"2024-06-{n + 1:02d}T00:00:00Z",
        "budget": {"cents": 100_000 * (n + 1), "currency": "RUB"},
        "status": "active",
    }
    for n in range(12)
] + [{"__id": key("ET03", "nameless"), "__name": "", "start_date": "2024-02-01T00:00:00Z"}]


def task(uid: int, name: str, level: int, *more: str) -> str:
    """One task of the file."""
    summary = "1" if uid in (0, 1, 26) else "0"
    return (
        f"<Task><UID>{uid}</UID><ID>{uid}</ID><Name>{name}</Name><OutlineLevel>{level}</OutlineLevel>"
        f"<Summary>{summary}</Summary><Start>2024-01-{uid % 28 + 1:02d}T08:00:00</Start>"
        f"<Finish>2024-01-{uid % 28 + 1:02d}T17:00:00</Finish><Duration>PT12H0M0S</Duration>"
        f"<DurationFormat>7</DurationFormat><PercentComplete>{uid}</PercentComplete>{''.join(more)}</Task>"
    )


def leaf(uid: int) -> str:
    """A task that waits for the one before it, one day after its end."""
    link = f"<PredecessorLink><PredecessorUID>{uid - 1}</PredecessorUID><Type>1</Type><LinkLag>4800</LinkLag>"
    firm = "<ExtendedAttribute><FieldID>188743731</FieldID><Value>ООО «Кран»</Value></ExtendedAttribute>"
    return task(uid, f"Работа {uid}", 2, firm, link, "<LagFormat>7</LagFormat></PredecessorLink>")


TASKS = [
    task(0, PLAN, 0),
    task(1, "Подготовка", 1),
    *(leaf(n) for n in range(2, 26)),
    task(26, "Стройка", 1),
    *(leaf(n) for n in range(27, 51)),
]
RESOURCES = [
    f"<Resource><UID>{n}</UID><ID>{n}</ID><Name>Рабочий {n}</Name><Type>1</Type></Resource>"
    for n in range(1, 5)
]
ASSIGNMENTS = [
    f"<Assignment><UID>{1000 + n}</UID><TaskUID>{n}</TaskUID><ResourceUID>{n % 4 + 1}</ResourceUID>"
    f"<Units>0.5</Units><Work>PT6H0M0S</Work></Assignment>"
    for n in LEAVES
] + [
    "<Assignment><UID>2000</UID><TaskUID>2</TaskUID><ResourceUID>99</ResourceUID><Units>1</Units></Assignment>"
]
XML = (
    '<?xml version="1.0" encoding="UTF-8"?><Project xmlns="http://schemas.microsoft.com/project">'
    f"<Name>{PLAN}</Name><StartDate>2024-01-01T08:00:00</StartDate>"
    "<FinishDate>2024-01-28T17:00:00</FinishDate><MinutesPerDay>480</MinutesPerDay>"
    "<ExtendedAttributes><ExtendedAttribute><FieldID>188743731</FieldID><FieldName>Text1</FieldName>"
    "<Alias>Подрядчик</Alias></ExtendedAttribute></ExtendedAttributes>"
    f"<Tasks>{''.join(TASKS)}</Tasks><Resources>{''.join(RESOURCES)}</Resources>"
    f"<Assignments>{''.join(ASSIGNMENTS)}</Assignments></Project>"
)
COMPANY = {"__id": key("ET03", "company"), "__name": "Заказчик складов", "_website": "https://sklad.example"}
SEED: dict[str, Any] = {"items": {COMPANIES: [COMPANY], PROJECTS: ITEMS}}
SLICES = {
    "ET03": [Slice("ET03", SEED, files={"plan.xml": XML}, settings={"mspdi": ["{folder}/plan.xml"]})],
}


def by_uid(rows: list[dict]) -> dict[int, dict]:
    """Records of the file by their UID."""
    return {int(row["uid"]): row for row in rows}


def test_ET03_projects_keep_hierarchy_dates_and_manager(shared: Pair, record_property):
    found = shared.destination.ours("projects", PROJECTS)
    company = shared.destination.ours("companies", COMPANIES)[key("ET03", "company")]
    root = found[key("ET03", 0)]
    assert root["parentId"] is None
    for n in range(12):
        row = found[key("ET03", n)]
        assert row["name"] == f"Проект {n}"
        assert row["parentId"] == (root["id"] if n else None)
        assert row["companyId"] == company["id"]
        assert row["managerId"] == ANNA_MEMBER
        assert (row["startDate"], row["finishDate"]) == (f"2024-02-{n + 1:02d}", f"2024-06-{n + 1:02d}")
        assert row["budget"] == {"amountMicros": 1_000_000_000 * (n + 1), "currencyCode": "RUB"}
        assert row["status"] == "ACTIVE"
    refused = shared.refused([item["__id"] for item in ITEMS])
    assert set(refused) == {key("ET03", "nameless")}
    file_records = 1 + len(TASKS) + len(RESOURCES) + len(ASSIGNMENTS) + len(LEAVES)
    moved(record_property, len(ITEMS) + file_records, len(refused) + 1)


def as_companies(mapping: Any) -> None:
    """The customer's decision: a project is a company."""
    mapping["decisions"] = {**(mapping.get("decisions") or {}), "project_as": "company"}


def test_ET03_projects_become_companies_if_that_is_decided(sandboxes: Sandboxes, tmp_path: Path):
    pair = prepared(sandboxes, tmp_path, [Slice("ET03", SEED, edit=as_companies)], "elma365-twenty")
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.answers["run"] = pair.project.must("run", codes=(1,))
    assert "project" not in pair.destination.objects()
    found = pair.destination.ours("companies", PROJECTS)
    assert set(found) == {key("ET03", n) for n in range(12)}
    for n in range(12):
        row = found[key("ET03", n)]
        assert row["name"] == f"Проект {n}"
        assert row["parentId"] == (found[key("ET03", 0)]["id"] if n else None)
        assert row["budget"] == {"amountMicros": 1_000_000_000 * (n + 1), "currencyCode": "RUB"}
        assert (row["startDate"], row["finishDate"]) == (f"2024-02-{n + 1:02d}", f"2024-06-{n + 1:02d}")
    assert set(pair.refused([item["__id"] for item in ITEMS])) == {key("ET03", "nameless")}


def test_ET03_a_project_file_keeps_outline_dates_durations_and_own_fields(shared: Pair):
    tasks = by_uid(shared.destination.all("msTasks"))
    assert set(tasks) == set(range(51))
    for uid, row in tasks.items():
        parent = 1 if 2 <= uid < 26 else 26 if uid > 26 else 0
        assert row["parentId"] == (tasks[parent]["id"] if uid else None), uid
        assert row["start"] == f"2024-01-{uid % 28 + 1:02d}T08:00:00.000Z"
        assert row["finish"] == f"2024-01-{uid % 28 + 1:02d}T17:00:00.000Z"
        assert row["durationDays"] == 1.5
        assert row["percent"] == uid
    assert tasks[30]["name"] == "Работа 30"
    fields = shared.destination.objects()["msTask"]["fields"]
    own = [name for name, field in fields.items() if field["label"] == "Подрядчик"]
    assert [tasks[n][own[0]] for n in (2, 50)] == ["ООО «Кран»", "ООО «Кран»"]


def test_ET03_a_project_file_keeps_resources_assignments_and_links(shared: Pair):
    destination = shared.destination
    tasks, people = by_uid(destination.all("msTasks")), by_uid(destination.all("msResources"))
    assert {uid: row["name"] for uid, row in people.items()} == {n: f"Рабочий {n}" for n in range(1, 5)}
    work = by_uid(destination.all("msAssignments"))
    assert set(work) == {1000 + n for n in LEAVES}
    for n in LEAVES:
        row = work[1000 + n]
        assert (row["taskId"], row["resourceId"]) == (tasks[n]["id"], people[n % 4 + 1]["id"])
        assert row["units"] == 0.5
    links = {(r["predecessorId"], r["successorId"]): r for r in destination.all("msLinks")}
    assert set(links) == {(tasks[n - 1]["id"], tasks[n]["id"]) for n in LEAVES}
    assert {
        (row["type"] if "type" in row else row["typeCustom"], row["lagDays"]) for row in links.values()
    } == {("FS", 1)}
    lines = [
        x for x in shared.audit if x["source_object"] == "msproject.assignments" and "2000" in x["source_id"]
    ]
    assert [line["outcome"] for line in lines] == ["rejected"]
    assert "99" in lines[0]["reasons"]
