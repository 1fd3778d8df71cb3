"""The hooks as the core uses them: what discover says, versions, rights, and a life of one record."""

from typing import Any

import pytest

from crossdock.capabilities import Capability
from crossdock.errors import AuthError, ConfigError, OutcomeUnknownError
from crossdock.fieldtypes import FieldType as T
from crossdock.model import (
    Action,
    FieldSchema,
    LedgerEntry,
    LoadPolicy,
    ObjectSchema,
    Option,
    Outcome,
    Selection,
)
from crossdock.sending import Sender
from crossdock_odoo.destination import OdooDestination

SITE = ObjectSchema(
    "x_site",
    (
        FieldSchema("x_title", T.TEXT, "Название"),
        FieldSchema("x_kind", T.SELECT, "Вид", options=(Option("склад", "Склад"), Option("office", "Офис"))),
        FieldSchema("x_firms", T.REFERENCE, "Компании", references=("res.partner",), multiple=True),
    ),
    "Площадка",
    "Площадки",
)


def test_discover_says_what_is_there_and_what_can_be_done(stand: Any) -> None:
    catalog = stand.odoo.discover()
    partner, country = catalog.object("res.partner"), catalog.object("res.country")
    assert catalog.platform == "odoo"
    assert catalog.identity.startswith("odoo:")
    assert catalog.identity.endswith("/odoo")
    assert catalog.version == "18.0"
    assert partner is not None
    assert (partner.match_only, partner.count) == (False, stand.client.count("res.partner"))
    assert country is not None
    assert country.match_only
    assert catalog.external_id_field == "x_crossdock_key"
    can = catalog.capabilities
    for ability in ("EXTERNAL_IDS", "ATOMIC_BATCH", "TRASH", "FILES", "MULTI_REFERENCES", "CREATE_USERS"):
        assert can.can(Capability[ability]), ability
    for lack in ("CLIENT_IDS", "CREATED_AT", "AUTHORS"):
        assert not can.can(Capability[lack]), lack
    assert any("Community" in note for note in catalog.notes)
    assert any("USD" in note for note in catalog.notes)


def test_a_key_with_few_rights_is_told_so_before_anything_is_written(stand: Any) -> None:
    other = stand.destination(login="low@x.example", key=stand.key_of("low@x.example"))
    catalog = other.discover()
    other.close()
    assert not catalog.capabilities.can(Capability.CUSTOM_FIELDS)
    assert not catalog.capabilities.can(Capability.CREATE_USERS)
    users = catalog.object("res.users")
    assert users is not None
    assert users.match_only
    assert any("external ids" in note for note in catalog.notes)


def test_a_wrong_key_shows_at_once(stand: Any) -> None:
    other = stand.destination(key="f" * 40)
    with pytest.raises(AuthError):
        other.discover()
    other.close()


def test_objects_of_an_app_that_is_not_installed_are_not_there(stand: Any) -> None:
    stand.seed(modules={"hr": "uninstalled"})
    catalog = stand.odoo.discover()
    assert catalog.object("hr.employee") is None
    assert any("hr is not installed" in note for note in catalog.notes)


@pytest.mark.parametrize("version", [16, 17, 19])
def test_other_versions_are_taken_and_said_to_be_assumed(stand: Any, version: int) -> None:
    stand.seed(version=version)
    other = stand.destination()
    catalog = other.discover()
    assert catalog.version == f"{version}.0"
    assert any("not measured" in note for note in catalog.notes)
    record = stand.record("res.partner", "p", {"name": "P"})
    (receipt,) = other.load("res.partner", [record])
    (found,) = other.reconcile("res.partner", Selection(ids=(record.target_id,)))
    other.close()
    assert (receipt.outcome, found.values["name"]) == (Outcome.CREATED, "P")


@pytest.mark.parametrize("version", [16, 18, 19])
def test_what_the_server_fills_is_known_in_every_version(stand: Any, version: int) -> None:
    stand.seed(version=version)
    other = stand.destination()
    kind, user = (other._schemas.schema(name) for name in ("mail.activity.type", "res.users"))
    other.close()
    groups = user.field("group_ids" if version >= 19 else "groups_id")
    assert kind.field("delay_unit").required
    assert (kind.field("delay_unit").filled, kind.field("name").filled, groups.filled) == (True, False, True)


