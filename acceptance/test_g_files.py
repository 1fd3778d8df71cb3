"""G01: the same data once through the Web API and once from files, by the same mapping."""

# ruff: noqa: N802 - a test is named after its row

import base64
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from acceptance.canonical import canonical, differing
from acceptance.destinations import Money
from acceptance.harness import Pair, Project, Sandboxes, moved, platforms, project
from acceptance.slices import (
    ANNA,
    ANNA_MAIL,
    COMPANIES,
    CONTACTS,
    IVAN,
    LEADS,
    ROMAN,
    STAFF,
    Json,
    Slice,
    key,
    merged,
)
from acceptance.sources import Source

pytestmark = pytest.mark.source("elma365")

FILES, USERS = "_system.files", "_system.users"
LAYOUT = Path(__file__).resolve().parents[1] / "examples" / "elma365-files" / "layout.yaml"
MAILS = {
    ANNA: "anna.petrova@romashka.example",
    IVAN: "ivan.sidorov@romashka.example",
    ROMAN: "roman.belov@romashka.example",
}
INDUSTRY = {"it": "Информационные технологии", "trade": "торговля", "agro": "Сельское хозяйство"}
STATUS = {1: "Новый", 2: "Квалификация", 3: "Предложение", 4: "Успешно", 5: "Отказ"}
EACH = {"companies": 30, "contacts": 24, "leads": 12, "files": 8}


def company(number: int) -> Json:
    """A company as the Web API answers it."""
    return {
        "__id": key("G01", "company", number),
        "__name": f"ООО «Ёлка {number:02d}»",
        "__createdAt": f"2019-03-{number % 28 + 1:02d}T08:30:00Z",
        "__updatedAt": "2023-01-05T10:00:00Z",
        "__createdBy": ANNA,
        "_inn": f"77010100{number:02d}",
        "_website": f"https://yolka-{number:02d}.example",
        "_address": f"г. Тверь, ул. Советская, д. {number}",
        "_phone": [{"tel": f"+7495000{number:04d}", "type": "work"}, {"tel": f"+7812000{number:04d}"}],
        "industry": [{"code": list(INDUSTRY)[number % 3], "name": "?"}],
        "revenue": {"cents": 123_456_789 + number, "currency": "RUB"},
        "employees": 10 + number,
        "is_partner": number % 2 == 0,
        "contract_date": f"2021-05-{number % 28 + 1:02d}T00:00:00Z",
        "responsible": [ANNA if number % 2 else IVAN],
        "contract_files": [key("G01", "file", number)] if number < EACH["files"] else [],
    }


def contact(number: int) -> Json:
    """A contact as the Web API answers it."""
    return {
        "__id": key("G01", "contact", number),
        "__name": f"Иванова Мария {number}",
        "__createdAt": "2020-02-03T07:00:00Z",
        "__createdBy": IVAN,
        "_fullname": {"lastname": f"Иванова{number}", "firstname": "Мария", "middlename": "Петровна"},
        "_email": [{"email": f"maria{number}@yolka.example", "type": "work"}],
        "_companies": [key("G01", "company", number)],
        "position": "Закупщик",
    }


def lead(number: int) -> Json:
    """A lead as the Web API answers it."""
    return {
        "__id": key("G01", "lead", number),
        "__name": f"Поставка {number}",
        "__createdAt": "2022-02-03T07:00:00Z",
        "__createdBy": ANNA,
        "__updatedAt": "2023-04-05T06:00:00Z",
        "__status": {"order": 0, "status": number % 5 + 1},
        "company": [key("G01", "company", number)],
        "contact": [key("G01", "contact", number)],
        "budget": {"cents": 50_000_00 + number, "currency": "RUB"},
        "expected_close": "2024-12-31T00:00:00Z",
        "responsible": [ROMAN],
    }


BAD_SITE = {
    "__id": key("G01", "company", "bad"),
    "__name": "ООО Битый Сайт",
    "__createdAt": "2019-03-01T08:30:00Z",
    "__createdBy": ANNA,
    "_website": "это не сайт",
}
COMPANY_ITEMS = [*map(company, range(EACH["companies"])), BAD_SITE]
CONTACT_ITEMS = [*map(contact, range(EACH["contacts"]))]
LEAD_ITEMS = [*map(lead, range(EACH["leads"]))]


