"""G09: names."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

import pytest
from acceptance.harness import Pair, Sandboxes, migrated, moved
from acceptance.slices import Slice, key

pytestmark = pytest.mark.source("elma365")

EVENTS = "office.event"
LONG = "a_very_long_code_of_a_field_that_somebody_once_typed_into_the_designer_and_never_changed"
FIELDS: list[dict[str, Any]] = [
    {"code": "type", "type": "STRING", "name": "Тип"},
    {"code": "user", "type": "STRING", "name": "Кто"},
    {"code": "address", "type": "STRING", "name": "Место"},
    {"code": "tax_id", "type": "STRING", "name": "ИНН с подчёркиванием"},
    {"code": "taxId", "type": "STRING", "name": "ИНН верблюдом"},
    {"code": LONG, "type": "STRING", "name": "Длинное имя"},
    {"code": "price", "type": "MONEY", "name": "Цена"},
    {"code": "2nd_line", "type": "STRING", "name": "Вторая строка"},
    {"code": "amount", "type": "FLOAT", "name": "Число, с запятой"},
    {
        "code": "mood",
        "type": "ENUM",
        "name": "Настрой",
        "options": {
            "да": "Да, конечно",
            "нет": "Нет",
            "1st": "Первый",
            "a-b": "Дефис",
            "a_b": "Подчёркивание",
            "long": "Очень длинное название варианта, которое никогда не поместится в шестьдесят три знака",
        },
    },
]
MOODS = ("да", "нет", "1st", "a-b", "a_b", "long")
ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("G09", n),
        "__name": f"Событие {n}",
        "type": f"тип {n}",
        "user": f"кто {n}",
        "address": f"место {n}",
        "tax_id": f"под {n}",
        "taxId": f"верблюд {n}",
        LONG: f"длинное {n}",
        "price": {"cents": 100 * n, "currency": "RUB"},
        "2nd_line": f"вторая {n}",
        "amount": n + 0.5,
        "mood": [{"code": MOODS[n % 6], "name": "?"}],
    }
    for n in range(54)
] + [{"__id": key("G09", "too big"), "__name": "Слишком много", "amount": 12345678901234567890.0}]
SEED: dict[str, Any] = {
    "namespaces": {"office": "Офис"},
    "apps": [{"namespace": "office", "code": "event", "name": "События", "fields": FIELDS}],
    "items": {EVENTS: ITEMS},
}


@pytest.fixture(scope="module")
def pair(pair_name: str, lasting_sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A migration of its own: what such names break would break every other row with it."""
    return migrated(lasting_sandboxes, tmp_path_factory.mktemp("names"), [Slice("G09", SEED)], pair_name)


@pytest.mark.destination("twenty")
def test_G09_values_land_under_names_the_platform_takes(pair: Pair, record_property):
    made = next(o for o in pair.destination.objects().values() if o["labelSingular"] == "События")
    names = {field["label"]: name for name, field in made["fields"].items()}
    found = pair.destination.ours(made["namePlural"], EVENTS)
    for n in range(54):
        row = found[key("G09", n)]
        shown = {
            label: row[names[label]] for label in ("Тип", "Кто", "Место", "Вторая строка", "Длинное имя")
        }
        assert shown == {
            "Тип": f"тип {n}",
            "Кто": f"кто {n}",
            "Место": f"место {n}",
            "Вторая строка": f"вторая {n}",
            "Длинное имя": f"длинное {n}",
        }
        assert row[names["ИНН с подчёркиванием"]] == f"под {n}"
        assert row[names["ИНН верблюдом"]] == f"верблюд {n}"
        assert row[names["Цена"]]["amountMicros"] == 1_000_000 * n
    refused = pair.refused([item["__id"] for item in ITEMS])
    assert set(refused) == {key("G09", "too big")}
    moved(record_property, len(ITEMS), len(refused))


@pytest.mark.destination("twenty")
def test_G09_options_keep_their_meaning(pair: Pair):
    made = next(o for o in pair.destination.objects().values() if o["labelSingular"] == "События")
    (mood,) = [f for f in made["fields"].values() if f["label"] == "Настрой"]
    labels = {option["value"]: option["label"] for option in mood["options"]}
    assert len(labels) == 6
    assert all("," not in label and len(label) <= 63 for label in labels.values())
    found = pair.destination.ours(made["namePlural"], EVENTS)
    shown = [labels[found[key("G09", n)][mood["name"]]] for n in range(6)]
    assert shown[1:5] == ["Нет", "Первый", "Дефис", "Подчёркивание"]
    assert shown[0].startswith("Да")
    assert shown[5].startswith("Очень длинное название варианта")


@pytest.mark.destination("twenty")
def test_G09_renamed_things_are_shown_with_the_reason(pair: Pair):
    changes = {change["label"]: change for change in pair.answers["provision"]}
    for label in ("События", "Тип", "Длинное имя"):
        assert changes[label]["reason"], label
