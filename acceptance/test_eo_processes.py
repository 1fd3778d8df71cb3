"""EO05, EO10, EO11 and EO12: process instances, workflows, robots, reports."""

# ruff: noqa: N802 - a test is named after its row

import csv
import json
from pathlib import Path
from typing import Any

from acceptance.destinations.odoo_rows import amount
from acceptance.harness import Pair, Sandboxes, discovered, moved
from acceptance.platforms import Row
from acceptance.slices import ANNA, ANNA_MAIL, COMPANIES, CONTACTS, IVAN, IVAN_MAIL, LEADS, Json, Slice, key
from acceptance.test_et_processes import BILLS, SALES

PAIR = "elma365-odoo"
INSTANCES, STEPS = "_process.instances", "_process.steps"
STATES = ("exec", "wait", "error", "cancel", "done")
STAGES = ("Qualified", "Proposition", "Proposition", None, "Won")  # a cancelled one is archived

CHECK = {
    "__id": key("EO05", "check"),
    "namespace": LEADS,
    "code": "check05",
    "__name": "Проверка сделки",
}


def instance(number: int, **more: Any) -> Json:
    """Instance of the check of a deal: a step of the system, then a task of Anna."""
    day = f"2024-05-{number % 28 + 1:02d}"
    own = {
        "__id": key("EO05", number),
        "__name": f"Проверка сделки №{number}",
        "__template": {
            "id": CHECK["__id"],
            "name": CHECK["__name"],
            "namespace": CHECK["namespace"],
            "code": CHECK["code"],
            "version": 3,
        },
        "__state": STATES[number % 5],
        "__createdAt": f"{day}T08:00:00Z",
        "__createdBy": IVAN,
        "__updatedAt": f"{day}T12:30:00Z",
        "__performers": [ANNA],
        "__item": {"namespace": "_clients", "code": "_leads", "id": key("EO05", "deal", number % 3)},
        "__flowHistory": [
            {
                "id": key("EO05", "flow", number),
                "name": "Запрос в реестр",
                "type": "script",
                "state": "done",
                "startedAt": f"{day}T08:00:01Z",
                "finishedAt": f"{day}T08:00:02Z",
                "performers": [],
            }
        ],
        "__tasks": [
            {
                "__id": key("EO05", "task", number),
                "__name": "Сверить <ИНН>",
                "state": "closed",
                "performers": [ANNA],
                "__createdAt": f"{day}T09:00:00Z",
                "__updatedAt": f"{day}T11:15:00Z",
            }
        ],
        "risk": {"score": number},
    }
    return own | more


CASES = [instance(n) for n in range(52)]
ODD = [instance(52, __state="paused")]
SEED: Json = {
    "items": {
        COMPANIES: [
            {"__id": key("EO05", "company"), "__name": "Проверяемая", "_website": "https://eo05.example"}
        ],
        CONTACTS: [
            {
                "__id": key("EO05", "contact"),
                "__name": "Проверкин Ян",
                "_fullname": {"lastname": "Проверкин", "firstname": "Ян", "middlename": ""},
                "_email": [{"email": "yan@eo05.example"}],
            }
        ],
        LEADS: [
            {
                "__id": key("EO05", "deal", n),
                "__name": f"Проверяемая сделка {n}",
                "status": "new",
                "budget": {"cents": 5_000_000 + n, "currency": "RUB"},
                "company": [key("EO05", "company")],
                "contact": [key("EO05", "contact")],
            }
            for n in range(3)
        ],
    },
    "processes": [CHECK],
    "instances": [*CASES, *ODD],
}
SLICES = {"EO05": [Slice("EO05", SEED)]}


def messages_of(shared: Pair) -> dict[int, list[Row]]:
    """The messages of each lead, oldest first."""
    found: dict[int, list[Row]] = {}
    for row in sorted(shared.destination.all("mail.message"), key=lambda row: (row["date"], row["id"])):
        if row["model"] == "crm.lead":
            found.setdefault(row["res_id"], []).append(row)
    return found