def content(number: int) -> bytes:
    """The bytes of one document."""
    return f"Договор № {number}\n".encode() + bytes(range(256))


SEED: Json = merged(
    [
        STAFF,
        {
            "directories": [{"__id": key("G01", "folder"), "__name": "Договоры"}],
            "files": [
                {
                    "__id": key("G01", "file", n),
                    "__name": f"Договор {n}.txt",
                    "__createdAt": "2020-10-01T07:00:00Z",
                    "__createdBy": ANNA,
                    "directory": key("G01", "folder"),
                    "base64": base64.b64encode(content(n)).decode(),
                }
                for n in range(EACH["files"])
            ],
            "items": {COMPANIES: COMPANY_ITEMS, CONTACTS: CONTACT_ITEMS, LEADS: LEAD_ITEMS},
        },
    ]
)
SLICE = Slice("G01", SEED)

# What the pairs differ in: an author is somebody there, or as the source names him; how the phones of company
# 7 look there, the first and all the others.
AUTHOR = {
    "twenty": ("Анна Петрова", "Иван Сидоров"),
    "odoo": ("Петрова Анна Сергеевна", "Сидоров Иван Андреевич"),
}
PHONES = {
    "twenty": ["+7 4950000007", "+7 8120000007"],
    "odoo": ["+74950000007", "+78120000007"],
}


# Fields of these objects for what the Web API gives as well: tasks, and whom they name.
BY_API_ALONE: dict[str, set[str]] = {
    "twenty": set(),
    "odoo": {
        *("crm.lead.x_about_crm_lead", "crm.lead.x_about_project_task", "crm.lead.x_about_res_partner"),
        *("crm.lead.x_performers", "crm.lead.x_percent", "crm.lead.x_process", "crm.lead.x_instance"),
        *("crm.lead.x_due_at", "crm.lead.x_plan_start", "crm.lead.x_plan_end", "res.partner.x_named_in"),
    },
}
# Who is refused: one destination gives everybody an account, and takes any text as a site.
REFUSED = {
    "twenty": {ROMAN, BAD_SITE["__id"], key("G01", "company", "garbled"), "потерянный.txt"},
    "odoo": {key("G01", "company", "garbled"), "потерянный.txt"},
}


def moscow(text: str) -> str:
    """A time of the Web API as people in Moscow read it."""
    day, clock = text[:10], text[11:16]
    year, month, date = day.split("-")
    return f"{date}.{month}.{year} {int(clock[:2]) + 3:02d}:{clock[3:]}"


def day(text: str) -> str:
    year, month, date = text[:10].split("-")
    return f"{date}.{month}.{year}"


def roubles(value: Json) -> str:
    """1234567.89 as `1 234 567,89 ₽`."""
    return f"{value['cents'] / 100:,.2f} ₽".replace(",", "\u00a0").replace(".", ",")