def test_an_object_that_is_not_there_is_a_wrong_setting(stand: Any) -> None:
    with pytest.raises(ConfigError, match="no model"):
        stand.seen("x_nope", ids=("1",))


def test_a_custom_object_lives_from_provision_to_rollback(stand: Any) -> None:
    firm = stand.made("res.partner", "f", {"name": "F"})
    changes = list(stand.odoo.provision([SITE], False, ()))
    site = stand.made("x_site", "1", {"x_title": "A", "x_kind": "склад", "x_firms": (firm.target_id,)})
    note = stand.made("mail.message", "m", {"on_x_site": site.target_id, "body": "<p>x</p>"})
    assert stand.findings(site) == []
    assert stand.values(note)["on_x_site"] == site.target_id
    entries = [created(note), created(site), *(changed(c) for c in reversed(changes))]
    receipts = list(stand.odoo.rollback(entries, False))
    assert {r.outcome for r in receipts} == {Outcome.UPDATED}
    assert "x_site" not in stand.odoo._schemas.names()


def created(record: Any) -> LedgerEntry:
    return LedgerEntry(record.origin, record.object_name, record.target_id, Outcome.CREATED)


def changed(change: Any) -> LedgerEntry:
    from crossdock.model import Origin

    origin = Origin("", "schema", change.key)
    return LedgerEntry(origin, change.object_name, "", Outcome.CREATED, change=change)


def test_names_are_the_same_that_provision_gives() -> None:
    assert OdooDestination.naming("object", "Площадка", frozenset()).startswith("x_")
    assert OdooDestination.naming("field", "name", frozenset({"x_title"})) != "x_name"
    assert OdooDestination.naming("option", "склад", frozenset()) == "склад"


def test_removing_a_record_is_trash_or_destruction(stand: Any) -> None:
    one, two = (stand.made("res.partner", key, {"name": key}) for key in "ab")
    assert stand.changed(one, {}, Action.TRASH).outcome is Outcome.UPDATED
    assert stand.changed(two, {}, Action.DESTROY).outcome is Outcome.UPDATED
    assert stand.observed(one)[one.target_id].trashed
    assert stand.observed(two) == {}
    assert stand.changed(two, {}, Action.DESTROY).outcome is Outcome.UNCHANGED


def test_a_load_that_the_time_limit_cuts_off_goes_on_with_smaller_calls(stand: Any) -> None:
    stand.seed(limit_time=60, row_time=0.5)
    records = [stand.record("res.partner", str(i), {"name": f"P{i}"}) for i in range(150)]
    sender = Sender(stand.odoo_hooks(), LoadPolicy("run", "demo"), 200)
    receipts = sender.send("res.partner", records)
    assert {r.outcome for r in receipts} == {Outcome.CREATED}
    assert stand.client.count("res.partner", [["x_crossdock_key", "!=", False]]) == 150


def test_a_conflict_with_somebody_else_is_tried_again(stand: Any) -> None:
    stand.seed(conflicts={"res.partner": 1})
    stand.made("res.partner", "p", {"name": "P"})


def test_a_lost_answer_is_looked_up_and_nothing_is_made_twice(stand: Any) -> None:
    records = [stand.record("res.partner", str(i), {"name": f"P{i}"}) for i in range(5)]
    stand.fault(kind="reset_after", body='"load"')
    with pytest.raises(OutcomeUnknownError):
        stand.load(*records)
    stand.fault(kind="reset_after", body='"load"')
    more = [*records, stand.record("res.partner", "new", {"name": "N"})]
    sender = Sender(stand.odoo_hooks(), LoadPolicy("run", "demo"), 200)
    assert {r.outcome for r in sender.send("res.partner", more)} <= {Outcome.CREATED, Outcome.UNCHANGED}
    assert stand.client.count("res.partner", [["x_crossdock_key", "!=", False]]) == 6
