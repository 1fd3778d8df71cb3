"""Provisioning: models, fields and choices, once and again, seen by people, allowed by rights."""

import pytest

from crossdock.errors import ConfigError, MappingError
from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema, ObjectSchema, Option

F = FieldSchema
CONTRACT = ObjectSchema(
    "x_contract",
    (
        F("x_name", T.TEXT, "Название"),
        F("x_kind", T.SELECT, "Вид", options=(Option("склад", "Склад"), Option("OFFICE", "Офис"))),
        F("x_rent", T.MONEY, "Аренда"),
        F("x_note", T.HTML, "Заметка"),
        F("x_firm", T.REFERENCE, "Компания", references=("res.partner",)),
        F("x_firms", T.REFERENCE, "Компании", multiple=True, references=("res.partner",)),
        F("x_rivals", T.REFERENCE, "Соперники", multiple=True, references=("res.partner",)),
        F("x_part", T.REFERENCE, "Часть", references=("x_part",)),
    ),
    "Договор",
    "Договоры",
)
PART = ObjectSchema(
    "x_part", (F("x_contract", T.REFERENCE, "Договор", references=("x_contract",)),), "Часть", "Части"
)
PARTNER = ObjectSchema(
    "res.partner", (F("x_inn", T.TEXT, "ИНН"), F("x_of", T.REFERENCE, references=("x_contract",)))
)
WANTED = (CONTRACT, PART, PARTNER)


def test_a_dry_run_names_the_same_changes_and_writes_nothing(odoo):
    before = odoo.dump()
    planned = [c.key for c in odoo.destination.provision(WANTED, True, ())]
    assert odoo.dump() == before

    assert [c.key for c in odoo.provision(*WANTED)] == planned
    assert odoo.provision(*WANTED) == []


def test_what_was_provisioned_is_discovered_with_its_types(odoo):
    odoo.provision(*WANTED)

    contract = odoo.destination.discover().object("x_contract")

    assert contract is not None
    assert contract.custom
    assert contract.label == "Договор"
    found = {f.name: (f.type, f.multiple, f.references, f.label) for f in contract.fields}
    assert found["x_kind"] == (T.SELECT, False, (), "Вид")
    assert found["x_rent"] == (T.MONEY, False, (), "Аренда")
    assert found["x_firms"] == (T.REFERENCE, True, ("res.partner",), "Компании")
    assert found["x_part"] == (T.REFERENCE, False, ("x_part",), "Часть")


def test_two_lists_of_references_to_one_model_do_not_share_what_they_hold(odoo):
    odoo.provision(*WANTED)
    firm = odoo.make("res.partner", name="Firm")
    record = odoo.make("x_contract", x_name="C", x_firms=[[6, 0, [firm]]])
    (row,) = odoo.client.read("x_contract", [record], ["x_firms", "x_rivals"])
    assert (row["x_firms"], row["x_rivals"]) == ([firm], [])


def test_a_new_model_can_be_opened_by_people(odoo):
    odoo.provision(*WANTED)
    views = odoo.client.search_read("ir.ui.view", [["model", "=", "x_contract"]], ["type", "arch_db"])
    assert {view["type"] for view in views} == {"form", "list"}
    form = next(view["arch_db"] for view in views if view["type"] == "form")
    assert 'name="x_rent"' in form
    assert "<chatter/>" in form
    assert "x_crossdock_key" not in form
    (action,) = odoo.client.search("ir.actions.act_window", [["res_model", "=", "x_contract"]])
    menus = odoo.client.search_read(
        "ir.ui.menu", [["action", "=", f"ir.actions.act_window,{action}"]], ["name"]
    )
    assert [menu["name"] for menu in menus] == ["Договоры"]


def test_a_record_that_a_person_makes_is_not_archived(odoo):
    odoo.provision(*WANTED)
    olga = odoo.person()
    record = olga.create("x_contract", [{"x_name": "Hers"}])[0]
    assert olga.search("x_contract", [], archived=False) == [record]


def test_everybody_in_the_company_works_with_the_records_and_deletes_none(odoo):
    odoo.provision(*WANTED)
    olga = odoo.person()
    allowed = {o: olga.may("x_contract", o) for o in ("read", "create", "write", "unlink")}
    assert allowed == {"read": True, "create": True, "write": True, "unlink": False}
    assert odoo.client.may("x_contract", "unlink")


def test_what_a_killed_process_left_out_is_made_by_the_next(odoo):
    changes = odoo.destination.provision(WANTED, False, ())
    made = [next(changes).key for _ in range(3)]
    changes.close()
    assert odoo.client.search("ir.ui.menu", [["name", "=", "Договоры"]]) == []

    rest = [c.key for c in odoo.provision(*WANTED)]

    assert "object:x_contract" in made
    assert "relation:x_contract.x_part" in rest
    assert not set(made) & set(rest)
    assert odoo.client.search("ir.ui.menu", [["name", "=", "Договоры"]]) != []


