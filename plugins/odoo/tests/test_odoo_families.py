"""What is written into a company does not reach into the contacts below it."""

from typing import Any

import pytest

from crossdock.errors import AccessLostError
from crossdock.model import Action, LedgerEntry, ObjectSchema, Origin, Outcome
from crossdock.values import Address


@pytest.fixture
def family(stand: Any) -> Any:
    """A company with two contacts, the first with one below it, each with an address of its own."""
    firm = stand.made(
        "res.partner", "f", {"name": "F", "is_company": True, "address": Address("Main 1"), "vat": "77"}
    )
    ann = stand.made(
        "res.partner", "a", {"name": "Ann", "parent_id": firm.target_id, "address": Address("Own 7")}
    )
    bob = stand.made(
        "res.partner",
        "b",
        {"name": "Bob", "parent_id": ann.target_id, "address": Address("Own 8"), "vat": "50"},
    )
    (eve,) = stand.client.create(
        "res.partner", [{"name": "Eve", "parent_id": stand.database_id(firm), "street": "x"}]
    )
    stand.client.write("res.partner", [eve], {"street": "Own 9"})
    return firm, ann, bob, eve


def street(stand: Any, number: int) -> str:
    return str(stand.client.read("res.partner", [number], ["street"])[0]["street"])


def test_a_new_address_of_a_company_is_not_written_over_that_of_its_contacts(stand: Any, family: Any) -> None:
    firm, ann, bob, eve = family
    changed = stand.changed(firm, {"address": Address("Main 2", city="Omsk")})
    assert changed.outcome is Outcome.UPDATED
    assert stand.values(firm)["address"] == Address("Main 2", city="Omsk")
    assert stand.values(ann)["address"] == Address("Own 7")
    assert stand.values(bob)["address"] == Address("Own 8")
    assert street(stand, eve) == "Own 9"


def test_a_tax_id_of_its_own_stays_and_one_that_is_the_companys_follows(stand: Any, family: Any) -> None:
    firm, ann, bob, _ = family
    stand.changed(firm, {"vat": "78"})
    assert (stand.values(ann)["vat"], stand.values(bob)["vat"]) == ("78", "50")


def test_a_company_and_its_contacts_that_change_together_get_each_its_own(stand: Any, family: Any) -> None:
    firm, ann, bob, _ = family
    records = [
        stand.record("res.partner", r.origin.key, {"address": Address(text)}, Action.UPDATE, r.target_id)
        for r, text in ((bob, "New 8"), (ann, "New 7"), (firm, "New 1"))
    ]
    stand.load(*records)
    assert stand.findings(*records) == []


def test_a_contact_that_leaves_takes_what_its_new_company_gives(stand: Any, family: Any) -> None:
    firm, ann, _, _ = family
    other = stand.made("res.partner", "o", {"name": "O", "is_company": True, "address": Address("Other 1")})
    records = [
        stand.record("res.partner", "f", {"address": Address("New 1")}, Action.UPDATE, firm.target_id),
        stand.record("res.partner", "a", {"parent_id": other.target_id}, Action.UPDATE, ann.target_id),
    ]
    stand.load(*records)
    assert stand.findings(*records) == []
    assert stand.values(ann)["address"] == Address("Own 7")


def test_what_cannot_be_given_back_is_told_of_the_company(stand: Any, family: Any) -> None:
    firm, ann, _, _ = family
    number = stand.database_id(ann)
    tries = 1 + 6  # the call for all of them, and then as often as a record that is alone is tried
    stand.fault(kind="reset_before", body=rf'"load".*"{number}"', times=tries)
    receipt = stand.changed(firm, {"address": Address("Main 2")})
    assert receipt.outcome is Outcome.FAILED
    assert f"contact {number} below it lost its own" in receipt.reasons[0]


def test_a_rollback_brings_back_a_companys_address_and_leaves_those_of_its_contacts(odoo: Any) -> None:
    odoo.provision(ObjectSchema("res.partner", ()))
    firm = odoo.load("res.partner", "f", name="F", is_company=True, address=Address("Main 1"))
    number = odoo.id_of("res.partner", firm)
    (ann,) = odoo.client.create("res.partner", [{"name": "Ann", "parent_id": number}])
    odoo.client.write("res.partner", [ann], {"street": "Own 7"})
    entry = odoo.update("res.partner", "f", firm, address=Address("Main 2"))
    (receipt,) = odoo.undo(entry)
    assert receipt.outcome is Outcome.UPDATED
    rows = odoo.client.read("res.partner", [number, ann], ["street"])
    assert [row["street"] for row in rows] == ["Main 1", "Own 7"]


def test_a_rollback_gives_back_what_a_killed_run_let_the_company_overwrite(odoo: Any) -> None:
    odoo.provision(ObjectSchema("res.partner", ()))
    firm = odoo.load("res.partner", "f", name="F", is_company=True, address=Address("Main 1"))
    ann = odoo.load("res.partner", "a", name="Ann", address=Address("Own 7"))
    before = odoo.see("res.partner", ann)
    odoo.fault(kind="status", status=401, body=r'"load".*"\.id".*"street"')
    with pytest.raises(AccessLostError):
        odoo.send("res.partner", "a", Action.UPDATE, ann, parent_id=firm)
    origin = Origin("ten", "res.partner", "a")
    entry = LedgerEntry(origin, "res.partner", ann, Outcome.UPDATED, ("parent_id",), before.image)
    odoo.undo(entry)
    found = odoo.see("res.partner", ann).values
    assert (found["parent_id"], found["address"]) == (None, Address("Own 7"))
