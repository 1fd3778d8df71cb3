"""Shipments, carriers, projects, tasks, process instances and feeds of the demo company."""

from collections.abc import Sequence
from typing import Any

from crossdock_elma365.sandbox import demo_schema as schema
from crossdock_elma365.sandbox.company import key
from crossdock_elma365.sandbox.demo_crm import COMPANIES, CONTACTS, DELETED, LEADS
from crossdock_elma365.sandbox.draw import DAY, Draw, inn
from crossdock_elma365.sandbox.fields import Json
from crossdock_elma365.sandbox.store import Collection
from crossdock_elma365.sandbox.times import stamp

SHIPMENTS, CARRIERS, PROJECTS = "logistics.shipments", "logistics.carriers", "_projects._projects"
TASK_STATES = ("assignment", "in_progress", "closed", "cancel")

_GOODS = ("Коробка картонная", "Плёнка, рулон", "Поддон 1200×800", "Бочка «Б-200»", "Мешок джутовый")
_TASKS = (
    "Позвонить клиенту",
    "Подготовить договор",
    "Проверить оплату",
    "Отправить образцы",
    "Сверить остатки",
)


def company_ids(draw: Draw, count: int) -> list[str]:
    """Give up to `count` companies of the first hundred that are not deleted."""
    numbers = draw.random.sample([n for n in range(1, 101) if n != DELETED], count)
    return [key(COMPANIES, number) for number in numbers]


def shipments(draw: Draw, count: int, carrier_count: int, files: Sequence[str]) -> Sequence[Json]:
    """Give shipments 1 to `count`; some belong to another one, which may come later in the list."""
    return [_shipment(draw, number, count, carrier_count, files) for number in range(1, count + 1)]


def _shipment(draw: Draw, number: int, count: int, carrier_count: int, files: Sequence[str]) -> Json:
    status = (number - 1) % 4 + 1
    # The second shipment belongs to the last one: a reader must not count on parents coming first.
    parent = count if number == 2 else number // 2 if number % 5 == 0 else None
    values: dict[str, Any] = {
        "number": f"ТТН-{number:05d}",
        "description": "Хрупкий груз.\nКантовать нельзя!" if draw.chance(0.6) else None,
        "weight": round(draw.random.uniform(0.1, 20_000), 3),
        "places": draw.random.randint(1, 40),
        "customers": company_ids(draw, draw.random.randint(0, 3)),
        "payer": company_ids(draw, 1),
        "contact": [key(CONTACTS, draw.random.randint(1, 100))] if draw.chance(0.7) else [],
        "parent": [key(SHIPMENTS, parent)] if parent else [],
        "carrier": [key(CARRIERS, draw.random.randint(1, carrier_count))] if draw.chance(0.9) else [],
        "cargo": _cargo(draw) if draw.chance(0.9) else None,
        "cost": draw.rubles(1_000, 900_000),
        "insured": draw.chance(0.5),
        "ship_date": draw.day(100, 700),
        "delivered_at": stamp(draw.moment(700, 720), fraction=draw.chance(0.5)) if status == 4 else None,
        "pickup_time": f"0001-01-01T{draw.random.randint(8, 18):02d}:30:00Z" if draw.chance(0.5) else None,
        "transit": draw.random.randint(1, 200) * 3600,
        "kind": [draw.option(schema.SHIPMENT_KINDS)],
        "options": draw.options(schema.SHIPMENT_OPTIONS, 3),
        "documents": draw.random.sample(files, draw.random.randint(1, 3)) if number <= 12 else [],
        "photo": [files[-1]] if number == 1 else [],
        "__status": {"order": number, "status": status},
    }
    return draw.item(SHIPMENTS, number, f"Отгрузка № {number}", values | _shipment_people(draw, number))


