"""G04: text."""

# ruff: noqa: N802 - a test is named after its row

from typing import Any

from acceptance.harness import Pair, moved
from acceptance.slices import COMPANIES, CONTACTS, LEADS, Slice, key

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


def test_G04_text_arrives_code_point_by_code_point(pair: Pair, record_property):
    found = pair.destination.ours("opportunities", LEADS)
    for n, text in enumerate(PARTS):
        row = found[key("G04", n)]
        assert (row["name"], row["description"]) == (text, text * 3)
    for name, text in ODD.items():
        assert found[key("G04", name)]["description"] == text, name
    refused = pair.refused([item["__id"] for item in ITEMS])
    assert set(refused) == {key("G04", "nameless")}
    moved(record_property, len(ITEMS), len(refused))


def test_G04_names_of_companies_and_people_keep_their_letters(pair: Pair):
    company = pair.destination.ours("companies", COMPANIES)[key("G04", "company")]
    assert company["name"] == "ЗАО «Ёж & Ъ» — Ғарыш, Ќ, Ў"
    person = pair.destination.ours("people", CONTACTS)[key("G04", "contact")]
    assert person["name"] == {"firstName": "Ўладзімір Әбілқызы", "lastName": "Ґалаґан-Їжакевич"}


def test_G04_what_the_platform_cannot_hold_is_changed_and_said(pair: Pair):
    assert pair.destination.ours("opportunities", LEADS)[key("G04", "nul")]["description"] == "допосле"
    line = pair.outcome(key("G04", "nul"))
    assert (line["outcome"], "NUL" in line["reasons"]) == ("created", True)


def test_G04_labels_keep_their_letters(pair: Pair):
    fields = pair.destination.objects()["opportunity"]["fields"]
    labels = {field["label"] for field in fields.values()}
    assert {"Вероятность, %", "Источник", "Причина отказа"} <= labels
    options = next(f["options"] for f in fields.values() if f["label"] == "Источник")
    assert [option["label"] for option in options] == ["Сайт", "Звонок", "Выставка", "Рекомендация"]
