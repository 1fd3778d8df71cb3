"""Target ids and database ids, translated both ways; each record has one id outside the plugin."""

from typing import Any

import pytest

from crossdock_odoo.identity import chunks, external_name, is_uuid


def ids(found: Any) -> set[str]:
    return {observation.id for observation in found}


def test_each_record_has_one_id_whichever_it_is_asked_by(stand: Any) -> None:
    firm = stand.made("res.partner", "f", {"name": "F"})
    number = str(stand.database_id(firm))
    assert ids(stand.seen("res.partner", ids=(number, firm.target_id))) == {firm.target_id}


@pytest.mark.parametrize("wanted", ["anna@x.example", "0", "-1", "99999999999", "ABC", "", "7.0"])
def test_what_is_no_id_finds_nothing(stand: Any, wanted: str) -> None:
    assert stand.seen("res.partner", ids=(wanted,)) == []


def test_references_are_translated_by_few_calls(stand: Any) -> None:
    firms = [stand.made("res.partner", f"f{i}", {"name": f"F{i}", "is_company": True}) for i in range(3)]
    people = [
        stand.record("res.partner", f"p{i}", {"name": "P", "parent_id": firms[i % 3].target_id})
        for i in range(30)
    ]
    stand.load(*people)
    identity = stand.odoo._identity
    identity.forget()
    assert all(stand.values(p)["parent_id"] == firms[int(p.origin.key[1:]) % 3].target_id for p in people)
    number = stand.database_id(firms[0])
    assert identity.names_of("res.partner", [number, 1]) == {number: firms[0].target_id, 1: "1"}
    assert identity.names_of("res.lang", [1]) == {1: "1"}
    assert identity.ids_of("res.partner", [firms[0].target_id, "1", "x"]) == {
        firms[0].target_id: number,
        "1": 1,
    }
    assert identity.ids_of("crm.lead", [firms[0].target_id]) == {}


def test_the_row_that_the_server_adds_for_a_users_contact_names_nothing(stand: Any) -> None:
    user = stand.made("res.users", "u", {"name": "U", "login": "u@x.example"})
    contact = stand.values(user)["partner_id"]
    assert contact.isdecimal()
    assert ids(stand.seen("res.partner", ids=(contact,))) == {contact}


def test_few_are_remembered_and_all_are_named(stand: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("crossdock_odoo.identity._REMEMBERED", 3)
    records = [stand.record("res.partner", str(i), {"name": "P"}) for i in range(8)]
    stand.load(*records)
    identity, numbers = stand.odoo._identity, {r.target_id: stand.database_id(r) for r in records}
    wanted = {number: target_id for target_id, number in numbers.items()}
    first = list(wanted)[:3]
    assert identity.names_of("res.partner", first) == {i: wanted[i] for i in first}
    assert identity.names_of("res.partner", [*wanted, 1]) == {**wanted, 1: "1"}
    assert identity.ids_of("res.partner", numbers, cached=True) == numbers
    assert max(len(identity._ids), len(identity._names)) <= 3


def test_an_external_name_is_that_of_the_constant_module() -> None:
    name = "0d0a1b2c-1111-5222-8333-444455556666"
    assert external_name(name) == f"__crossdock__.{name}"
    assert is_uuid(name)
    assert not is_uuid(f"{name}_res_partner")
    assert list(chunks([1, 2, 3], 2)) == [[1, 2], [3]]