def _shipment_people(draw: Draw, number: int) -> Json:
    return {
        "manager": draw.user(),
        "observers": sorted({draw.user()[0] for _ in range(draw.random.randint(0, 3))}),
        "driver": draw.person() if draw.chance(0.8) else None,
        "driver_phone": [draw.phone("mobile", 0.0)] if draw.chance(0.8) else None,
        "notify_email": [{"type": "work", "email": f"sklad{number}@klient.example"}]
        if draw.chance(0.6)
        else None,
        "tracking": f"https://track.example/{number:06d}?lang=ru" if draw.chance(0.7) else None,
        "reason": _ref(LEADS, draw.random.randint(1, 50)) if draw.chance(0.3) else None,
        "extra": {"gate": number % 7, "seals": [f"П{number}", None]} if draw.chance(0.5) else None,
        "access_role": None,
        "account": None,
        "marks": None,
        "department": None,
    }


def _cargo(draw: Draw) -> Json:
    rows = [
        {
            "__index": index,
            "product": draw.one(_GOODS),
            "quantity": round(draw.random.uniform(1, 500), 1),
            "price": draw.rubles(10, 20_000),
            "dangerous": draw.chance(0.1),
        }
        for index in range(1, draw.random.randint(1, 4) + 1)
    ]
    return {"rows": rows, "result": {}}


def _ref(collection: str, number: int) -> Json:
    namespace, _, code = collection.partition(".")
    return {"namespace": namespace, "code": code, "id": key(collection, number)}


def carriers(draw: Draw, count: int, shipment_count: int, files: Sequence[str]) -> Sequence[Json]:
    """Give carriers 1 to `count`; each links back to shipments, which link to carriers."""
    made = []
    for number in range(1, count + 1):
        latest = sorted(draw.random.sample(range(1, shipment_count + 1), draw.random.randint(0, 3)))
        values = {
            "inn": inn(9_000_000 + number),
            "phone": [draw.phone()],
            "score": round(draw.random.uniform(1, 10), 1),
            "active": draw.chance(0.8),
            "company": company_ids(draw, 1) if draw.chance(0.5) else [],
            "last_shipments": [key(SHIPMENTS, each) for each in latest],
            "licence": [files[number % len(files)]] if number <= 3 else [],
        }
        made.append(draw.item(CARRIERS, number, f"Перевозчик «Обоз-{number}»", values))
    return made