def test_EO05_instances_become_opportunities_with_stage_revenue_and_closing_date(
    shared: Pair, record_property
):
    there = shared.destination
    found, deals = there.ours("crm.lead", INSTANCES), there.ours("crm.lead", LEADS)
    person = there.ours("res.partner", CONTACTS)[key("EO05", "contact")]["id"]
    for n in range(52):
        row, day = found[key("EO05", n)], f"2024-05-{n % 28 + 1:02d}"
        assert (row["name"], row["type"]) == (f"Проверка сделки №{n}", "opportunity")
        if STAGES[n % 5]:
            assert row["stage_id"][1] == STAGES[n % 5]
        assert row["active"] is (STATES[n % 5] != "cancel")
        assert amount(row["expected_revenue"]) == amount(50_000 + n % 3 / 100)
        assert row["date_closed"] == (f"{day} 12:30:00" if n % 5 in (3, 4) else False)
        assert row["partner_id"][0] == person
        assert row["user_id"][0] == there.user(ANNA_MAIL)
        assert row["x_about_crm_lead"][0] == deals[key("EO05", "deal", n % 3)]["id"]
        assert (row["x_case"], row["x_process"]) == (key("EO05", n), "Проверка сделки")
        assert row["x_process_version"] == 3
        assert row["x_source_created_at"] == f"{day} 08:00:00"
        assert row["x_source_author"] == "Сидоров Иван Андреевич"
    refused = shared.refused([case["__id"] for case in [*CASES, *ODD]], f"{INSTANCES}>crm.lead")
    assert set(refused) == {key("EO05", 52)}
    assert "paused" in refused[key("EO05", 52)]
    moved(record_property, len(CASES) + len(ODD) + 3, len(refused))


def test_EO05_the_steps_are_a_note_of_the_opportunity(shared: Pair):
    there = shared.destination
    found, messages = there.ours("crm.lead", INSTANCES), messages_of(shared)
    ivan = there.all("res.users", [["email", "=", IVAN_MAIL]])[0]["partner_id"][0]
    for n in range(52):
        day = f"2024-05-{n % 28 + 1:02d}"
        own = messages[found[key("EO05", n)]["id"]]
        (note,) = [row for row in own if row["subject"] == "Steps of Проверка сделки"]
        assert "1. Запрос в реестр, done, " in note["body"]
        assert f"2. Сверить &lt;ИНН&gt;, closed, {day} 09:00 UTC - {day} 11:15 UTC" in note["body"]
        assert note["author_id"][0] == ivan
        assert note["date"] == f"{day} 12:30:00"
        steps = [row for row in own if row["subject"] in ("1. Запрос в реестр", "2. Сверить <ИНН>")]
        assert [row["date"] for row in steps] == [f"{day} 08:00:02", f"{day} 11:15:00"]


# --- what cannot move ---------------------------------------------------------------------------


def found(pair: Pair, kind: str) -> dict[str, Any]:
    """What discover says of one kind of artifact."""
    reports = {report["kind"]: report for report in pair.answers["discover"]["sources"][0]["artifacts"]}
    return reports[kind]


def named(pair: Pair, kind: str) -> dict[str, dict[str, Any]]:
    """The artifacts of a kind by name."""
    return {artifact["name"]: artifact for artifact in found(pair, kind)["found"]}


def handed_over(pair: Pair) -> dict[str, Any]:
    """The handoff."""
    pair.project.must("map", "propose")
    pair.project.must("handoff", codes=(0, 1))
    path = pair.project.folder / "reports" / "handoff.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


FIFTY = [
    {
        "__id": key("EO10", n),
        "namespace": "trade11.bills",
        "code": f"copy{n}",
        "__name": f"Согласование {n}",
        "version": 1,
        "definition": BILLS["processes"][0]["definition"],
    }
    for n in range(52)
]


def test_EO10_workflows_are_listed_with_trigger_steps_conditions_and_assignees(
    sandboxes: Sandboxes, tmp_path: Path, record_property
):
    seed = {"apps": BILLS["apps"], "processes": FIFTY}
    pair = discovered(sandboxes, tmp_path, [Slice("EO10", seed)], PAIR)

    workflows = named(pair, "workflow")
    assert {f"Согласование {n}" for n in range(52)} <= set(workflows)
    details = workflows["Согласование 7"]["details"]
    assert details["trigger"] == "started by a person"
    assert [step["name"] for step in details["steps"]] == [
        "Дорого?",
        "Согласовать",
        "Выписать счёт",
        "Отправить",
    ]
    assert {step["people"] for step in details["steps"]} == {"Директор (field director)"}
    assert details["conditions"] == [
        "Дорого? -> Согласовать: sum more 1000",
        "Дорого? -> Выписать счёт: otherwise",
    ]
    document = handed_over(pair)
    kinds = {report["kind"]: report for report in document["artifacts"][0]["kinds"]}
    assert kinds["workflow"] == found(pair, "workflow")
    page = (pair.project.folder / "reports" / "handoff.html").read_text(encoding="utf-8")
    for words in ("Согласование 51", "sum more 1000", "Директор"):
        assert words in page
    assert "aaaabbbbccccdddd1234" not in page
    record_property("records", len(workflows))


