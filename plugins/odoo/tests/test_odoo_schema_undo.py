"""Schema changes taken back: in the order that works, and only what nothing else uses."""

from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema, ObjectSchema, Option, Outcome

F = FieldSchema
KIND = F("x_kind", T.SELECT, "Kind", options=(Option("a", "A"), Option("b", "B")))
CONTRACT = ObjectSchema(
    "x_contract",
    (
        F("x_name", T.TEXT),
        KIND,
        F("x_rent", T.MONEY, "Rent"),
        F("x_part", T.REFERENCE, references=("x_part",)),
    ),
    "Contract",
    "Contracts",
)
PART = ObjectSchema("x_part", (F("x_of", T.REFERENCE, references=("x_contract",)),), "Part", "Parts")
LEAD = ObjectSchema("crm.lead", (F("x_inn", T.TEXT, "INN"), F("x_score", T.INTEGER, "Score")))


def together(odoo, changes):
    """Outcome and reason by key of a stretch; a dry run of it says the same and changes nothing."""
    entries = [odoo.changed(change) for change in reversed(changes)]
    held = odoo.dump()
    said = list(odoo.destination.rollback(entries, True))
    assert odoo.dump() == held
    done = list(odoo.destination.rollback(entries, False))
    assert [(r.origin, r.outcome, r.reasons) for r in said] == [
        (r.origin, r.outcome, r.reasons) for r in done
    ]
    return {r.origin.key: (r.outcome, "; ".join(r.reasons)) for r in done}


def undone(odoo, changes):
    """Outcome and reason by key, newest change first; a dry run of all of them says the same."""
    entries = [odoo.changed(change) for change in reversed(changes)]
    said = [next(iter(odoo.destination.rollback([e], True))) for e in entries]
    done = [next(iter(odoo.destination.rollback([e], False))) for e in entries]
    assert [(r.outcome, r.reasons) for r in said] == [(r.outcome, r.reasons) for r in done]
    return {e.change.key: (r.outcome, "; ".join(r.reasons)) for e, r in zip(entries, done, strict=True)}


def test_everything_that_was_provisioned_is_gone_without_a_trace(odoo):
    before = odoo.dump()
    changes = odoo.provision(CONTRACT, PART, LEAD, ObjectSchema("res.partner", ()))

    found = undone(odoo, changes)

    assert {outcome for outcome, _ in found.values()} == {Outcome.UPDATED}
    assert odoo.dump() == before


def test_undoing_twice_finds_nothing_to_do(odoo):
    changes = odoo.provision(CONTRACT, PART, LEAD)
    undone(odoo, changes)
    assert {outcome for outcome, _ in undone(odoo, changes).values()} == {Outcome.UNCHANGED}


def test_a_field_that_people_filled_is_kept(odoo):
    changes = odoo.provision(LEAD)
    odoo.make("crm.lead", name="Theirs", x_inn="7707")

    found = undone(odoo, changes)

    assert found["field:crm.lead.x_inn"] == (Outcome.FAILED, "kept: 1 records that stay have a value in it")
    assert found["field:crm.lead.x_score"] == (Outcome.UPDATED, "")


def test_a_number_that_a_form_stored_as_nothing_does_not_keep_its_field(odoo):
    changes = odoo.provision(LEAD)
    odoo.make("crm.lead", name="Theirs", x_score=0)
    assert undone(odoo, changes)["field:crm.lead.x_score"][0] is Outcome.UPDATED


def test_a_field_that_people_put_into_a_view_is_kept(odoo):
    changes = odoo.provision(LEAD)
    odoo.make("ir.ui.view", name="My leads", model="crm.lead", arch='<list><field name="x_inn"/></list>')
    outcome, reason = undone(odoo, changes)["field:crm.lead.x_inn"]
    assert outcome is Outcome.FAILED
    assert "My leads" in reason


def test_a_model_with_records_of_people_is_kept_and_usable(odoo):
    changes = odoo.provision(CONTRACT, PART)
    odoo.make("x_contract", x_name="Theirs")

    found = undone(odoo, changes)

    assert found["object:x_contract"] == (Outcome.FAILED, "kept: 1 records that stay")
    assert found["object:x_part"][0] is Outcome.UPDATED
    assert odoo.client.search("ir.ui.menu", [["name", "=", "Contracts"]]) != []
    assert odoo.client.count("x_contract") == 1