def workbook(path: Path, sheet: str, rows: list[list[Any]]) -> None:
    """A workbook as a person saves it: a title, an empty row, the table."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in [["Выгрузка для переезда"], [], *rows]:
        page.append(row)
    book.save(path)


def company_rows() -> Iterator[list[Any]]:
    """The companies as a table: what people call things, not codes; one row with cells that do not read."""
    first = "ID,НАЗВАНИЕ *,Дата создания,Дата изменения,Автор,ИНН,Сайт,Адрес,Телефоны,Отрасль,Годовая выручка"
    yield f"{first},Сотрудников,Партнер,Дата договора,Ответственный".split(",")
    for item in COMPANY_ITEMS[:-1]:
        (responsible,) = item["responsible"]
        yield [
            item["__id"], item["__name"], moscow(item["__createdAt"]), moscow(item["__updatedAt"]),
            "Петрова Анна Сергеевна", int(item["_inn"]), item["_website"], item["_address"],
            "; ".join(p["tel"] for p in item["_phone"]), INDUSTRY[item["industry"][0]["code"]],
            roubles(item["revenue"]), item["employees"], "Да" if item["is_partner"] else "Нет",
            day(item["contract_date"]), MAILS[responsible],
        ]  # fmt: skip
    yield []
    yield [BAD_SITE["__id"], BAD_SITE["__name"], moscow(BAD_SITE["__createdAt"]), None, MAILS[ANNA], None,
           BAD_SITE["_website"]]  # fmt: skip
    yield [key("G01", "company", "garbled"), "ООО Ошибка", None, None, None, None, None, None, None, None,
           "дорого", None, "может быть", "31.02.2021", "Никто"]  # fmt: skip
    yield ["Итого", None, None, None, None, None, None, None, None, None, "37 037 041,05 ₽"]


def write_files(folder: Path, source: Source) -> None:
    """Users, companies, contacts and leads as tables, a configuration export, and a folder of documents."""
    tables = folder / "tables"
    tables.mkdir()
    people = [[u["__id"], u["__name"], u["email"], "Активен" if u["__id"] != ROMAN else "заблокирован"]
              for u in STAFF["users"]]  # fmt: skip
    workbook(tables / "Пользователи.xlsx", "Лист1", [["Идентификатор", "ФИО", "E-mail", "Статус"], *people])
    workbook(tables / "companies (3).xlsx", "Компании", list(company_rows()))
    rows = [["ID", "Название", "Дата создания", "Автор", "ФИО", "E-mail", "Компания", "Должность"]]
    rows += [
        [c["__id"], c["__name"], moscow(c["__createdAt"]), MAILS[IVAN],
         f"Иванова{n} Мария Петровна", c["_email"][0]["email"], f"ооо «елка {n:02d}»", c["position"]]
        for n, c in enumerate(CONTACT_ITEMS)
    ]  # fmt: skip
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    (tables / "контакты.csv").write_bytes(text.getvalue().encode("cp1251"))
    rows = [["ID", "Название", "Дата создания", "Дата изменения", "Автор", "Статус", "Компания", "Контакт",
             "Бюджет", "Ожидаемая дата сделки", "Ответственный"]]  # fmt: skip
    rows += [
        [x["__id"], x["__name"], moscow(x["__createdAt"]), moscow(x["__updatedAt"]), MAILS[ANNA],
         STATUS[x["__status"]["status"]],
         f"ООО «Ёлка {n:02d}»", f"Иванова Мария {n}", roubles(x["budget"]), "2024-12-31",
         "Белов Роман Фёдорович"]
        for n, x in enumerate(LEAD_ITEMS)
    ]  # fmt: skip
    workbook(tables / "leads.xlsx", "Сделки", rows)
    write_documents(folder / "documents")
    write_export(folder / "company.e365", source)


def write_documents(folder: Path) -> None:
    """Documents by company and folder, one that belongs to nobody, and the index that knows the author."""
    lines = [["Файл", "Объект", "Ключ", "Поле", "Папка", "Дата создания", "Автор"]]
    for n in range(EACH["files"]):
        path = Path("Компании") / key("G01", "company", n) / "Договоры" / f"Договор {n}.txt"
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_bytes(content(n))
        lines.append([path.as_posix(), "Компании", key("G01", "company", n), "contract_files", "Договоры",
                      "01.10.2020 10:00", "Петрова Анна Сергеевна"])  # fmt: skip
    (folder / "потерянный.txt").write_text("чей?", encoding="utf-8")
    with (folder.parent / "index.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)


def write_export(path: Path, source: Source) -> None:
    """A configuration export with the three applications, as far as its form is known."""
    inner, entities = io.BytesIO(), []
    with zipfile.ZipFile(inner, "w") as archive:
        for name in (COMPANIES, CONTACTS, LEADS):
            space, _, code = name.partition(".")
            app = source.ask("GET", f"/pub/v1/scheme/namespaces/{space}/apps/{code}")["application"]
            status = source.ask("GET", f"/pub/v1/app/{space}/{code}/settings/status", status=None).get(
                "statusItems"
            )
            app["settings"] = {"status": {"enabled": bool(status), "items": status or [], "nextId": 9}}
            entry = f"entities/{space}/{code}.json"
            archive.writestr(entry, json.dumps(app))
            entities.append({"code": code, "namespace": space, "name": app["name"], "path": entry})
        manifest = {"Service": "main.appViews", "number": 1, "entities": entities}
        archive.writestr("manifest.json", json.dumps(manifest))
    about = {"type": "SOLUTION", "code": "crm", "title": "CRM", "services": {"appViews": {"path": "a.zip"}}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("package.json", json.dumps(about))
        archive.writestr("a.zip", inner.getvalue())


def both_ways(sandboxes: Sandboxes, folder: Path, pair_name: str) -> tuple[Pair, Pair]:
    """The migration through the Web API, and the one from files with the mapping of the first."""
    ours, theirs = platforms(pair_name)
    source = sandboxes.source(ours)
    source.seed(SEED)
    there = [sandboxes.destination(theirs) for _ in range(2)]
    by_api = project(folder / "api", source, there[0], applications=[COMPANIES, CONTACTS, LEADS], feed="none")
    from_files = project(folder / "files", source, there[1])
    write_files(from_files.folder, source)
    (from_files.folder / "layout.yaml").write_bytes(LAYOUT.read_bytes())
    document = from_files.yaml("crossdock.yaml")
    document["sources"][0] = {
        "platform": "elma365",
        "tenant": "main",
        "timezone": "Europe/Moscow",
        "tables": {"layout": "layout.yaml", "files": ["tables/*"]},
        "exports": ["company.e365"],
        "documents": {"folder": "documents", "index": "index.csv"},
    }
    from_files.save("crossdock.yaml", document)
    pairs = tuple(Pair(source, each, made) for each, made in zip(there, (by_api, from_files), strict=True))
    for pair in pairs:
        run_whole(pair)
    return pairs[0], pairs[1]


def run_whole(pair: Pair) -> None:
    made = pair.project
    pair.answers["discover"] = made.must("discover")
    pair.answers["propose"] = made.must("map", "propose", "--automations", "pause")
    mapping = made.yaml("mapping.yaml")
    mapping["automations"] = dict.fromkeys(mapping.get("automations") or (), "pause")
    made.save("mapping.yaml", mapping)
    made.must("map", "check")
    made.must("map", "confirm", "--by", "Acceptance")
    since = pair.source.now()
    pair.answers["run"] = made.must("run", codes=(0, 1))
    pair.answers["asked"] = len(pair.source.log(since))
    pair.answers["reconcile"] = made.call("reconcile")


@pytest.fixture(scope="module")
def ways(
    pair_name: str, lasting_sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Pair, Pair]:
    """Both migrations, run once."""
    assert pair_name.startswith("elma365-"), f"no acceptance data for the pair {pair_name} yet"
    return both_ways(lasting_sandboxes, tmp_path_factory.mktemp("files"), pair_name)


def routes(made: Project) -> dict[str, Any]:
    """The routes of a mapping for the objects that both ways have."""
    wanted = {COMPANIES, CONTACTS, LEADS, USERS, FILES}
    document = json.loads(json.dumps(made.yaml("mapping.yaml")))
    return {f"{r['from']} > {r['to']}": r for r in document["objects"] if r["from"] in wanted}


def test_G01_files_bring_what_the_api_brings(ways: tuple[Pair, Pair], record_property):
    by_api, from_files = ways
    assert from_files.answers["asked"] == 0  # the Web API was not called
    assert routes(from_files.project) == routes(by_api.project)
    whole, other = canonical(by_api.destination), canonical(from_files.destination)
    assert other.objects <= whole.objects
    assert {name: whole.schema.get(name) for name in other.schema} == other.schema
    assert set(whole.schema) - set(other.schema) == BY_API_ALONE[by_api.destination.platform]
    tabled = {name: row for name, row in whole.records.items() if not by_api_alone(name)}
    assert sorted(tabled) == sorted(other.records)
    assert differing(tabled, other.records) == {}
    assert whole.files == other.files
    wanted = sum(EACH.values())
    assert len(other.records) >= wanted
    moved(record_property, wanted, len(refusals(from_files)))


def by_api_alone(name: str) -> bool:
    """Whether no table of the row has what a record was: a user beside the staff, a state of tasks."""
    _, user, number = name.partition(f" {USERS} ")
    return number not in MAILS if user else " _system.choices _system.tasks." in name


def test_G01_the_values_are_those_of_the_tables(ways: tuple[Pair, Pair]):
    _, from_files = ways
    there = from_files.destination
    companies = there.arrived("company", COMPANIES)
    row = companies[key("G01", "company", 7)]
    assert row["name"] == "ООО «Ёлка 07»"
    assert row["inn"] == "7701010007"
    assert row["revenue"] == Money(Decimal("1234567.96"), "RUB")
    assert row["employees"] == 17
    assert row["created"] == "2019-03-08T08:30:00Z"
    assert row["author"] == AUTHOR[there.platform][0]
    assert row["owner"] == ANNA_MAIL
    assert row["phones"] == PHONES[there.platform]
    own = there.labelled("company", COMPANIES)[key("G01", "company", 7)]
    assert own["Отрасль"] == "Торговля"
    assert own["Партнёр"] is False
    assert own["Дата договора"] == "2021-05-08"
    people = there.arrived("person", CONTACTS)
    assert people[key("G01", "contact", 3)]["company"] == companies[key("G01", "company", 3)]["id"]
    assert people[key("G01", "contact", 3)]["author"] == AUTHOR[there.platform][1]
    deals = there.arrived("deal", LEADS)
    assert deals[key("G01", "lead", 4)]["stage"] == "lost"
    assert deals[key("G01", "lead", 4)]["amount"] == Money(Decimal("50000.04"), "RUB")
    kept = there.arrived("attachment", FILES)
    assert len(kept) == EACH["files"]
    (stored,) = [r for r in kept.values() if r["name"].endswith("Договор 5.txt")]
    assert hashlib.sha256(there.content(stored)).hexdigest() == hashlib.sha256(content(5)).hexdigest()


def refusals(pair: Pair) -> dict[str, str]:
    """Reasons of the records that did not arrive, by their key."""
    return {
        x["source_id"]: x["reasons"] for x in pair.audit if x["outcome"] in ("rejected", "held", "failed")
    }


def test_G01_a_refused_row_is_named_by_file_sheet_and_row(ways: tuple[Pair, Pair]):
    found = refusals(ways[1])
    assert set(found) == REFUSED[ways[1].destination.platform]
    reasons = found[key("G01", "company", "garbled")]
    where = "companies (3).xlsx, sheet 'Компании', row 36: column"
    for column in (
        "K 'Годовая выручка': 'дорого'",
        "M 'Партнёр': 'может быть'",
        "N 'Дата договора': '31.02.2021'",
    ):
        assert f"{where} {column}" in reasons
    assert "'Никто' names no record of _system.users" in reasons
    assert "does not fit the rule" in found["потерянный.txt"]


def test_G01_discover_says_where_each_object_comes_from(ways: tuple[Pair, Pair]):
    (source,) = ways[1].answers["discover"]["sources"]
    counts = {o["name"]: o["count"] for o in source["objects"]}
    assert {n: counts[n] for n in (COMPANIES, CONTACTS, LEADS, USERS, FILES)} == {
        COMPANIES: EACH["companies"] + 1,
        CONTACTS: EACH["contacts"],
        LEADS: EACH["leads"],
        USERS: 3,
        FILES: EACH["files"],
    }
    notes = "\n".join(source["notes"])
    assert (
        "_clients._companies is read from companies (3).xlsx, sheet 'Компании': 34 rows: 31 records" in notes
    )
    assert "1 rejected, 1 blank, 1 of totals; sums: revenue 37037041.05 RUB" in notes


def test_G01_the_second_read_of_the_files_agrees(ways: tuple[Pair, Pair]):
    for pair in ways:
        assert pair.answers["reconcile"].code == 0, pair.answers["reconcile"].json["findings"]
