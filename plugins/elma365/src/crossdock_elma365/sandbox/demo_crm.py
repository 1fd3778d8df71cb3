"""Companies, contacts and leads of the demo company, with the odd ones that a migration must get right."""

from collections.abc import Sequence
from typing import Any

from crossdock_elma365.sandbox import demo_schema as schema
from crossdock_elma365.sandbox.company import key
from crossdock_elma365.sandbox.draw import ANIMALS, COLOURS, FORMS, Draw, inn, latin, ogrn
from crossdock_elma365.sandbox.fields import Json
from crossdock_elma365.sandbox.times import stamp

COMPANIES, CONTACTS, LEADS = "_clients._companies", "_clients._contacts", "_clients._leads"

MATCHED, EXOTIC, DELETED, TWINS = 7, 13, 21, (30, 31)
"""Numbers of odd companies: known at the destination, exotic name, deleted, two with one website."""

SHARED_MAIL, TRASHED, BAD_MAIL, OF_DELETED, NO_NAME = (40, 41), 50, 60, 70, 80
"""Numbers of odd contacts: two with one e-mail, one known in the destination's trash, one with an
e-mail that no mail system takes, one of the deleted company, one without a full name."""

NUL_LEAD = 9
"""Number of the lead whose description holds U+0000."""

_POSITIONS = ("Генеральный директор", "Закупщик", "Главный инженер", "Бухгалтер", "Секретарь", "Логист")


def company_id(number: int) -> str:
    """Give the id of a company."""
    return key(COMPANIES, number)


def companies(draw: Draw, count: int, links: dict[int, list[str]], files: Sequence[str]) -> Sequence[Json]:
    """Give companies 1 to `count`; `links` holds the ids of the contacts of each."""
    return [_company(draw, number, links.get(number, []), files) for number in range(1, count + 1)]


def _company(draw: Draw, number: int, contacts: list[str], files: Sequence[str]) -> Json:
    name, site = _firm(number)
    region = draw.option(schema.REGIONS)
    legal = f"{FORMS[number % len(FORMS)]} «{name}»"
    values: dict[str, Any] = {
        "_inn": inn(number),
        "_kpp": f"0001{number % 50:02d}001",
        "_ogrn": ogrn(number) if draw.chance(0.8) else None,
        "_legalName": legal,
        "_address": draw.address(),
        "_legalAddress": draw.address() if draw.chance(0.6) else None,
        "_phone": [draw.phone() for _ in range(draw.random.randint(0, 3))] or None,
        "_email": [{"type": "work", "email": f"info@{site}"}] if draw.chance(0.8) else None,
        "_website": f"https://{site}" if draw.chance(0.85) else None,
        "_contacts": contacts,
        "industry": [draw.option(schema.INDUSTRIES)] if draw.chance(0.9) else [],
        # One field is answered as a bare object now and then (seen by a client).
        "region": region if number % 2 else [region],
        "segments": draw.options(schema.SEGMENTS, 3),
        "revenue": draw.rubles(100_000, 2_000_000_000) if draw.chance(0.7) else None,
        "employees": draw.random.randint(1, 5000) if draw.chance(0.7) else None,
        "rating": round(draw.random.uniform(0, 5), 2) if draw.chance(0.7) else None,
        "is_partner": draw.chance(0.3) if draw.chance(0.9) else None,
        "contract_date": draw.day(0, 500) if draw.chance(0.5) else None,
        "last_contact_at": stamp(draw.moment(300, 700), fraction=True) if draw.chance(0.5) else None,
        "about": _about(draw, name) if draw.chance(0.6) else None,
        "responsible": draw.user(),
        "contract_files": [files[number % 5]] if number <= 6 else [],
    }
    return draw.item(COMPANIES, number, name, values | _odd_company(number))


def _firm(number: int) -> tuple[str, str]:
    """Give a name that no other number has, and the host of its website."""
    animal, colour = ANIMALS[number % len(ANIMALS)], COLOURS[number % len(COLOURS)]
    series = number // (len(ANIMALS) * len(COLOURS))
    suffix = f" {series + 1}" if series else ""
    return (
        f"{colour} {animal}{suffix}",
        f"{latin(colour)}-{latin(animal)}{series + 1 if series else ''}.example",
    )


def _about(draw: Draw, name: str) -> str:
    lines = (
        f"# {name}\n\nРаботаем с **2019** года.\n\n- склад\n- доставка",
        f"Компания «{name}» — поставщик. Скидка 5 %, отсрочка 14 дней.\r\nЗвонить после 10:00.",
        f"{name}: <важно> не писать на общую почту & не звонить в пятницу",
    )
    return str(draw.one(lines))