def test_EO10_what_has_no_equivalent_or_another_one_there_is_said(sandboxes: Sandboxes, tmp_path: Path):
    seed = {"apps": BILLS["apps"], "processes": FIFTY[:1]}
    pair = discovered(sandboxes, tmp_path, [Slice("EO10", seed)], PAIR)

    lacking = {need["capability"]: need for need in handed_over(pair)["lacking"]}

    assert lacking["approvals"]["support"] in ("no", "unknown")
    assert lacking["approvals"]["needed_by"] == [
        {"kind": "workflow", "name": "Согласование 0", "steps": ["Согласовать"]}
    ]


ROBOTS = "Робот;Назначение;Расписание;Ответственный\r\n" + "".join(
    f"Робот {n};Сверяет склад {n};каждый час;Анна Петрова\r\n" for n in range(50)
)


def test_EO11_robots_are_listed_with_what_they_are_for(sandboxes: Sandboxes, tmp_path: Path, record_property):
    (tmp_path / "robots.csv").write_text(ROBOTS, encoding="cp1251")
    settings = {"robots": str(tmp_path / "robots.csv")}
    pair = discovered(sandboxes, tmp_path, [Slice("EO11", BILLS, settings=settings)], PAIR)

    robots = named(pair, "robot")
    assert set(robots) == {f"Робот {n}" for n in range(50)} | {"Счетовод"}
    for n in range(50):
        assert robots[f"Робот {n}"]["details"]["purpose"] == f"Сверяет склад {n}"
    assert robots["Счетовод"]["details"]["called_by"] == ["Выставление счёта: Выписать счёт"]
    kinds = {report["kind"]: report for report in handed_over(pair)["artifacts"][0]["kinds"]}
    assert kinds["robot"] == found(pair, "robot")
    record_property("records", len(robots))


def test_EO11_without_a_source_of_knowledge_robots_are_not_examined(sandboxes: Sandboxes, tmp_path: Path):
    pair = discovered(sandboxes, tmp_path, [Slice("EO11", {})], PAIR)

    assert found(pair, "robot")["found"] == []
    assert found(pair, "robot")["summary"].startswith("not examined: ")


def test_EO12_the_data_of_every_report_is_extracted(sandboxes: Sandboxes, tmp_path: Path, record_property):
    reports = [
        {
            "namespace": "trade12",
            "code": f"r{n}",
            "__name": f"Отчёт {n}",
            "__id": key("EO12", n),
            "rows": rows,
        }
        for n, rows in enumerate((SALES, [], [{"region": "Тверь", "count": 3}]))
    ]
    pages = [{"namespace": "trade12", "code": "board", "name": "Панель", "__id": key("EO12", "page")}]
    app = {"namespace": "trade12", "code": "things", "name": "Вещи", "fields": []}
    seed = {"apps": [app], "reports": reports, "pages": pages}
    pair = discovered(sandboxes, tmp_path, [Slice("EO12", seed)], PAIR)

    rows = {name: each["details"] for name, each in named(pair, "report").items()}
    assert {name: each["rows"] for name, each in rows.items()} == {
        "Отчёт 0": len(SALES),
        "Отчёт 1": 0,
        "Отчёт 2": 1,
    }
    assert len(lines_of(pair, rows["Отчёт 0"]["file"])) == len(SALES) + 1
    assert lines_of(pair, rows["Отчёт 2"]["file"]) == [["region", "count"], ["Тверь", "3"]]
    assert list(named(pair, "page")) == ["Панель"]
    assert found(pair, "dashboard")["summary"].startswith("not examined: ")
    record_property("records", len(SALES) + 1)


def lines_of(pair: Pair, name: str) -> list[list[str]]:
    """The lines of a file with extracted data."""
    path = pair.project.folder / "reports" / name
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))