def test_choices_are_added_to_a_custom_field(odoo):
    odoo.provision(*WANTED)
    more = ObjectSchema("x_contract", (F("x_kind", T.SELECT, options=(Option("дом", "Дом"),)),))
    assert [c.key for c in odoo.provision(more)] == ["option:x_contract.x_kind.дом"]
    choices = odoo.client.fields_get("x_contract", ["selection"])["x_kind"]["selection"]
    assert choices == [["склад", "Склад"], ["OFFICE", "Офис"], ["дом", "Дом"]]


def test_conflicts_are_found_before_anything_is_written(odoo):
    before = odoo.dump()
    wrong = ObjectSchema("res.partner", (F("name", T.DATE, "Name"),))
    with pytest.raises(MappingError, match="is char there"):
        list(odoo.destination.provision([CONTRACT, wrong], False, ()))
    assert odoo.dump() == before


def test_a_key_that_may_not_change_the_schema_is_refused_before_anything_is_written(odoo):
    odoo.seed(rights={"ir.model": {"create": False}})
    before = odoo.dump()
    with pytest.raises(ConfigError, match=r"may not add to the schema \(ir.model\)"):
        odoo.provision(*WANTED)
    assert odoo.dump() == before


def test_a_key_that_finds_all_in_place_needs_no_right_to_change_the_schema(odoo):
    odoo.provision(*WANTED)
    odoo.seed(rights={"ir.model": {"create": False}, "ir.model.access": {"read": False}})
    assert odoo.provision(*WANTED) == []


def test_a_key_without_rights_on_an_object_is_refused(odoo):
    odoo.seed(rights={"res.partner": {"create": False, "write": False}})
    with pytest.raises(ConfigError, match=r"res.partner: the key's user may not create, write its records"):
        odoo.provision(PARTNER, CONTRACT, PART)


def test_an_app_that_is_missing_is_named(odoo):
    odoo.seed(modules={"project": "uninstalled"})
    with pytest.raises(MappingError, match="its app is not installed"):
        odoo.provision(ObjectSchema("project.project", (F("x_inn", T.TEXT),)))


def test_what_the_server_refuses_after_all_is_named(odoo):
    odoo.refuse("ir.model.create", about="x_part", times=None)
    with pytest.raises(ConfigError, match=r"Odoo refuses to add object:x_part: No\."):
        odoo.provision(*WANTED)
    odoo.no_faults()
    assert next(c.key for c in odoo.provision(*WANTED)) == "object:x_part"


@pytest.mark.parametrize(
    ("call", "key"),
    [
        ("ir.model.create", "field:x_contract.x_note"),
        ("ir.model.fields.create", "field:res.partner.x_inn"),
        ("ir.model.fields.create", "relation:x_part.x_contract"),
    ],
)
def test_a_field_that_the_server_refuses_is_named_and_what_came_before_it_stays(odoo, call, key):
    planned = [c.key for c in odoo.destination.provision(WANTED, True, ())]
    name = key.rpartition(".")[2]
    odoo.refuse(call, about=name, times=None)
    odoo.refuse("ir.model.fields.create", about=name, times=None)
    made: list[str] = []
    changes = odoo.destination.provision(WANTED, False, ())
    with pytest.raises(ConfigError, match=rf"Odoo refuses to add {key}: No\."):
        made.extend(change.key for change in changes)
    odoo.no_faults()

    rest = [c.key for c in odoo.provision(*WANTED)]

    assert key in rest
    assert sorted([*made, *rest]) == sorted(planned)


def test_all_models_are_made_in_one_call_and_all_fields_in_another(odoo):
    before = len(odoo.calls("create"))
    odoo.provision(*WANTED)
    called = [str(entry["operation"]) for entry in odoo.calls("create")[before:]]
    # Users come before the contacts whose fields they show.
    assert called == ["ir.model.create", "ir.model.fields.create", "ir.model.fields.create"]


def test_choices_of_several_fields_are_added_in_one_call(odoo):
    both = [F(name, T.SELECT, options=(Option("a"),)) for name in ("x_one", "x_two")]
    odoo.provision(ObjectSchema("crm.lead", tuple(both)))
    before = len(odoo.calls("create"))
    more = [F(name, T.SELECT, options=(Option("b"),)) for name in ("x_one", "x_two")]
    assert [c.key for c in odoo.provision(ObjectSchema("crm.lead", tuple(more)))] == [
        "option:crm.lead.x_one.b",
        "option:crm.lead.x_two.b",
    ]
    assert len(odoo.calls("create")) == before + 1


def test_a_menu_that_the_server_refuses_is_made_by_the_next(odoo):
    odoo.refuse("ir.ui.menu.load")
    with pytest.raises(ConfigError, match=r"No\."):
        odoo.provision(*WANTED)
    assert odoo.provision(*WANTED) == []
    assert odoo.client.search("ir.ui.menu", [["name", "=", "Договоры"]]) != []
