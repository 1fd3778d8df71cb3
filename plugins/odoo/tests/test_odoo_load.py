"""What a load does in a database, over loopback: what arrives, what is refused, and what is left alone."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from crossdock.errors import AccessLostError, ConfigError, OutcomeUnknownError
from crossdock.model import Action, FindingKind, Outcome
from crossdock.values import Address, Link, Money, Phone

REFUSED = json.dumps(
    {
        "jsonrpc": "2.0",
        "id": 1,
        "error": {"code": 200, "data": {"name": "odoo.exceptions.UserError", "message": "No."}},
    }
)
THEN = datetime(2021, 3, 4, 5, 6, 7, tzinfo=timezone(timedelta(hours=3)))


def won_and_first(stand: Any) -> tuple[str, str]:
    rows = stand.client.search_read("crm.stage", [], ["is_won"], order="sequence")
    return str(next(r["id"] for r in rows if r["is_won"])), str(rows[0]["id"])


# --- new records ------------------------------------------------------------------------------


def test_a_company_arrives_whole_and_by_declared_rules(stand: Any) -> None:
    firm = stand.made(
        "res.partner",
        "f1",
        {
            "name": "ООО «Ромашка»",
            "is_company": True,
            "email": "Info@Romashka.example",
            "phone": Phone("+7 812 555-01-23", "12"),
            "website": Link("romashka.example/a"),
            "address": Address("Невский 1", "", "Петербург", "Ленинградская область", "190000", "Россия"),
            "vat": "7812012345",
        },
    )
    found = {f.field_name: f.kind for f in stand.findings(firm)}
    assert found == {"website": FindingKind.NORMALISED, "address": FindingKind.NORMALISED}
    address = stand.values(firm)["address"]
    assert (address.street2, address.country) == ("Ленинградская область", "Russian Federation")


def test_a_record_is_known_by_its_target_id_and_external_id_from_the_same_call(stand: Any) -> None:
    firm = stand.made("res.partner", "f1", {"name": "A"})
    observed = stand.observed(firm)[firm.target_id]
    assert (observed.external_id, observed.trashed) == ("demo:ten/src.res.partner/f1", False)
    (row,) = stand.client.search_read(
        "res.partner", [["id", "=", stand.database_id(firm)]], ["x_crossdock_key"]
    )
    assert row["x_crossdock_key"] == observed.external_id


def test_a_record_that_is_there_is_unchanged_and_not_written_over(stand: Any) -> None:
    firm = stand.made("res.partner", "f1", {"name": "A"})
    stand.client.write("res.partner", [stand.database_id(firm)], {"name": "Edited"})
    (receipt,) = stand.load(firm).values()
    assert receipt.outcome is Outcome.UNCHANGED
    assert stand.values(firm)["name"] == "Edited"


def test_nothing_speaks_for_the_source_by_default(stand: Any) -> None:
    lead = stand.made("crm.lead", "l1", {"name": "L"})
    person = stand.made("res.partner", "p1", {"name": "P"})
    user = stand.made("res.users", "u1", {"name": "U", "login": "u@x.example"})
    assert stand.values(lead)["user_id"] is None
    assert (stand.values(person)["lang"], stand.values(person)["tz"]) == (None, None)
    group = stand.odoo._tables.reference("base.group_user")
    rights = set(stand.values(user)["groups_id"])
    assert str(group) in rights
    assert not rights & {str(i) for i in _administrators(stand)}


def _administrators(stand: Any) -> list[int]:
    (admin,) = stand.client.read("res.users", [stand.client.user_id], ["groups_id"])
    names = ("base.group_system", "base.group_erp_manager")
    held = {stand.odoo._tables.reference(name) for name in names}
    return [i for i in admin["groups_id"] if i in held]


def test_records_with_and_without_a_value_do_not_empty_each_others_defaults(stand: Any) -> None:
    first, second = (
        stand.record("crm.lead", "1", {"name": "A", "type": "lead"}),
        stand.record("crm.lead", "2", {"name": "B"}),
    )
    stand.load(first, second)
    assert stand.values(first)["type"] == "lead"
    assert stand.values(second)["type"] is not None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"name": "a\x00b"}, "name: holds a NUL character"),
        ({"email": "a@b.test"}, "name: required"),
        ({"name": "A", "parent_id": "12345678-1234-5678-1234-567812345678"}, "parent_id: res.partner 1234"),
        ({"name": "A", "parent_id": "999999"}, "parent_id: "),
        ({"name": "A", "type": "bogus"}, "type: 'bogus' is not an option"),
        ({"name": "A", "color": 2**31}, "color: 2147483648 is beyond 32 bits"),
    ],
)
def test_a_bad_record_is_refused_by_name_and_the_others_arrive(
    stand: Any, values: dict[str, Any], reason: str
) -> None:
    bad = stand.record("res.partner", "bad", values)
    good = [stand.record("res.partner", str(i), {"name": f"P{i}"}) for i in range(3)]
    receipts = stand.load(good[0], bad, *good[1:])
    assert receipts["bad"].outcome is Outcome.REJECTED
    assert receipts["bad"].reasons[0].startswith(reason)
    assert all(receipts[str(i)].outcome is Outcome.CREATED for i in range(3))
    assert bad.target_id not in stand.observed(bad)


def test_twenty_bad_rows_in_five_hundred_are_found_though_an_answer_names_ten(stand: Any) -> None:
    bad = {str(i) for i in range(3, 500, 25)}
    records = [
        stand.record("crm.lead", str(i), {"name": "L", "probability": Decimal(150 if str(i) in bad else 10)})
        for i in range(500)
    ]
    receipts = stand.load(*records)
    assert {key for key, r in receipts.items() if r.outcome is Outcome.REJECTED} == bad
    assert all("probability" in r.reasons[0] for key, r in receipts.items() if key in bad)
    assert stand.client.count("crm.lead", [["x_crossdock_key", "!=", False]]) == 480


def test_a_first_row_is_not_blamed_for_another_one(stand: Any) -> None:
    groups = [str(stand.odoo._tables.reference(f"base.group_{name}")) for name in ("user", "portal")]

    def user(i: int) -> Any:
        held = tuple(groups) if i in (2, 4) else (groups[0],)
        return stand.record("res.users", str(i), {"name": "U", "login": f"u{i}@x.example", "groups_id": held})

    receipts = stand.load(*(user(i) for i in range(6)))
    assert {key for key, r in receipts.items() if r.outcome is Outcome.REJECTED} == {"2", "4"}


def test_a_login_that_is_taken_is_refused(stand: Any) -> None:
    (receipt,) = stand.load(stand.record("res.users", "u", {"name": "U", "login": "admin"})).values()
    assert receipt.outcome is Outcome.REJECTED
    assert "login" in receipt.reasons[0]


# --- contacts and companies -------------------------------------------------------------------


def test_a_contact_keeps_its_own_address_and_tax_id_beside_those_of_its_company(stand: Any) -> None:
    firm = stand.made(
        "res.partner", "f", {"name": "F", "is_company": True, "address": Address("Main 1"), "vat": "77"}
    )
    own = {"name": "Ann", "parent_id": firm.target_id, "address": Address("Own 7", city="Omsk"), "vat": "50"}
    ann = stand.made("res.partner", "p", own)
    assert stand.findings(ann) == []
    assert stand.observed(ann)[ann.target_id].external_id == "demo:ten/src.res.partner/p"


def test_a_company_without_an_address_does_not_get_that_of_its_first_contact(stand: Any) -> None:
    firm = stand.made("res.partner", "f", {"name": "F", "is_company": True})
    stand.made("res.partner", "p", {"name": "Ann", "parent_id": firm.target_id, "address": Address("Own 7")})
    assert stand.values(firm)["address"] is None


def test_a_company_that_gets_known_later_leaves_the_address_alone(stand: Any) -> None:
    firm = stand.made("res.partner", "f", {"name": "F", "is_company": True, "address": Address("Main 1")})
    sub = stand.made("res.partner", "s", {"name": "S", "is_company": True, "address": Address("Sub 1")})
    assert stand.changed(sub, {"parent_id": firm.target_id}).outcome is Outcome.UPDATED
    assert stand.values(sub)["address"] == Address("Sub 1")
    assert stand.values(sub)["parent_id"] == firm.target_id


def test_who_has_no_salesperson_gets_none_from_a_company_that_gets_known_later(stand: Any) -> None:
    firm = stand.made("res.partner", "1", {"name": "Firm", "is_company": True, "user_id": "2"})
    person = stand.made("res.partner", "2", {"name": "Person"})
    other = stand.made("res.partner", "3", {"name": "Other"})

    stand.changed(person, {"parent_id": firm.target_id})
    stand.changed(other, {"parent_id": firm.target_id, "user_id": "2"})

    assert stand.values(person)["user_id"] is None
    assert stand.values(other)["user_id"] == "2"


def test_a_contact_that_is_half_made_is_not_there_and_is_made_whole_when_it_is_sent_again(
    stand: Any,
) -> None:
    firm = stand.made("res.partner", "f", {"name": "F", "is_company": True, "address": Address("Main 1")})
    ann = stand.record(
        "res.partner", "p", {"name": "Ann", "parent_id": firm.target_id, "address": Address("Own 7")}
    )
    stand.fault(kind="status", status=401, body=r'"load".*"\.id".*"street"')
    with pytest.raises(AccessLostError):
        stand.load(ann)
    assert stand.observed(ann) == {}
    (receipt,) = stand.load(ann).values()
    assert receipt.outcome is Outcome.CREATED
    assert stand.findings(ann) == []


# --- leads ------------------------------------------------------------------------------------


def test_won_and_lost_leads_keep_their_dates(stand: Any) -> None:
    won, _ = won_and_first(stand)
    one = stand.made(
        "crm.lead",
        "won",
        {"name": "W", "type": "opportunity", "stage_id": won, "date_closed": THEN, "date_open": THEN},
    )
    lost = stand.made(
        "crm.lead",
        "lost",
        {"name": "X", "active": False, "probability": Decimal(0), "date_closed": THEN},
    )
    assert stand.findings(one, lost) == []
    assert not stand.observed(lost)[lost.target_id].trashed


def test_moving_a_stage_does_not_stamp_the_dates_that_a_lead_had(stand: Any) -> None:
    won, first = won_and_first(stand)
    lead = stand.made("crm.lead", "l", {"name": "W", "stage_id": won, "date_closed": THEN})
    stand.changed(lead, {"stage_id": first, "probability": Decimal(10)})
    assert stand.values(lead)["date_closed"] == THEN
    stand.changed(lead, {"stage_id": won, "date_closed": THEN + timedelta(days=1)})
    assert stand.values(lead)["date_closed"] == THEN + timedelta(days=1)


@pytest.mark.parametrize("their", ["ann@x.example", None])
def test_a_lead_never_overwrites_or_fills_its_partner(stand: Any, their: str | None) -> None:
    ann = stand.made("res.partner", "p", {"name": "Ann", "email": their})
    lead = stand.record(
        "crm.lead", "l", {"name": "L", "partner_id": ann.target_id, "email_from": "o@x.example"}
    )
    (receipt,) = stand.load(lead).values()
    assert receipt.outcome is Outcome.REJECTED
    assert "x_..." in receipt.reasons[0]
    assert stand.values(ann)["email"] == their


def test_a_lead_with_its_partners_e_mail_arrives(stand: Any) -> None:
    ann = stand.made("res.partner", "p", {"name": "Ann", "email": "ann@x.example"})
    lead = stand.made(
        "crm.lead", "l", {"name": "L", "partner_id": ann.target_id, "email_from": "ANN@x.example"}
    )
    assert stand.findings(lead) == []


def test_a_partner_that_gets_known_later_replaces_nothing_of_the_lead(stand: Any) -> None:
    ann = stand.made("res.partner", "p", {"name": "Ann", "email": "ann@x.example"})
    bob = stand.made("res.partner", "q", {"name": "Bob", "function": "Cook"})
    own = {"name": "L", "email_from": "own@x.example", "function": "Chef"}
    lead = stand.made("crm.lead", "l", own)
    refused = stand.changed(lead, {"partner_id": ann.target_id})
    assert refused.outcome is Outcome.REJECTED
    assert "own@x.example" in refused.reasons[0]
    assert stand.changed(lead, {"partner_id": bob.target_id}).outcome is Outcome.UPDATED
    assert {name: stand.values(lead)[name] for name in own} == own


@pytest.mark.parametrize(
    ("money", "reason"),
    [
        (Money(Decimal(5), "RUB"), "the amount is in RUB, Odoo keeps it in USD"),
        (Money(Decimal(5), "XXX"), "XXX is no currency that Odoo knows"),
        (Money(Decimal("5.123"), "USD"), "5.123 has more than the 2 decimal places"),
    ],
)
def test_an_amount_that_odoo_would_change_is_refused(stand: Any, money: Money, reason: str) -> None:
    (receipt,) = stand.load(stand.record("crm.lead", "l", {"name": "L", "expected_revenue": money})).values()
    assert receipt.outcome is Outcome.REJECTED
    assert receipt.reasons[0].startswith(f"expected_revenue: {reason}")


def test_an_amount_without_a_currency_takes_that_of_the_company_and_says_so(stand: Any) -> None:
    lead = stand.made("crm.lead", "l", {"name": "L", "expected_revenue": Money(Decimal("7.50"))})
    (finding,) = stand.findings(lead)
    assert finding.kind is FindingKind.NORMALISED


# --- references -------------------------------------------------------------------------------


def test_several_references_are_replaced_as_a_whole_and_emptied(stand: Any) -> None:
    tags = [stand.made("res.partner.category", k, {"name": k}) for k in "ab"]
    person = stand.made("res.partner", "p", {"name": "P", "category_id": tuple(t.target_id for t in tags)})
    assert set(stand.values(person)["category_id"]) == {t.target_id for t in tags}
    stand.changed(person, {"category_id": (tags[1].target_id,)})
    assert stand.values(person)["category_id"] == (tags[1].target_id,)
    stand.changed(person, {"category_id": ()})
    assert stand.values(person)["category_id"] is None


def test_an_archived_record_can_be_referred_to_and_changed(stand: Any) -> None:
    old = stand.made("res.partner", "old", {"name": "Old", "active": False})
    assert stand.changed(old, {"name": "Older"}).outcome is Outcome.UPDATED
    lead = stand.made("crm.lead", "l", {"name": "L", "partner_id": old.target_id})
    assert stand.values(lead)["partner_id"] == old.target_id


def test_a_record_that_was_there_before_keeps_its_number_as_its_id(stand: Any) -> None:
    number = str(stand.client.search("res.partner", [])[0])
    record = stand.record("res.partner", "x", {"function": "Boss"}, Action.UPDATE, at=number)
    (receipt,) = stand.load(record).values()
    assert (receipt.outcome, receipt.target_id) == (Outcome.UPDATED, number)
    assert stand.observed(record)[number].external_id == "demo:ten/src.res.partner/x"


def test_an_update_of_what_is_gone_fails_and_makes_nothing(stand: Any) -> None:
    gone = stand.record("res.partner", "x", {"name": "X"}, Action.UPDATE)
    (receipt,) = stand.load(gone).values()
    assert receipt.outcome is Outcome.FAILED
    assert stand.observed(gone) == {}


# --- history, activities, people --------------------------------------------------------------


def test_history_arrives_oldest_first_with_its_dates_and_authors(stand: Any) -> None:
    user = stand.made(
        "res.users", "u", {"name": "Ivan", "login": "ivan@x.example", "email": "ivan@x.example"}
    )
    lead = stand.made("crm.lead", "l", {"name": "L"})

    def message(key: str, days: int, **more: Any) -> Any:
        values = {"on_crm.lead": lead.target_id, "date": THEN - timedelta(days=days), "body": f"<p>{key}</p>"}
        return stand.record("mail.message", key, {**values, **more})

    messages = [
        message("new", 0, author=user.target_id),
        message("old", 9, email_from="Ann <ann@x.example>"),
        message("middle", 3),
    ]
    stand.load(*messages)
    assert stand.findings(*messages) == []
    found = {m.origin.key: stand.values(m) for m in messages}
    assert sorted(found, key=lambda key: found[key]["id"]) == ["old", "middle", "new"]
    assert (found["middle"]["author_id"], found["middle"]["email_from"]) == (None, None)
    assert found["new"]["author"] == user.target_id


@pytest.mark.parametrize("owner", ["12345678-1234-5678-1234-567812345678", "999999"])
@pytest.mark.parametrize("name", ["mail.message", "ir.attachment"])
def test_what_would_lie_with_nothing_is_refused(stand: Any, name: str, owner: str) -> None:
    (receipt,) = stand.load(
        stand.record(
            name,
            "x",
            {"on_res.partner": owner, "name": "x"} if name == "ir.attachment" else {"on_res.partner": owner},
        )
    ).values()
    assert receipt.outcome is Outcome.REJECTED
    assert receipt.reasons == (f"on_res.partner: res.partner {owner} is not there",)


def test_open_and_done_activities_arrive(stand: Any) -> None:
    lead = stand.made("crm.lead", "l", {"name": "L"})
    admin = str(stand.client.user_id)
    common = {"on_crm.lead": lead.target_id, "user_id": admin, "summary": "call"}
    opened = stand.made("mail.activity", "a", {**common, "date_deadline": date(2026, 12, 24)})
    done = stand.made(
        "mail.activity",
        "b",
        {**common, "date_deadline": date(2019, 1, 1), "active": False, "date_done": date(2019, 1, 2)},
    )
    assert stand.findings(opened, done) == []


def test_a_new_task_keeps_the_dates_that_the_server_stamps(stand: Any) -> None:
    user = stand.made("res.users", "u", {"name": "Ivan", "login": "ivan@x.example"})
    project = stand.made("project.project", "p", {"name": "P"})
    values = {"name": "T", "date_end": THEN, "date_assign": THEN, "user_ids": (user.target_id,)}
    values["project_id"] = project.target_id
    task = stand.made("project.task", "t", values)
    assert stand.findings(task) == []
    stand.changed(task, {"user_ids": ()})
    assert stand.values(task)["date_assign"] == THEN


def test_an_employee_does_not_overwrite_the_contact_of_its_user(stand: Any) -> None:
    user = stand.made("res.users", "u", {"name": "Ivan", "login": "i@x.example", "email": "i@x.example"})
    other = {"name": "Ivan", "user_id": user.target_id, "work_email": "other@x.example"}
    (receipt,) = stand.load(stand.record("hr.employee", "e", other)).values()
    assert receipt.outcome is Outcome.REJECTED
    assert stand.values(user)["email"] == "i@x.example"
    stand.made("hr.employee", "e", {**other, "work_email": "i@x.example"})


def test_not_one_mail_leaves(stand: Any) -> None:
    user = stand.made("res.users", "u", {"name": "Ivan", "login": "i@x.example", "email": "i@x.example"})
    lead = stand.made("crm.lead", "l", {"name": "L", "user_id": user.target_id})
    stand.made("project.task", "t", {"name": "T", "user_ids": (user.target_id,)})
    stand.made(
        "mail.activity",
        "a",
        {"on_crm.lead": lead.target_id, "user_id": user.target_id, "date_deadline": date(2030, 1, 1)},
    )
    stand.made("mail.message", "m", {"on_crm.lead": lead.target_id, "body": "x", "date": THEN})
    assert stand.client.search("mail.mail", []) == []


# --- when things go wrong ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "truncated", "not_json"])
def test_an_answer_that_is_lost_leaves_the_outcome_open_and_nothing_is_made_twice(
    stand: Any, kind: str
) -> None:
    records = [stand.record("res.partner", str(i), {"name": f"P{i}"}) for i in range(3)]
    stand.fault(kind=kind, body='"load"')
    with pytest.raises(OutcomeUnknownError):
        stand.load(*records)
    there = stand.observed(*records)
    assert len(there) == (0 if kind == "reset_before" else 3)
    stand.load(*records)
    assert len(stand.observed(*records)) == 3
    assert stand.client.count("res.partner", [["x_crossdock_key", "!=", False]]) == 3


def test_a_record_whose_call_is_always_cut_off_fails_and_the_others_arrive(stand: Any) -> None:
    records = [stand.record("res.partner", str(i), {"name": f"P{i}"}) for i in range(3)]
    stand.odoo._loader._importer.size = 1
    stand.fault(kind="reset_before", body='"load".*"P0"', times=6)
    receipts = stand.load(*records)
    assert receipts["0"].outcome is Outcome.FAILED
    assert "ended 6 times without an answer" in receipts["0"].reasons[0]
    assert {receipts["1"].outcome, receipts["2"].outcome} == {Outcome.CREATED}


def test_an_update_whose_answer_is_lost_is_written_whole(stand: Any) -> None:
    won, _ = won_and_first(stand)
    leads = [stand.made("crm.lead", str(i), {"name": "W", "date_closed": THEN}) for i in range(2)]
    updates = [
        stand.record("crm.lead", lead.origin.key, {"stage_id": won}, Action.UPDATE, lead.target_id)
        for lead in leads
    ]
    stand.fault(kind="reset_after", body='"load"', times=2)
    assert {r.outcome for r in stand.load(*updates).values()} == {Outcome.UPDATED}
    assert all(stand.values(lead)["date_closed"] == THEN for lead in leads)


def test_a_new_task_does_not_start_in_an_archived_stage(stand: Any) -> None:
    project = stand.made("project.project", "p", {"name": "P"})
    ids = [[6, 0, [stand.database_id(project)]]]
    stages = [{"name": "old", "sequence": 1, "active": False}, {"name": "new", "sequence": 2}]
    _, new = stand.client.create("project.task.type", [{**stage, "project_ids": ids} for stage in stages])
    task = stand.made("project.task", "t", {"name": "T", "project_id": project.target_id})
    assert stand.values(task)["stage_id"] == str(new)


def test_a_record_that_cannot_be_taken_out_again_is_told(stand: Any) -> None:
    firm = stand.made("res.partner", "f", {"name": "F", "is_company": True, "address": Address("Main 1")})
    own = {"name": "Ann", "parent_id": firm.target_id, "address": Address("Own 7")}
    stand.fault(kind="reset_before", body=r'"load".*"\.id".*"street"', times=6)
    stand.fault(kind="status", status=200, text=REFUSED, body='"unlink"')
    (receipt,) = stand.load(stand.record("res.partner", "p", own)).values()
    assert receipt.outcome is Outcome.FAILED
    assert "is left behind" in receipt.reasons[-1]


def test_a_call_that_is_cut_off_makes_the_next_ones_smaller(stand: Any) -> None:
    records = [stand.record("res.partner", str(i), {"name": f"P{i}"}) for i in range(40)]
    stand.fault(kind="reset_before", body='"load"')
    with pytest.raises(OutcomeUnknownError):
        stand.load(*records)
    assert stand.odoo._loader._importer.size == 10
    assert len(stand.load(*records)) == 40


def test_a_key_that_may_not_read_external_ids_loads_nothing(stand: Any) -> None:
    other = stand.destination(login="low@x.example", key=stand.key_of("low@x.example"))
    with pytest.raises(ConfigError, match="external ids"):
        list(other.load("res.partner", [stand.record("res.partner", "x", {"name": "X"})]))
    other.close()


def test_datetimes_are_utc_whatever_the_zone_of_the_keys_user(stand: Any) -> None:
    stand.client.write("res.users", [stand.client.user_id], {"tz": "Europe/Moscow"})
    lead = stand.made("crm.lead", "l", {"name": "L", "date_closed": datetime(2024, 1, 1, 12, tzinfo=UTC)})
    assert stand.values(lead)["date_closed"] == datetime(2024, 1, 1, 12, tzinfo=UTC)


def test_records_with_different_values_go_in_one_call(stand: Any) -> None:
    before = len(stand.calls("load"))
    values: list[dict[str, Any]] = [
        {"name": "A"},
        {"name": "B", "email": "b@x.example"},
        {"name": "C", "ref": "7"},
    ]
    records = [stand.record("res.partner", v["name"], v) for v in values]
    stand.load(*records)
    assert len(stand.calls("load")) == before + 1
    assert stand.findings(*records) == []
    assert [stand.values(r)["id"] for r in records] == sorted(stand.values(r)["id"] for r in records)
