"""G04: text."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

import pytest
from acceptance.harness import Pair, moved
from acceptance.slices import COMPANIES, CONTACTS, LEADS, Slice, key

pytestmark = pytest.mark.source("elma365")

# U+0400 to U+052F: every Cyrillic letter there is a key for, Church Slavonic to Abkhaz, four a record.
LETTERS = [chr(code) for code in range(0x0400, 0x0530) if not 0x0483 <= code <= 0x0489]
PARTS = ["".join(LETTERS[n : n + 6]) for n in range(0, len(LETTERS), 6)]
ODD = {
    "hands and a flag": "Да \U0001f91d\U0001f3fd \U0001f1f7\U0001f1fa \u2764\ufe0f",
    "family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "right to left": "\u202bшалом \u05e9\u05dc\u05d5\u05dd\u202c и \u200fمرحبا\u200e",
    "combining": "Е\u0301лка, и\u0306 (не \u0439), \u0435\u0308 (не \u0451), Z\u0351\u036b\u0343",
    "spaces": "неразрывный\u00a0пробел, тонкий\u2009пробел, нулевой\u200bпробел, перенос\u00adслова",
    "quotes": "«ёлочки», „лапки“, \"прямые\", 'апостроф', обратный \\ слеш, % и _",
    "lines": "строка один\nстрока два\r\nстрока три\tтабуляция",
    "surrogates": "\U0001d518\U0001d52b\U0001d526 \U00020bb7野家 \U0010fffd",
}
NUL = "до\x00после"
ITEMS: list[dict[str, Any]] = (
    [{"__id": key("G04", n), "__name": text, "description": text * 3} for n, text in enumerate(PARTS)]
    + [{"__id": key("G04", name), "__name": name, "description": text} for name, text in ODD.items()]
    + [
        {"__id": key("G04", "nul"), "__name": "нуль", "description": NUL},
        {"__id": key("G04", "nameless"), "__name": ""},
    ]
)
SEED: dict[str, Any] = {
    "items": {
        LEADS: ITEMS,
        COMPANIES: [
            {
                "__id": key("G04", "company"),
                "__name": "ЗАО «Ёж & Ъ» — Ғарыш, Ќ, Ў",
                "_website": "https://ёж-кириллица.example",
            }
        ],
        CONTACTS: [
            {
                "__id": key("G04", "contact"),
                "_fullname": {
                    "lastname": "Ґалаґан-Їжакевич",
                    "firstname": "Ўладзімір",
                    "middlename": "Әбілқызы",
                },
                "_email": [{"email": "galagan@yozh.example"}],
            }
        ],
    }
}
SLICES = {"G04": [Slice("G04", SEED)]}

# What the pairs differ in: a name in two parts or in one; a field of the destination's own for what has one.
PERSON = {
    "twenty": {"first": "Ўладзімір Әбілқызы", "last": "Ґалаґан-Їжакевич"},
    "odoo": {"name": "Ґалаґан-Їжакевич Ўладзімір Әбілқызы"},
}
LABELS = {
    "twenty": {"Вероятность, %", "Источник", "Причина отказа"},
    "odoo": {"Источник"},
}
# One destination has HTML for texts of several lines, which knows no carriage return. What holds a NUL is
# changed, or refused: the database cannot store it.
CHANGED = {"twenty": {}, "odoo": {"lines": "строка один\nстрока два\nстрока три\tтабуляция"}}
REFUSED = {"twenty": {"nameless"}, "odoo": {"nameless", "nul"}}


def test_G04_text_arrives_code_point_by_code_point(pair: Pair, record_property):
    found = pair.destination.arrived("deal", LEADS)
    for n, text in enumerate(PARTS):
        row = found[key("G04", n)]
        assert (row["name"], row["description"]) == (text, text * 3)
    for name, text in (ODD | CHANGED[pair.destination.platform]).items():
        assert found[key("G04", name)]["description"] == text, name
    refused = pair.refused([item["__id"] for item in ITEMS])
    assert set(refused) == {key("G04", name) for name in REFUSED[pair.destination.platform]}
    moved(record_property, len(ITEMS), len(refused))


def test_G04_names_of_companies_and_people_keep_their_letters(pair: Pair):
    there = pair.destination
    company = there.arrived("company", COMPANIES)[key("G04", "company")]
    assert company["name"] == "ЗАО «Ёж & Ъ» — Ғарыш, Ќ, Ў"
    person = there.arrived("person", CONTACTS)[key("G04", "contact")]
    assert {name: person[name] for name in PERSON[there.platform]} == PERSON[there.platform]


def test_G04_what_the_platform_cannot_hold_is_changed_or_refused_and_said(pair: Pair):
    found, nul = pair.destination.arrived("deal", LEADS), key("G04", "nul")
    (reasons,) = {line["reasons"] for line in pair.audit if line["source_id"] == nul}
    assert "NUL" in reasons
    if "nul" in REFUSED[pair.destination.platform]:
        assert nul not in found
    else:
        assert (found[nul]["description"], pair.outcome(nul)["outcome"]) == ("допосле", "created")


def test_G04_labels_keep_their_letters(pair: Pair):
    fields = pair.destination.fields("deal")
    assert LABELS[pair.destination.platform] <= set(fields)
    assert list(fields["Источник"].options.values()) == ["Сайт", "Звонок", "Выставка", "Рекомендация"]
