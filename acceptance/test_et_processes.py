"""ET08, ET10, ET11 and ET12: process instances, robots, workflows, reports."""

# ruff: noqa: N802 - a test is named after its row

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from acceptance.harness import Pair, Sandboxes, discovered, moved, prepared
from acceptance.slices import (
    ANNA,
    ANNA_MEMBER,
    COMPANIES,
    IVAN,
    IVAN_MEMBER,
    ROMAN,
    Slice,
    key,
)

PAIR = "elma365-twenty"
INSTANCES, STEPS = "_process.instances", "_process.steps"
STATES = ("exec", "wait", "error", "cancel", "done")
THERE = ("RUNNING", "WAITING", "FAILED", "CANCELED", "DONE")

CHECK = {
    "__id": key("ET08", "check"),
    "namespace": COMPANIES,
    "code": "check",
    "__name": "Проверка контрагента",
}
SHIP = {"__id": key("ET08", "ship"), "namespace": "trade08.parcel", "code": "ship", "__name": "Отгрузка"}


def template(process: dict[str, Any]) -> dict[str, Any]:
    """What an instance says of its process."""
    return {
        "id": process["__id"],
        "name": process["__name"],
        "namespace": process["namespace"],
        "code": process["code"],
        "version": 3,
    }


def instance(number: int) -> dict[str, Any]:
    """Instance of the check of the company: a step of the system, then a task of Anna."""
    day = f"2024-05-{number % 28 + 1:02d}"
    return {
        "__id": key("ET08", number),
        "__name": f"Проверка №{number}",
        "__template": template(CHECK),
        "__state": STATES[number % 5],
        "__createdAt": f"{day}T08:00:00Z",
        "__createdBy": IVAN,
        "__updatedAt": f"{day}T12:30:00.123456789Z",
        "__performers": [ANNA],
        "__item": {"namespace": "_clients", "code": "_companies", "id": key("ET08", "company")},
        "__flowHistory": [
            {
                "id": key("ET08", "flow", number),
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
                "__id": key("ET08", "task", number),
                "__name": "Сверить ИНН",
                "state": "closed",
                "performers": [ANNA],
                "__createdAt": f"{day}T09:00:00Z",
                "__updatedAt": f"{day}T11:15:00Z",
                "dueDate": f"{day}T18:00:00Z",
            }
        ],
        "risk": {"score": number, "note": "низкий"},
    }


CASES = [instance(n) for n in range(55)]
ODD: list[dict[str, Any]] = [
    # A state that nobody knows: refused. One without a record, one on a custom object.
    {**instance(55), "__state": "paused"},
    {
        "__id": key("ET08", "alone"),
        "__name": "Без карточки",
        "__template": template(CHECK),
        "__state": "done",
        "__createdBy": ROMAN,
        "__createdAt": "2023-02-03T04:05:06Z",
        "__flowHistory": "журнал в другом виде",
    },
    {
        "__id": key("ET08", "order"),
        "__name": "",
        "__template": template(SHIP),
        "__state": "exec",
        "__createdBy": ANNA,
        "__createdAt": "2024-06-01T10:00:00Z",
        "__parent": key("ET08", 0),
        "__item": {"namespace": "trade08", "code": "parcel", "id": key("ET08", "order item")},
    },
]
ET08_SEED: dict[str, Any] = {
    "apps": [{"namespace": "trade08", "code": "parcel", "name": "Посылки 08", "fields": []}],
    "items": {
        COMPANIES: [
            {"__id": key("ET08", "company"), "__name": "Проверенная", "_website": "https://proverka.example"}
        ],
        "trade08.parcel": [{"__id": key("ET08", "order item"), "__name": "Заказ 7"}],
    },
    "processes": [CHECK, SHIP],
    "instances": [*CASES, *ODD],
}
SLICES = {"ET08": [Slice("ET08", ET08_SEED)]}

TWO_STEPS = (
    "1. Запрос в реестр, done, {0} 08:00 UTC - {0} 08:00 UTC\n"
    "2. Сверить ИНН, closed, {0} 09:00 UTC - {0} 11:15 UTC, Петрова Анна Сергеевна"
)