def _odd_company(number: int) -> Json:
    if number == MATCHED:
        name = "Ромашка-Юг"
        return {"__name": name, "_legalName": f"ООО «{name}»", "_website": "https://romashka-yug.example"}
    if number == EXOTIC:
        return {"__name": "Кафе\u0301 «Весёлый Ёж» \U0001f994 \u200fשלום\u200e", "_website": None}
    if number == DELETED:
        return {"__deletedAt": "2024-03-05T10:11:12.123456789Z", "_website": "https://zakryto.example"}
    if number in TWINS:
        return {"_website": "https://severny-veter.example"}
    return {}


def contacts(draw: Draw, count: int, company_count: int) -> tuple[Sequence[Json], dict[int, list[str]]]:
    """Give contacts 1 to `count`, and for each number of a company the ids of its contacts."""
    made, links = [], dict[int, list[str]]()
    for number in range(1, count + 1):
        numbers = _employers(draw, number, company_count)
        made.append(_contact(draw, number, [company_id(each) for each in numbers]))
        for each in numbers:
            links.setdefault(each, []).append(key(CONTACTS, number))
    return made, links


def _employers(draw: Draw, number: int, company_count: int) -> list[int]:
    if number == OF_DELETED:
        return [DELETED]
    share = draw.random.random()
    wanted = 0 if share < 0.08 else 2 if share > 0.92 else 1
    chosen = draw.random.sample(range(1, company_count + 1), min(wanted, company_count))
    return [each for each in chosen if each != DELETED]


def _contact(draw: Draw, number: int, employers: list[str]) -> Json:
    name = draw.person()
    mail = f"{latin(name['firstname'])}.{latin(name['lastname'])}.{number}@klient.example"
    phones = [draw.phone("mobile", 0.0)] + [draw.phone("work", 0.5)] * draw.chance(0.4)
    values: dict[str, Any] = {
        "_fullname": name,
        "_phone": phones if draw.chance(0.9) else None,
        "_email": [{"type": "work", "email": mail}] if draw.chance(0.85) else None,
        "_companies": employers,
        "position": draw.one(_POSITIONS) if draw.chance(0.7) else None,
        "birthday": draw.day(-18_000, -8_000) if draw.chance(0.4) else None,
        "telegram": f"https://telegram.example/{latin(name['lastname'])}{number}"
        if draw.chance(0.3)
        else None,
        "decision_maker": draw.chance(0.3) if draw.chance(0.8) else None,
        "note": "Познакомились на выставке.\nЛюбит чай." if draw.chance(0.3) else None,
        "responsible": draw.user() if draw.chance(0.9) else [],
    }
    full = " ".join(filter(None, (name["lastname"], name["firstname"], name["middlename"])))
    return draw.item(CONTACTS, number, full, values | _odd_contact(number))


def _odd_contact(number: int) -> Json:
    def mail(address: str) -> Json:
        return {"_email": [{"type": "work", "email": address}]}

    if number in SHARED_MAIL:
        return mail("obshchiy@zakaz.example")
    if number == TRASHED:
        return mail("trash@example.ru")
    if number == BAD_MAIL:
        return mail("не-почта@@нигде")
    return {"__name": "Ресепшен", "_fullname": None} if number == NO_NAME else {}


def leads(draw: Draw, count: int, contact_count: int, company_count: int) -> Sequence[Json]:
    """Give leads 1 to `count` in all statuses."""
    return [_lead(draw, number, contact_count, company_count) for number in range(1, count + 1)]


def _lead(draw: Draw, number: int, contact_count: int, company_count: int) -> Json:
    status = (number - 1) % 5 + 1
    employer = draw.random.randint(1, company_count)
    what = draw.one(("Поставка тары", "Ремонт склада", "Годовой контракт", "Разовая перевозка"))
    text = f"Клиент просит расчёт: {what.lower()}.\nСрок — до конца квартала."
    values = {
        "company": [] if employer == DELETED else [company_id(employer)],
        "contact": [key(CONTACTS, draw.random.randint(1, contact_count))] if draw.chance(0.8) else [],
        "budget": draw.rubles(10_000, 9_000_000) if draw.chance(0.85) else None,
        "source": [draw.option(schema.SOURCES)] if draw.chance(0.9) else [],
        "lost_reason": [draw.option(schema.LOST_REASONS)] if status == 5 else [],
        "expected_close": draw.day(400, 900) if draw.chance(0.7) else None,
        "probability": draw.random.randint(0, 10) * 10 if draw.chance(0.7) else None,
        "description": text.replace("\n", "\x00") if number == NUL_LEAD else text,
        "responsible": draw.user(),
        "__status": {"order": number, "status": status},
    }
    return draw.item(LEADS, number, f"{what} № {number}", values)
