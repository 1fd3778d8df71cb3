"""EO06: a company's own applications."""

# ruff: noqa: N802 - a test is named after its row

import json

from acceptance.destinations.odoo_rows import amount
from acceptance.harness import Pair, moved
from acceptance.slices import ANNA_MAIL, COMPANIES, Slice, key
from acceptance.test_et_applications import APPS, CARS, DRIVERS, ITEMS, TRIPS

CAR, DRIVER, TRIP = "x_cars", "x_drivers", "x_trips"
SEED = {"namespaces": {"fleet": "Автопарк"}, "apps": APPS, "items": ITEMS}
SLICES = {"EO06": [Slice("EO06", SEED)]}


def test_EO06_the_models_are_made_from_the_applications_schema(shared: Pair):
    trips = shared.destination.made("Рейсы")
    assert trips.name == TRIP
    assert trips.types(
        *("Машина", "Водители", "Километры", "Вес", "Цена", "Срочно", "Выезд", "План", "Груз"),
        *("Заметка", "Трек", "Диспетчер", "Остановки"),
    ) == {
        "Машина": "many2one",
        "Водители": "many2many",
        "Километры": "integer",
        "Вес": "float",
        "Цена": "monetary",
        "Срочно": "boolean",
        "Выезд": "datetime",
        "План": "date",
        "Груз": "selection",
        "Заметка": "char",
        "Трек": "char",
        "Диспетчер": "many2one",
        "Остановки": "char",
    }
    assert "Удалённое поле" not in trips.fields
    assert set(trips.fields["Груз"].options.values()) == {"Сухой", "Холодный"}
    made = shared.destination.all("ir.model", [["model", "in", [CAR, DRIVER, TRIP]]])
    assert {row["model"]: (row["name"], row["state"]) for row in made} == {
        CAR: ("Машины", "manual"),
        DRIVER: ("Водители", "manual"),
        TRIP: ("Рейсы", "manual"),
    }


def test_EO06_people_can_open_what_was_made(shared: Pair):
    there = shared.destination
    (model,) = there.all("ir.model", [["model", "=", TRIP]])
    views = {row["type"] for row in there.all("ir.ui.view", [["model", "=", TRIP]])}
    assert {"list", "form"} <= views
    (action,) = there.all("ir.actions.act_window", [["res_model", "=", TRIP]])
    menus = there.all("ir.ui.menu", [["action", "=", f"ir.actions.act_window,{action['id']}"]])
    assert [row["name"] for row in menus] == ["Рейсы"]
    access = there.all("ir.model.access", [["model_id", "=", model["id"]]])
    assert access
    assert all(row["perm_read"] for row in access)


def test_EO06_records_arrive_typed_and_linked(shared: Pair, record_property):
    there = shared.destination
    cars, drivers, trips = there.ours(CAR, CARS), there.ours(DRIVER, DRIVERS), there.ours(TRIP, TRIPS)
    company = there.ours("res.partner", COMPANIES)[key("ET05", "company")]["id"]
    anna = there.user(ANNA_MAIL)
    for n in range(5):
        car = cars[key("ET05", "car", n)]
        assert (car["x_name"], car["x_plate"]) == (f"КамАЗ {n}", f"А00{n}АА69")
        assert car["x_owner"][0] == company
    for n in range(60):
        row = trips[key("ET05", "trip", n)]
        assert row["x_name"] == f"Рейс {n}"
        assert row["x_car"][0] == cars[key("ET05", "car", n % 5)]["id"]
        assert sorted(row["x_drivers"]) == sorted(
            drivers[key("ET05", "driver", m % 6)]["id"] for m in (n, n + 1)
        )
        assert (row["x_distance"], row["x_weight"]) == (1000 + n, 12.125)
        assert amount(row["x_price"]) == amount(9999.99)
        assert row["x_urgent"] is (n % 2 == 0)
        assert row["x_started"] == f"2024-04-{n % 28 + 1:02d} 05:06:07"
        assert row["x_planned"] == f"2024-04-{n % 28 + 1:02d}"
        assert row["x_note"] == f"строка один\nстрока два {n}"
        assert row["x_track"] == f"https://track.example/{n}"
        assert row["x_chief"][0] == anna
        assert [stop["town"] for stop in json.loads(row["x_stops"])["rows"]] == ["Клин", "Тверь"]
    shown = {row["id"]: row for row in there.made_rows(there.made("Рейсы"))}
    first = shown[trips[key("ET05", "trip", 0)]["target"]]
    assert first["Груз"] == "Холодный"
    refused = shared.refused([item["__id"] for item in ITEMS[TRIPS]], TRIPS)
    assert set(refused) == {key("ET05", "trip", "odd")}
    assert "distance" in refused[key("ET05", "trip", "odd")]
    moved(record_property, sum(len(rows) for rows in ITEMS.values()), len(refused))


def test_EO06_links_of_a_model_to_itself_and_back_survive(shared: Pair):
    there = shared.destination
    drivers, trips = there.ours(DRIVER, DRIVERS), there.ours(TRIP, TRIPS)
    for n in range(6):
        row = drivers[key("ET05", "driver", n)]
        mates = {drivers[key("ET05", "driver", m % 6)]["id"] for m in (n + 1, n + 2)}
        assert set(row["x_mates"]) == mates
        assert row["x_usual"][0] == trips[key("ET05", "trip", n)]["id"]