def test_ET08_instances_become_an_activity_log_in_full(shared: Pair, record_property):
    logs = shared.destination.ours("activityLogs", INSTANCES)
    steps = shared.destination.ours("activityLogs", STEPS)
    company = shared.destination.ours("companies", COMPANIES)[key("ET08", "company")]["id"]
    for n in range(55):
        row, day = logs[key("ET08", n)], f"2024-05-{n % 28 + 1:02d}"
        assert (row["name"], row["kind"], row["caseId"]) == (f"Проверка №{n}", "PROCESS", key("ET08", n))
        assert (row["process"], row["processVersion"]) == ("Проверка контрагента", 3)
        assert row["state"] == THERE[n % 5]
        assert row["startedAt"] == row["createdAt"] == f"{day}T08:00:00.000Z"
        assert row["endedAt"] == (f"{day}T12:30:00.123Z" if n % 5 in (3, 4) else None)
        assert row["createdBy"]["workspaceMemberId"] == IVAN_MEMBER
        assert row["performerId"] == ANNA_MEMBER
        assert row["steps"] == TWO_STEPS.format(day)
        assert row["context"] == {"risk": {"score": n, "note": "низкий"}}
        assert row["aboutCompanyId"] == company
        task = steps[f"{key('ET08', n)}/{key('ET08', 'task', n)}"]
        assert (task["name"], task["kind"], task["stepNumber"]) == ("Сверить ИНН", "STEP", 2)
        assert (task["caseId"], task["partOfId"]) == (key("ET08", n), row["id"])
        assert (task["startedAt"], task["endedAt"]) == (f"{day}T09:00:00.000Z", f"{day}T11:15:00.000Z")
        assert (task["performerId"], task["people"]) == (ANNA_MEMBER, "Петрова Анна Сергеевна")
    assert len(steps) == 110
    refused = shared.refused([case["__id"] for case in [*CASES, *ODD]], INSTANCES)
    assert set(refused) == {key("ET08", 55)}
    assert "paused" in refused[key("ET08", 55)]
    moved(record_property, len(CASES) + len(ODD), len(refused))


def test_ET08_instances_keep_what_they_ran_on_and_what_started_them(shared: Pair):
    logs = shared.destination.ours("activityLogs", INSTANCES)
    order = shared.destination.ours("parcels", "trade08.parcel")[key("ET08", "order item")]["id"]

    assert logs[key("ET08", "order")]["aboutParcelId"] == order
    assert logs[key("ET08", "order")]["partOfId"] == logs[key("ET08", 0)]["id"]
    assert logs[key("ET08", "order")]["name"] == "Отгрузка"
    alone = logs[key("ET08", "alone")]
    assert (alone["aboutCompanyId"], alone["createdAt"]) == (None, "2023-02-03T04:05:06.000Z")
    assert alone["createdBy"]["name"] == "Роман Белов"
    assert alone["unreadHistory"] == ["журнал в другом виде"]


def decided(**decisions: Any) -> Slice:
    """The data of ET08 with other decisions."""

    def edit(mapping: Any) -> None:
        mapping.setdefault("decisions", {}).update(decisions)

    return Slice("ET08", ET08_SEED, edit=edit)


def test_ET08_in_summary_an_instance_is_one_record_with_its_steps_as_text(
    sandboxes: Sandboxes, tmp_path: Path
):
    pair = prepared(sandboxes, tmp_path, [decided(history="summarised")], PAIR)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.project.must("run", codes=(0, 1))

    logs = pair.destination.ours("activityLogs", INSTANCES)
    assert len(logs) == len(pair.destination.all("activityLogs")) == 57
    assert logs[key("ET08", 4)]["steps"] == TWO_STEPS.format("2024-05-05")


def test_ET08_the_last_months_need_a_date_and_keep_it(sandboxes: Sandboxes, tmp_path: Path):
    pair = prepared(sandboxes, tmp_path, [Slice("ET08", ET08_SEED)], PAIR)
    mapping = pair.project.yaml("mapping.yaml")
    decisions = mapping.setdefault("decisions", {})
    decisions["history"] = "last_12_months"
    pair.project.save("mapping.yaml", mapping)
    undated = pair.project.call("map", "check")
    decisions["history_since"] = "2024-05-28"
    pair.project.save("mapping.yaml", mapping)
    for command in (["map", "confirm", "--by", "Acceptance"], ["provision"]):
        pair.project.must(*command)
    pair.project.must("run", codes=(0, 1))

    assert undated.code == 2
    assert "history_since" in undated.stderr
    found = {row["name"] for row in pair.destination.ours("activityLogs", INSTANCES).values()}
    assert found == {"Проверка №27", "Отгрузка"}


