"""Reading back: by id, by match key, and all that is owned."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType as T
from crossdock.model import Action, FieldSchema, Outcome
from crossdock.values import Link, Money, Phone
from crossdock_odoo.matching import comparable, condition, same


def ids(found: Any) -> set[str]:
    return {observation.id for observation in found}


def test_a_record_that_is_gone_is_not_there_and_its_row_neither(stand: Any) -> None:
    firm = stand.made("res.partner", "f", {"name": "F"})
    stand.client.unlink("res.partner", [stand.database_id(firm)])
    assert stand.observed(firm) == {}


@pytest.mark.parametrize(
    ("name", "value", "sought"),
    [
        ("email", "Anna@X.example", "anna@x.EXAMPLE"),
        ("name", "100% _Анна_ \\ x", "100% _анна_ \\ X"),
        ("phone", Phone("+7 (812) 555-01-23"), Phone("8 812 5550123")),
        ("website", Link("https://www.romashka.example/a"), Link("romashka.example/a/")),
        ("function", "Boss  of all", " boss of all "),
        ("color", 7, 7),
        ("partner_latitude", Decimal("1.5"), Decimal("1.50")),
        ("is_company", True, True),
        ("type", "other", "other"),
    ],
)
def test_a_value_is_found_in_the_forms_in_which_it_may_be_kept(
    stand: Any, name: str, value: Any, sought: Any
) -> None:
    person = stand.made("res.partner", "p", {"name": "P", name: value})
    if name == "function":
        stand.client.write("res.partner", [stand.database_id(person)], {"function": "boss of all"})
    assert person.target_id in ids(stand.seen("res.partner", match=(name, (sought,))))


def test_wildcards_in_a_value_are_taken_as_they_are(stand: Any) -> None:
    stand.made("res.partner", "p", {"name": "aXb"})
    assert stand.seen("res.partner", match=("name", ("a_b", "a%"))) == []


def test_a_reference_is_found_by_the_id_of_what_it_points_to(stand: Any) -> None:
    firm = stand.made("res.partner", "f", {"name": "F", "is_company": True})
    ann = stand.made("res.partner", "p", {"name": "Ann", "parent_id": firm.target_id})
    assert ids(stand.seen("res.partner", match=("parent_id", (firm.target_id,)))) == {ann.target_id}
    number = str(stand.database_id(firm))
    assert ids(stand.seen("res.partner", match=("parent_id", (number,)))) == {ann.target_id}
    assert stand.seen("res.partner", match=("parent_id", ("12345678-1234-5678-1234-567812345678",))) == []


def test_many_values_find_each_record_once(stand: Any) -> None:
    people = [
        stand.record("res.partner", str(i), {"name": f"N{i}", "email": f"{i}@x.example"}) for i in range(120)
    ]
    stand.load(*people)
    found = stand.seen("res.partner", match=("email", tuple(f"{i}@X.example" for i in range(120)) * 2))
    assert sorted(o.values["email"] for o in found) == sorted(f"{i}@x.example" for i in range(120))


def test_an_archived_record_that_a_match_key_finds_is_for_a_person_to_decide(stand: Any) -> None:
    stand.client.create("res.partner", [{"name": "Old", "email": "old@x.example", "active": False}])
    (found,) = stand.seen("res.partner", match=("email", ("old@x.example",)))
    (same,) = stand.seen("res.partner", ids=(found.id,))
    assert found.trashed
    assert not same.trashed


def test_a_record_that_was_made_archived_is_found_as_any_other(stand: Any) -> None:
    old = stand.made("res.partner", "p", {"name": "Old", "email": "old@x.example", "active": False})
    (found,) = stand.seen("res.partner", match=("email", ("old@x.example",)))
    assert (found.id, found.external_id, found.trashed) == (old.target_id, old.external_id, False)


@pytest.mark.parametrize("name", ["comment", "address", "image_1920"])
def test_a_field_that_cannot_be_searched_is_no_match_key(stand: Any, name: str) -> None:
    with pytest.raises(ConfigError, match="match key"):
        stand.seen("res.partner", match=(name, ("x",)))


def test_a_field_that_is_not_there_is_no_match_key(stand: Any) -> None:
    with pytest.raises(ConfigError, match="no field"):
        stand.seen("res.partner", match=("nope", ("x",)))


def test_what_is_owned_is_found_without_the_ledger_and_the_trash_left_out(stand: Any) -> None:
    mine = [stand.made("res.partner", key, {"name": key, "active": key != "b"}) for key in "abc"]
    stand.client.create("res.partner", [{"name": "o", "x_crossdock_key": "demo2:ten/src/x"}])
    stand.client.create("res.partner", [{"name": "o", "x_crossdock_key": "demoXten/src/x"}])
    assert ids(stand.seen("res.partner", owned="demo:")) == {m.target_id for m in mine}
    assert stand.changed(mine[0], {}, Action.TRASH).outcome is Outcome.UPDATED
    assert ids(stand.seen("res.partner", owned="demo:")) == {m.target_id for m in mine[1:]}
    assert stand.seen("res.partner", owned="dem%:") == []
    assert stand.seen("res.country", owned="demo:") == []


def test_the_trash_is_an_archived_record_with_a_mark_and_gives_it_back(stand: Any) -> None:
    firm = stand.made("res.partner", "f", {"name": "F"})
    stand.changed(firm, {}, Action.TRASH)
    there = stand.observed(firm)[firm.target_id]
    assert (there.trashed, there.external_id, there.values["active"]) == (True, firm.external_id, False)
    (again,) = stand.load(firm).values()
    assert again.outcome is Outcome.REJECTED
    assert stand.changed(firm, {"name": "G"}, Action.RESTORE).outcome is Outcome.UPDATED
    there = stand.observed(firm)[firm.target_id]
    assert (there.trashed, there.external_id, there.values["name"]) == (False, firm.external_id, "G")


def test_what_somebody_took_out_of_the_trash_is_owned_and_there(stand: Any) -> None:
    firm = stand.made("res.partner", "f", {"name": "F"})
    other = stand.made("res.partner", "o", {"name": "O"})
    for record in (firm, other):
        stand.changed(record, {}, Action.TRASH)
    stand.client.write("res.partner", [stand.database_id(firm)], {"active": True})
    (found,) = stand.seen("res.partner", owned="demo:")
    assert (found.id, found.external_id, found.trashed) == (firm.target_id, firm.external_id, False)
    (again,) = stand.load(firm).values()
    assert again.outcome is Outcome.UNCHANGED


def test_an_observation_says_when_it_was_last_written_and_how_to_write_it_back(stand: Any) -> None:
    tag = stand.made("res.partner.category", "t", {"name": "T"})
    values = {"name": "P", "category_id": (tag.target_id,), "email": "p@x.example"}
    person = stand.made("res.partner", "p", values)
    before = stand.observed(person)[person.target_id]
    assert before.updated_at is not None
    assert before.updated_at.tzinfo is UTC
    stand.changed(person, {"name": "Q", "category_id": (), "email": None})
    schema = stand.odoo._schemas.schema("res.partner")
    back = stand.odoo._reader.wire_back(schema, before.image, ("name", "category_id", "email"))
    stand.client.write("res.partner", [stand.database_id(person)], back)
    assert stand.findings(person) == []


# --- the forms of match values ----------------------------------------------------------------


def field(odoo_type: str, type_: T) -> FieldSchema:
    return FieldSchema("f", type_, settings={"odoo_type": odoo_type, "column": "f"})


@pytest.mark.parametrize(
    ("one", "value", "wanted"),
    [
        (field("char", T.TEXT), " A%b ", ["f", "=ilike", "a\\%b"]),
        (field("char", T.PHONE), Phone("+7 (812) 55"), ["f", "=ilike", "%7%8%1%2%5%5%"]),
        (field("char", T.LINK), Link("https://www.A.test/x/"), ["f", "ilike", "a.test"]),
        (field("integer", T.INTEGER), 7, ["f", "=", 7]),
        (field("monetary", T.MONEY), Money(Decimal("1.50"), "EUR"), ["f", "=", 1.5]),
        (field("date", T.DATE), date(2024, 5, 1), ["f", "=", "2024-05-01"]),
        (field("datetime", T.DATETIME), datetime(2024, 5, 1, tzinfo=UTC), ["f", "=", "2024-05-01 00:00:00"]),
        (field("selection", T.SELECT), "a", ["f", "=", "a"]),
        (field("many2one", T.REFERENCE), "7", ["f", "in", [70]]),
        (field("many2one", T.REFERENCE), "8", None),
        (field("char", T.TEXT), "", None),
        (field("char", T.TEXT), None, None),
    ],
)
def test_a_condition_finds_every_form_of_a_value(one: FieldSchema, value: Any, wanted: Any) -> None:
    assert condition(one, value, {"7": 70}) == wanted


def test_what_a_condition_finds_too_much_is_left_out() -> None:
    link, phone = field("char", T.LINK), field("char", T.PHONE)
    assert same(link, Link("a.test/x"), "http://www.a.test/x/")
    assert not same(link, Link("a.test/x"), "http://a.test/xy")
    assert same(phone, Phone("8 812 5550123"), "+7 812 555-01-23")
    assert not same(phone, Phone("8 812 5550123"), "+7 812 555-01-24")
    assert not same(phone, Phone("1"), False)
    assert comparable(field("char", T.TEXT), "A  b\x00 ") == "a b"
