"""ET05: a company's own applications."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

from acceptance.harness import Pair, moved
from acceptance.slices import ANNA, ANNA_MEMBER, COMPANIES, Json, Slice, key

CARS, DRIVERS, TRIPS = "fleet.cars", "fleet.drivers", "fleet.trips"
APPS: list[dict[str, Any]] = [
    {
        "namespace": "fleet",
        "code": "cars",
        "name": "Машины",
        "fields": [
            {"code": "plate", "type": "STRING", "name": "Госномер"},
            {"code": "owner", "type": "SYS_COLLECTION", "link": COMPANIES, "name": "Владелец"},
        ],
    },
    {
        "namespace": "fleet",
        "code": "drivers",
        "name": "Водители",
        "fields": [
            {"code": "person", "type": "FULL_NAME", "name": "ФИО водителя"},
            {"code": "mates", "type": "SYS_COLLECTION", "link": DRIVERS, "many": True, "name": "Сменщики"},
            {"code": "usual", "type": "SYS_COLLECTION", "link": TRIPS, "name": "Обычный рейс"},
        ],
    },
    {
        "namespace": "fleet",
        "code": "trips",
        "name": "Рейсы",
        "fields": [
            {"code": "car", "type": "SYS_COLLECTION", "link": CARS, "name": "Машина"},
            {"code": "drivers", "type": "SYS_COLLECTION", "link": DRIVERS, "many": True, "name": "Водители"},
            {"code": "distance", "type": "FLOAT", "kind": "integer", "name": "Километры"},
            {"code": "weight", "type": "FLOAT", "name": "Вес"},
            {"code": "price", "type": "MONEY", "name": "Цена"},
            {"code": "urgent", "type": "BOOLEAN", "name": "Срочно"},
            {"code": "started", "type": "DATETIME", "kind": "datetime", "name": "Выезд"},
            {"code": "planned", "type": "DATETIME", "kind": "date", "name": "План"},
            {"code": "gate", "type": "DATETIME", "kind": "time", "name": "Ворота"},
            {"code": "on_road", "type": "DURATION", "name": "В дороге"},
            {
                "code": "cargo",
                "type": "ENUM",
                "options": {"dry": "Сухой", "cold": "Холодный"},
                "name": "Груз",
            },
            {
                "code": "marks",
                "type": "ENUM",
                "options": {"fragile": "Хрупкое", "long": "Длинномер"},
                "many": True,
                "name": "Пометки",
            },
            {"code": "note", "type": "STRING", "kind": "text", "name": "Заметка"},
            {"code": "track", "type": "LINK", "name": "Трек"},
            {"code": "contact_phone", "type": "PHONE", "many": True, "name": "Телефоны"},
            {"code": "chief", "type": "SYS_USER", "name": "Диспетчер"},
            {
                "code": "stops",
                "type": "TABLE",
                "name": "Остановки",
                "columns": [{"code": "town", "type": "STRING"}, {"code": "km", "type": "FLOAT"}],
            },
            {"code": "gone", "type": "STRING", "deleted": True, "name": "Удалённое поле"},
        ],
        "statuses": [["planned", "Запланирован"], ["driving", "В пути"], ["arrived", "Прибыл"]],
    },
]


def trip(n: int) -> Json:
    """One of the usual trips."""
    return {
        "__id": key("ET05", "trip", n),
        "__name": f"Рейс {n}",
        "car": [key("ET05", "car", n % 5)],
        "drivers": [key("ET05", "driver", n % 6), key("ET05", "driver", (n + 1) % 6)],
        "distance": 1000 + n,
        "weight": 12.125,
        "price": {"cents": 999_999, "currency": "RUB"},
        "urgent": n % 2 == 0,
        "started": f"2024-04-{n % 28 + 1:02d}T05:06:07Z",
        "planned": f"2024-04-{n % 28 + 1:02d}T00:00:00Z",
        "gate": "0001-01-01T07:45:00Z",
        "on_road": 5400,
        "cargo": [{"code": "cold", "name": "Холодный"}],
        "marks": [{"code": "fragile", "name": "?"}, {"code": "long", "name": "?"}],
        "note": f"строка один\nстрока два {n}",
        "track": f"https://track.example/{n}",
        "contact_phone": [
            {"type": "work", "tel": "+7 912 000-00-01"},
            {"type": "work", "tel": "+79120000002"},
        ],
        "chief": [ANNA],
        "stops": {"rows": [{"town": "Клин", "km": 89.5}, {"town": "Тверь", "km": 180}], "result": {}},
        "gone": "не переносится",
        "status": "driving",
    }


ITEMS: dict[str, list[dict[str, Any]]] = {
    COMPANIES: [
        {"__id": key("ET05", "company"), "__name": "Автопарк", "_website": "https://avtopark.example"}
    ],
    CARS: [
        {
            "__id": key("ET05", "car", n),
            "__name": f"КамАЗ {n}",
            "plate": f"А00{n}АА69",
            "owner": [key("ET05", "company")],
        }
        for n in range(5)
    ],
    DRIVERS: [
        {
            "__id": key("ET05", "driver", n),
            "__name": f"Водитель {n}",
            "person": {"lastname": f"Дорогин{n}", "firstname": "Фёдор", "middlename": "Ильич"},
            "mates": [key("ET05", "driver", (n + 1) % 6), key("ET05", "driver", (n + 2) % 6)],
            "usual": [key("ET05", "trip", n)],
        }
        for n in range(6)
    ],
    TRIPS: [trip(n) for n in range(60)]
    + [{"__id": key("ET05", "trip", "odd"), "__name": "Кривой рейс", "distance": "сто", "status": "driving"}],
}


SEED: dict[str, Any] = {"namespaces": {"fleet": "Автопарк"}, "apps": APPS, "items": ITEMS}
SLICES = {"ET05": [Slice("ET05", SEED)]}


def plural(objects: Json, label: str) -> str:
    """The address name of a provisioned object."""
    return next(o["namePlural"] for o in objects.values() if o["labelSingular"] == label)


def test_ET05_the_objects_are_made_from_the_applications_schema(shared: Pair):
    objects = shared.destination.objects()
    trips = next(o for o in objects.values() if o["labelSingular"] == "Рейсы")
    types = {f["label"]: f["type"] for f in trips["fields"].values()}
    wanted = {
        "Машина": "RELATION",
        "Километры": "NUMBER",
        "Вес": "NUMBER",
        "Цена": "CURRENCY",
        "Срочно": "BOOLEAN",
        "Выезд": "DATE_TIME",
        "План": "DATE",
        "Груз": "SELECT",
        "Пометки": "MULTI_SELECT",
        "Заметка": "TEXT",
        "Трек": "LINKS",
        "Телефоны": "PHONES",
        "Диспетчер": "RELATION",
        "Остановки": "RAW_JSON",
    }
    assert {label: types.get(label) for label in wanted} == wanted
    assert "Удалённое поле" not in types


def test_ET05_records_arrive_typed_and_linked(shared: Pair, record_property):
    objects = shared.destination.objects()
    cars = shared.destination.ours(plural(objects, "Машины"), CARS)
    trips = shared.destination.ours(plural(objects, "Рейсы"), TRIPS)
    company = shared.destination.ours("companies", COMPANIES)[key("ET05", "company")]["id"]
    for n in range(5):
        car = cars[key("ET05", "car", n)]
        assert (car["name"], car["plate"], car["ownerId"]) == (f"КамАЗ {n}", f"А00{n}АА69", company)
    for n in range(60):
        row = trips[key("ET05", "trip", n)]
        assert row["name"] == f"Рейс {n}"
        assert row["carId"] == cars[key("ET05", "car", n % 5)]["id"]
        assert (row["distance"], row["weight"]) == (1000 + n, 12.125)
        assert row["price"] == {"amountMicros": 9_999_990_000, "currencyCode": "RUB"}
        assert row["urgent"] is (n % 2 == 0)
        assert row["started"] == f"2024-04-{n % 28 + 1:02d}T05:06:07.000Z"
        assert row["planned"] == f"2024-04-{n % 28 + 1:02d}"
        assert row["gate"] == "07:45:00"
        assert row["cargo"] == "COLD"
        assert row["marks"] == ["FRAGILE", "LONG"]
        assert row["note"] == f"строка один\nстрока два {n}"
        assert row["track"]["primaryLinkUrl"] == f"https://track.example/{n}"
        assert row["contactPhone"]["primaryPhoneNumber"] == "9120000001"
        assert [p["number"] for p in row["contactPhone"]["additionalPhones"]] == ["9120000002"]
        assert row["chiefId"] == ANNA_MEMBER
        assert [stop["town"] for stop in row["stops"]["rows"]] == ["Клин", "Тверь"]
        assert row["status"] == "DRIVING"
    refused = shared.refused([item["__id"] for item in ITEMS[TRIPS]], f"{TRIPS}>trips")
    assert set(refused) == {key("ET05", "trip", "odd")}
    assert "distance" in refused[key("ET05", "trip", "odd")]
    moved(record_property, sum(len(rows) for rows in ITEMS.values()), len(refused))


def test_ET05_links_to_several_records_survive(shared: Pair):
    objects = shared.destination.objects()
    trips = shared.destination.ours(plural(objects, "Рейсы"), TRIPS)
    drivers = shared.destination.ours(plural(objects, "Водители"), DRIVERS)
    made = next(o for o in objects.values() if o["labelSingular"] == "Рейсы: Водители")
    rows = shared.destination.all(made["namePlural"])
    wanted = {
        (trips[key("ET05", "trip", n)]["id"], drivers[key("ET05", "driver", m % 6)]["id"])
        for n in range(60)
        for m in (n, n + 1)
    }
    assert {(row["tripsId"], row["driversId"]) for row in rows} == wanted
    assert "Рейс 0 - Водитель 1" in {row["name"] for row in rows}


def test_ET05_links_of_an_application_to_itself_and_back_survive(shared: Pair):
    objects = shared.destination.objects()
    trips = shared.destination.ours(plural(objects, "Рейсы"), TRIPS)
    drivers = shared.destination.ours(plural(objects, "Водители"), DRIVERS)
    mates = shared.destination.all(plural(objects, "Водители: Сменщики"))
    wanted = {
        (drivers[key("ET05", "driver", n)]["id"], drivers[key("ET05", "driver", m % 6)]["id"])
        for n in range(6)
        for m in (n + 1, n + 2)
    }
    assert {(row["driversId"], row["matesId"]) for row in mates} == wanted
    for n in range(6):
        assert drivers[key("ET05", "driver", n)]["usualId"] == trips[key("ET05", "trip", n)]["id"]