def test_a_model_that_people_extended_is_kept(odoo):
    changes = odoo.provision(CONTRACT, PART)
    (contract,) = odoo.client.search("ir.model", [["model", "=", "x_contract"]])
    odoo.make("ir.model.fields", model_id=contract, name="x_theirs", ttype="char", field_description="T")
    outcome, reason = undone(odoo, changes)["object:x_contract"]
    assert (outcome, reason) == (
        Outcome.FAILED,
        "kept: it has fields that this run did not create (x_contract.x_theirs)",
    )


def test_a_model_that_a_field_of_people_points_to_is_kept(odoo):
    changes = odoo.provision(CONTRACT, PART)
    (lead,) = odoo.client.search("ir.model", [["model", "=", "crm.lead"]])
    row = {"name": "x_theirs", "ttype": "many2one", "relation": "x_contract", "field_description": "T"}
    odoo.make("ir.model.fields", model_id=lead, **row)
    outcome, reason = undone(odoo, changes)["object:x_contract"]
    assert outcome is Outcome.FAILED
    assert "crm.lead.x_theirs" in reason


def test_a_model_that_people_have_an_action_for_is_kept(odoo):
    changes = odoo.provision(CONTRACT, PART)
    odoo.make("ir.actions.act_window", name="Mine", res_model="x_contract", view_mode="list")
    outcome, reason = undone(odoo, changes)["object:x_contract"]
    assert (outcome, reason) == (Outcome.FAILED, "kept: 1 window actions that people made belong to it")


def test_a_choice_goes_unless_a_record_that_stays_has_it(odoo):
    odoo.provision(CONTRACT, PART)
    more = ObjectSchema("x_contract", (F("x_kind", T.SELECT, options=(Option("c"), Option("d"))),))
    changes = odoo.provision(more)
    odoo.make("x_contract", x_name="Theirs", x_kind="c")

    found = undone(odoo, changes)

    assert found["option:x_contract.x_kind.c"] == (
        Outcome.FAILED,
        "kept: 1 records that stay use the option c",
    )
    assert found["option:x_contract.x_kind.d"][0] is Outcome.UPDATED
    choices = odoo.client.fields_get("x_contract", ["selection"])["x_kind"]["selection"]
    assert [value for value, _ in choices] == ["a", "b", "c"]


def test_records_that_the_run_made_do_not_keep_what_it_provisioned(odoo):
    before = odoo.dump()
    changes = odoo.provision(CONTRACT, PART, LEAD)
    made = odoo.load("x_contract", "1", x_name="Ours", x_kind="a")
    lead = odoo.load("crm.lead", "1", name="Ours", x_inn="7707")
    entries = [
        odoo.created("crm.lead", "1", lead),
        odoo.created("x_contract", "1", made),
        *(odoo.changed(change) for change in reversed(changes)),
    ]

    assert {r.outcome for r in odoo.destination.rollback(entries, True)} == {Outcome.UPDATED}
    assert {r.outcome for r in odoo.destination.rollback(entries, False)} == {Outcome.UPDATED}
    assert odoo.dump() == before


def test_a_stretch_is_taken_back_in_one_call_for_all_fields_and_one_for_all_models(odoo):
    before = odoo.dump()
    changes = odoo.provision(CONTRACT, PART, LEAD, ObjectSchema("res.partner", ()))
    called = len(odoo.calls("unlink"))

    found = together(odoo, changes)

    assert set(found.values()) == {(Outcome.UPDATED, "")}
    assert odoo.dump() == before
    calls = [str(entry["operation"]) for entry in odoo.calls("unlink")[called:]]
    rebuilding = [c for c in calls if c.startswith("ir.model.") and not c.startswith("ir.model.data.")]
    assert rebuilding == ["ir.model.fields.unlink", "ir.model.unlink"]
    assert set(together(odoo, changes).values()) == {(Outcome.UNCHANGED, "")}