def projects(draw: Draw, count: int) -> Sequence[Json]:
    """Give projects 1 to `count`, every third below an earlier one."""
    made = []
    for number in range(1, count + 1):
        values = {
            "parent": [key(PROJECTS, number // 3)] if number % 3 == 0 else [],
            "company": company_ids(draw, 1) if draw.chance(0.8) else [],
            "manager": draw.user(),
            "members": sorted({draw.user()[0] for _ in range(3)}),
            "start_date": draw.day(50, 300),
            "finish_date": draw.day(301, 900) if draw.chance(0.8) else None,
            "budget": draw.rubles(100_000, 30_000_000) if draw.chance(0.8) else None,
            "description": "Внедрение склада «под ключ»" if draw.chance(0.6) else None,
            "__status": {"order": 0, "status": (number - 1) % 4 + 1},
        }
        made.append(draw.item(PROJECTS, number, f"Проект {number}: новый склад", values) | _outsiders(number))
    return made


def _outsiders(number: int) -> Json:
    """Whom a project names that is in no directory: one of them in two projects, one a company."""
    named = {
        1: ("Зайцева Полина", "p.zaytseva@montazh.example"),
        2: ("Макаров Илья", "i.makarov@montazh.example"),
        3: ("Макаров Илья Львович", "i.makarov@montazh.example"),
        4: ("ООО «Монтаж-Сервис»", "info@montazh.example"),
    }
    if number in named:
        name, mail = named[number]
        return {"contact_name": name, "contact_email": [{"type": "work", "email": mail}]}
    return {"contractor": "ЗАО «Стройка»"} if number in (5, 6) else {}


def tasks(draw: Draw, count: int) -> Sequence[Json]:
    """Give tasks 1 to `count` in all states; every tenth comes from a process."""
    return [_task(draw, number) for number in range(1, count + 1)]


def _task(draw: Draw, number: int) -> Json:
    state, name = TASK_STATES[(number - 1) % 4], draw.one(_TASKS)
    begin = draw.moment(300, 700)
    about = (COMPANIES, CONTACTS, LEADS, SHIPMENTS, None)[number % 5]
    values = {
        "description": f"<p>{name}: <b>срочно</b>.</p><ul><li>Итог &mdash; в карточку</li></ul>",
        "state": state,
        "path": "",
        "performers": draw.user(),
        "originalPerformers": draw.user(),
        "author": draw.user()[0],
        "planStart": stamp(begin, fraction=False) if draw.chance(0.5) else None,
        "planEnd": stamp(begin + 2 * DAY, fraction=False) if draw.chance(0.5) else None,
        "dueDate": stamp(begin + 3 * DAY, fraction=False) if draw.chance(0.8) else None,
        "__percent": {"closed": 100, "in_progress": 40}.get(state, 0),
        "__item": _ref(about, draw.random.choice([n for n in range(1, 51) if n != DELETED]))
        if about
        else None,
        "comments": [_comment(draw, number, n) for n in range(1, draw.random.randint(0, 3) + 1)],
        "allowReassign": True,
        "reassignes": None,
        "companies": None,
    }
    return draw.item(Collection.TASKS, number, f"{name} ({number})", values | _process_of(number))


def _process_of(number: int) -> Json:
    if number % 10:
        return {"template": None, "templateNsAndCode": None, "instance": None}
    instance = {"__id": key(Collection.INSTANCES, number // 10), "code": "approve"}
    return {
        "template": key("process", 1),
        "templateNsAndCode": "logistics.shipments:approve",
        "instance": instance | {"__name": "Согласование отгрузки", "namespace": "logistics.shipments"},
    }


def _comment(draw: Draw, task: int, number: int) -> Json:
    return {
        "__id": key("comment", task, number),
        "author": draw.user()[0],
        "body": f"<p>Комментарий {number}: сделаю до вечера \u2014 <i>обещаю</i> \U0001f642</p>",
        "__createdAt": stamp(draw.moment(700, 800), fraction=True),
    }


def instances(draw: Draw, count: int) -> Sequence[Json]:
    """Give instances of the approval process in all states, each with a step of the system and a task."""
    return [_instance(draw, number) for number in range(1, count + 1)]


def _instance(draw: Draw, number: int) -> Json:
    state = ("exec", "wait", "error", "cancel", "done")[number % 5]
    begin, user = draw.moment(600, 700), draw.user()
    check = {
        "id": key("flow", number),
        "name": "Проверка лимита",
        "type": "script",
        "state": "done",
        "startedAt": stamp(begin, fraction=False),
        "finishedAt": stamp(begin + DAY // 24, fraction=False),
        "performers": [],
    }
    task = {
        "__id": key("instance task", number),
        "__name": "Согласовать отгрузку",
        "state": "closed" if state == "done" else "in_progress",
        "performers": user,
        "__createdAt": stamp(begin + DAY // 24, fraction=False),
        "__updatedAt": stamp(begin + DAY, fraction=False),
        "dueDate": stamp(begin + 2 * DAY, fraction=False),
    }
    about = {"id": key("process", 1), "name": "Согласование отгрузки", "version": 1}
    values = {
        "__state": state,
        "__templateId": key("process", 1),
        "__templateCode": "logistics.shipments:approve",
        "__template": about | {"namespace": "logistics.shipments", "code": "approve"},
        "__item": _ref(SHIPMENTS, number),
        "__performers": user,
        "__flowHistory": [check],
        "__tasks": [task],
        "limit": draw.rubles(10_000, 500_000),
    }
    return draw.item(Collection.INSTANCES, number, f"Согласование отгрузки {number}", values)


def messages(draw: Draw, count: int) -> Sequence[Json]:
    """Give messages in the feeds of companies."""
    return [
        draw.item(
            Collection.MESSAGES,
            number,
            "Встреча",
            {
                "__target": key(COMPANIES, number),
                "author": draw.user()[0],
                "body": "<p>Встретились, всё хорошо.</p>",
            },
        )
        for number in range(1, count + 1)
    ]
