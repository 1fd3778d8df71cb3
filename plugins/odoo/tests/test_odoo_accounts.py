"""Nobody is mailed about his account, whatever a load or a rollback writes into it."""

from typing import Any

import pytest

from crossdock.model import Action, ObjectSchema, Origin, Outcome, TargetRecord


@pytest.fixture
def person(odoo: Any) -> Any:
    """Somebody who has an account already, and its database id as text."""
    odoo.provision(ObjectSchema("res.users", ()), ObjectSchema("res.partner", ()))
    (number,) = odoo.client.create(
        "res.users", [{"name": "Ann", "login": "ann@x.example", "email": "ann@x.example"}]
    )
    return odoo, str(number)


def mails(odoo: Any) -> list[str]:
    return [row["subject"] for row in odoo.client.search_read("mail.mail", [], ["subject"])]


def held(odoo: Any, number: str) -> Any:
    (row,) = odoo.client.read("res.users", [int(number)], ["login", "email", "function"])
    return row


def test_the_sandbox_mails_about_a_login_as_the_server_does(person: Any) -> None:
    odoo, number = person
    odoo.client.write("res.users", [int(number)], {"login": "ann@x.example", "email": "ann@x.example"})
    assert mails(odoo) == ["Security Update: Login Changed"]
    odoo.client.write("res.users", [int(number)], {"email": "new@x.example"})
    assert mails(odoo)[-1] == "Security Update: Email Changed"


def test_login_and_e_mail_of_an_account_that_is_there_are_left_as_they_are(person: Any) -> None:
    odoo, number = person
    given = {"login": "other@x.example", "email": "new@x.example", "function": "Boss"}
    entry = odoo.update("res.users", "u", number, **given)
    assert mails(odoo) == []
    assert (held(odoo, number)["login"], held(odoo, number)["email"]) == ("ann@x.example", "ann@x.example")
    assert held(odoo, number)["function"] == "Boss"
    odoo.undo(entry)
    assert held(odoo, number)["function"] is False
    assert mails(odoo) == []


def test_what_was_left_out_is_noted_and_what_is_the_same_is_not(person: Any) -> None:
    odoo, number = person
    given = {"login": "ann@x.example", "email": "new@x.example"}
    record = TargetRecord("res.users", Origin("ten", "users", "u"), number, "", given, Action.UPDATE)
    (receipt,) = odoo.destination.load("res.users", [record])
    assert receipt.outcome is Outcome.UNCHANGED
    assert dict(receipt.normalised) == {"email": "left as it is: Odoo would mail the person about the change"}


def test_a_rollback_does_not_write_a_login_that_somebody_changed_since(person: Any) -> None:
    odoo, number = person
    entry = odoo.update("res.users", "u", number, login="ann@x.example", function="Boss")
    odoo.client.write("res.users", [int(number)], {"login": "mine@x.example"})
    before = mails(odoo)
    list(odoo.destination.rollback([entry], False))
    assert held(odoo, number)["login"] == "mine@x.example"
    assert held(odoo, number)["function"] is False
    assert mails(odoo) == before


def test_a_new_account_has_its_login_and_nobody_is_told(person: Any) -> None:
    odoo, _ = person
    made = odoo.load("res.users", "n", name="New", login="n@x.example", email="n@x.example")
    assert held(odoo, str(odoo.id_of("res.users", made)))["login"] == "n@x.example"
    assert mails(odoo) == []