def test_in_a_stretch_each_change_is_kept_for_a_reason_of_its_own(odoo):
    odoo.provision(CONTRACT, PART)
    more = ObjectSchema("x_part", (F("x_kind", T.SELECT, options=(Option("c"), Option("d"))),))
    odoo.provision(ObjectSchema("x_part", (F("x_kind", T.SELECT, options=(Option("a"),)),)))
    changes = odoo.provision(CONTRACT, more, LEAD, ObjectSchema("x_new", (F("x_a", T.TEXT),), "N", "Ns"))
    odoo.make("crm.lead", name="Theirs", x_inn="7707")
    odoo.make("ir.ui.view", name="My leads", model="crm.lead", arch='<list><field name="x_score"/></list>')
    odoo.make("x_part", x_name="Theirs", x_kind="c")
    odoo.make("x_new", x_name="Theirs")

    found = together(odoo, changes)

    kept = {key: reason for key, (_, reason) in found.items() if reason}
    assert kept == {
        "option:x_part.x_kind.c": "kept: 1 records that stay use the option c",
        "field:crm.lead.x_inn": "kept: 1 records that stay have a value in it",
        "field:crm.lead.x_score": "kept: shown in the views My leads; take it out of them first",
        "object:x_new": "kept: 1 records that stay",
    }
    assert {found[key][0] for key in kept} == {Outcome.FAILED}
    assert {outcome for key, (outcome, _) in found.items() if key not in kept} == {Outcome.UPDATED}


def test_a_field_that_the_server_refuses_to_delete_is_named_and_the_others_go(odoo):
    changes = odoo.provision(CONTRACT, PART, LEAD)
    (score,) = odoo.client.search("ir.model.fields", [["model", "=", "crm.lead"], ["name", "=", "x_score"]])
    odoo.refuse("ir.model.fields.unlink", about=rf"\b{score}\b", times=None)

    entries = [odoo.changed(change) for change in reversed(changes)]
    found = {r.origin.key: r for r in odoo.destination.rollback(entries, False)}

    refused = found.pop("field:crm.lead.x_score")
    assert (refused.outcome, refused.reasons) == (Outcome.FAILED, ("No.",))
    assert {r.outcome for r in found.values()} == {Outcome.UPDATED}
    odoo.no_faults()
    again = {r.origin.key: r.outcome for r in odoo.destination.rollback(entries, False)}
    assert again.pop("field:crm.lead.x_score") is Outcome.UPDATED
    assert set(again.values()) == {Outcome.UNCHANGED}


def test_a_stretch_that_was_interrupted_goes_on_where_it_was(odoo):
    before = odoo.dump()
    changes = odoo.provision(CONTRACT, PART, LEAD)
    receipts = odoo.destination.rollback([odoo.changed(change) for change in reversed(changes)], False)
    next(receipts)
    receipts.close()

    found = together(odoo, changes)

    assert {outcome for outcome, _ in found.values()} == {Outcome.UPDATED, Outcome.UNCHANGED}
    assert odoo.dump() == before


def test_the_currency_of_an_amount_that_stays_is_kept_with_it(odoo):
    changes = odoo.provision(CONTRACT, PART)
    odoo.make("x_contract", x_name="Theirs", x_rent=5)
    found = together(odoo, changes)
    assert found["field:x_contract.x_rent"][0] is Outcome.FAILED
    assert found["field:x_contract.x_rent_currency"] == (
        Outcome.FAILED,
        "kept: it holds the currency of x_rent, which stays",
    )


def test_the_currency_of_an_amount_that_the_server_refuses_to_delete_is_kept_with_it(odoo):
    changes = odoo.provision(ObjectSchema("crm.lead", (F("x_rent", T.MONEY, "Rent"),)))
    (rent,) = odoo.client.search("ir.model.fields", [["model", "=", "crm.lead"], ["name", "=", "x_rent"]])
    odoo.refuse("ir.model.fields.unlink", about=rf"\b{rent}\b", times=None)

    entries = [odoo.changed(change) for change in reversed(changes)]
    found = {r.origin.key: r for r in odoo.destination.rollback(entries, False)}

    assert found["field:crm.lead.x_rent"].reasons == ("No.",)
    assert found["field:crm.lead.x_rent_currency"].outcome is Outcome.FAILED
    assert found["field:crm.lead.x_crossdock_key"].outcome is Outcome.UPDATED