# --- what cannot move ---------------------------------------------------------------------------

NIL = "00000000-0000-0000-0000-000000000000"


def node(number: str, kind: str, name: str, lane: str = "boss", **settings: Any) -> dict[str, Any]:
    """A node of a process definition."""
    return {"id": number, "type": kind, "name": name, "lane": lane, "settings": settings}


def arrow(number: str, source: str, target: str, kind: str = "plain", **settings: Any) -> dict[str, Any]:
    """An arrow of a process definition."""
    return {
        "id": number,
        "name": "",
        "type": kind,
        "source": source,
        "target": target,
        "settings": settings,
    }


def by_id(*parts: dict[str, Any]) -> dict[str, Any]:
    """Parts of a definition as the platform keeps them."""
    return {part["id"]: part for part in parts}


BIG = {"a": {"kind": "context", "value": "sum"}, "operation": "more", "b": {"kind": "manual", "value": 1000}}
DEFINITION: dict[str, Any] = {
    "type": "bpmn",
    "version": 7,
    "manualRun": True,
    "context": [{"code": "sum", "type": "MONEY", "view": {"name": "Сумма"}}],
    "scripts": "async function ask() {\n  const h = {Authorization: 'Bearer aaaabbbbccccdddd1234'};\n}\n",
    "process": {
        "items": by_id(
            node(NIL, "start", "", "clerk"),
            node("g", "gateway", "Дорого?"),
            node("a", "approval_list_process", "Согласовать"),
            node("r", "rpa", "Выписать счёт", robot={"id": "r-17", "name": "Счетовод"}),
            node(
                "w", "web_service", "Отправить", headers=[{"name": "Authorization", "value": "s3cr3t-value"}]
            ),
            node("e", "end", ""),
        ),
        "transitions": by_id(
            arrow("1", NIL, "g"),
            arrow("2", "g", "a", conditions=[BIG]),
            arrow("3", "g", "r", "default"),
            arrow("4", "a", "r"),
            arrow("5", "r", "w"),
            arrow("6", "w", "e"),
        ),
        "lanes": by_id(
            {"id": "clerk", "name": "Инициатор", "settings": {"type": "dynamic", "variable": "__createdBy"}},
            {"id": "boss", "name": "Директор", "settings": {"type": "dynamic", "variable": "director"}},
        ),
    },
}
INVOICE = {
    "__id": key("ET11", "invoice"),
    "namespace": "trade11.bills",
    "code": "invoice",
    "__name": "Выставление счёта",
    "version": 7,
}
BILLS: dict[str, Any] = {
    "apps": [{"namespace": "trade11", "code": "bills", "name": "Счета", "fields": []}],
    "processes": [INVOICE | {"definition": DEFINITION}],
}


def found(pair: Pair, kind: str) -> dict[str, Any]:
    """What discover says of one kind of artifact."""
    reports = {report["kind"]: report for report in pair.answers["discover"]["sources"][0]["artifacts"]}
    return reports[kind]


def named(pair: Pair, kind: str) -> dict[str, dict[str, Any]]:
    """The artifacts of a kind by name."""
    return {artifact["name"]: artifact for artifact in found(pair, kind)["found"]}


def handed_over(pair: Pair) -> dict[str, Any]:
    """What the handoff says, by kind of artifact."""
    pair.project.must("map", "propose")
    pair.project.must("handoff", codes=(0, 1))
    document = json.loads((pair.project.folder / "reports" / "handoff.json").read_text(encoding="utf-8"))
    return {report["kind"]: report for report in document["artifacts"][0]["kinds"]}


def company(sandboxes: Sandboxes, folder: Path, seed: dict[str, Any], **settings: Any) -> Pair:
    """A project over a company with this data, after discover."""
    return discovered(sandboxes, folder, [Slice("own", seed, settings=settings)], PAIR)


def test_ET10_robots_come_from_the_list_the_server_and_the_steps_that_call_them(
    sandboxes: Sandboxes, tmp_path: Path, record_property
):
    (tmp_path / "robots.csv").write_text(
        "Робот;Назначение;Расписание;Ответственный\r\n"
        "Счетовод;Выписывает счета;каждый час;Анна Петрова; \r\n"
        "Курьер;Разносит накладные;в 9:00;Иван Сидоров\r\n",
        encoding="cp1251",
    )
    (tmp_path / "orchestrator.json").write_text(
        json.dumps(
            {"robots": [{"id": "r-99", "name": "Ночной сверщик", "schedule": "0 2 * * *", "active": False}]}
        ),
        encoding="utf-8",
    )

    pair = company(
        sandboxes,
        tmp_path,
        BILLS,
        robots=str(tmp_path / "robots.csv"),
        orchestrator=str(tmp_path / "orchestrator.json"),
    )

    robots = named(pair, "robot")
    assert found(pair, "robot")["summary"] == "3 found"
    assert set(robots) == {"Счетовод", "Курьер", "Ночной сверщик"}
    clerk = robots["Счетовод"]["details"]
    assert (clerk["purpose"], clerk["trigger"]) == ("Выписывает счета", "каждый час")
    assert clerk["people"] == ["Анна Петрова"]
    assert clerk["called_by"] == ["Выставление счёта: Выписать счёт"]
    assert clerk["said_by"] == ["the customer's list", "a step of a process"]
    assert robots["Ночной сверщик"]["active"] is False
    assert robots["Ночной сверщик"]["details"]["trigger"] == "0 2 * * *"
    assert handed_over(pair)["robot"] == found(pair, "robot")
    record_property("records", len(robots))


def test_ET10_robots_are_found_in_process_steps_alone(sandboxes: Sandboxes, tmp_path: Path):
    pair = company(sandboxes, tmp_path, BILLS)

    assert list(named(pair, "robot")) == ["Счетовод"]


def test_ET10_without_a_source_of_knowledge_robots_are_not_examined(sandboxes: Sandboxes, tmp_path: Path):
    (tmp_path / "robots.csv").write_text("Робот;Назначение\n", encoding="utf-8")

    pair = company(sandboxes, tmp_path, {}, robots=str(tmp_path / "robots.csv"))

    said = found(pair, "robot")
    assert said["found"] == []
    assert said["summary"].startswith("not examined: robots.csv has no rows; ELMA RPA is a separate product")


def test_ET11_workflows_are_documented_from_the_api(sandboxes: Sandboxes, tmp_path: Path, record_property):
    pair = company(sandboxes, tmp_path, BILLS)

    workflow = named(pair, "workflow")["Выставление счёта"]["details"]
    assert workflow["trigger"] == "started by a person"
    assert workflow["steps"] == [
        {"name": "Дорого?", "kind": "gateway", "people": "Директор (field director)"},
        {
            "name": "Согласовать",
            "kind": "approval_list_process",
            "people": "Директор (field director)",
            "condition": "sum more 1000",
        },
        {
            "name": "Выписать счёт",
            "kind": "rpa",
            "people": "Директор (field director)",
            "condition": "otherwise",
        },
        {"name": "Отправить", "kind": "web_service", "people": "Директор (field director)"},
    ]
    assert workflow["conditions"] == [
        "Дорого? -> Согласовать: sum more 1000",
        "Дорого? -> Выписать счёт: otherwise",
    ]
    assert workflow["people"] == ["Инициатор (field __createdBy)", "Директор (field director)"]
    assert (workflow["version"], workflow["script_lines"], workflow["where"]) == (7, 3, "Web API")
    assert handed_over(pair)["workflow"] == found(pair, "workflow")
    record_property("records", len(named(pair, "workflow")))


def test_ET11_the_definition_is_exported_without_scripts_and_secrets(sandboxes: Sandboxes, tmp_path: Path):
    pair = company(sandboxes, tmp_path, BILLS)

    file = named(pair, "workflow")["Выставление счёта"]["details"]["file"]
    text = (pair.project.folder / "reports" / file).read_text(encoding="utf-8")
    assert file == "handoff/main/workflows/trade11-bills-invoice.json"
    assert list(json.loads(text)["process"]["items"]) == [NIL, "g", "a", "r", "w", "e"]
    assert "aaaabbbbccccdddd1234" not in text
    assert "s3cr3t-value" not in text
    assert "async function" not in text


def export(folder: Path, change: Callable[[dict[str, Any]], None] | None = None) -> str:
    """A configuration export with one process and an event that starts it."""
    process = INVOICE | DEFINITION | {"code": "refund", "__name": "Возврат", "manualRun": False}
    event = {
        "handlerType": "process",
        "handlerData": {"process": "refund"},
        "event": "item_create",
        "name": "Вход",
    }
    about: dict[str, Any] = {
        "type": "SOLUTION",
        "code": "trade",
        "title": "Торговля",
        "exchangeVersion": 2,
        "services": {"processor": {"path": "processor.zip"}, "event-bus": {"path": "event-bus.zip"}},
        "solution": {"code": "trade", "token": "tok-0123456789abcdef"},
    }
    content: dict[str, bytes] = {"package.json": json.dumps(about).encode()}
    for service, code, entity in (("processor", "refund", process), ("event-bus", "in", event)):
        name = f"entities/trade11.bills/{code}.json"
        row = {"code": code, "name": code, "namespace": "trade11.bills", "path": name}
        content[f"{service}.zip"] = zipped(
            {
                "manifest.json": json.dumps({"Service": service, "number": 1, "entities": [row]}).encode(),
                name: json.dumps(entity).encode(),
                "entities/trade11.bills/stray.json": b"{}",
            }
        )
    (folder / "trade.e365").write_bytes(zipped(content))
    return str(folder / "trade.e365")


def zipped(content: dict[str, bytes]) -> bytes:
    """A ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_ET11_workflows_of_a_configuration_export_join_those_of_the_api(sandboxes: Sandboxes, tmp_path: Path):
    pair = company(sandboxes, tmp_path, BILLS, exports=[export(tmp_path)])

    workflows = named(pair, "workflow")
    assert set(workflows) == {"Выставление счёта", "Возврат"}
    refund = workflows["Возврат"]["details"]
    assert refund["where"] == "export trade.e365"
    assert refund["trigger"] == "event item_create (Вход)"
    assert [step["name"] for step in refund["steps"]] == [
        "Дорого?",
        "Согласовать",
        "Выписать счёт",
        "Отправить",
    ]
    everything = [path for path in pair.project.folder.rglob("*") if path.is_file()]
    assert not [path for path in everything if b"tok-0123456789abcdef" in path.read_bytes()]


SALES = [
    {"region": f"Регион «{n}»", "count": n, "total": {"cents": 100 * n, "currency": "RUB"}}
    for n in range(1199)
] + [{"region": 'с "кавычками", запятой\nи строкой', "count": -1, "comment": "=1+1"}]


def test_ET12_the_data_under_a_report_is_extracted(sandboxes: Sandboxes, tmp_path: Path, record_property):
    reports = [
        {"namespace": "trade12", "code": "sales", "__name": "Продажи", "__id": key("ET12", 1), "rows": SALES},
        {"namespace": "trade12", "code": "none", "__name": "Пусто", "__id": key("ET12", 2), "rows": []},
    ]
    pages = [{"namespace": "trade12", "code": "board", "name": "Панель", "__id": key("ET12", 3)}]
    app = {"namespace": "trade12", "code": "things", "name": "Вещи", "fields": []}

    pair = company(sandboxes, tmp_path, {"apps": [app], "reports": reports, "pages": pages})

    sales, empty = (named(pair, "report")[name]["details"] for name in ("Продажи", "Пусто"))
    path = pair.project.folder / "reports" / sales["file"]
    with path.open(newline="", encoding="utf-8-sig") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["region", "count", "total", "comment"]
    assert lines[1] == ["Регион «0»", "0", '{"cents":0,"currency":"RUB"}', ""]
    assert [line[0] for line in lines[1:1200]] == [f"Регион «{n}»" for n in range(1199)]
    assert [line[1] for line in lines[1:1200]] == [str(n) for n in range(1199)]
    assert lines[1200] == ['с "кавычками", запятой\nи строкой', "-1", "", "'=1+1"]
    assert (sales["rows"], len(lines), empty["rows"]) == (1200, 1201, 0)
    assert list(named(pair, "page")) == ["Панель"]
    assert found(pair, "dashboard")["summary"].startswith("not examined: ")
    record_property("records", len(SALES))
