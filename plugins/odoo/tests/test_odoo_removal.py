"""Records taken away: archived and marked, or deleted without loss to others; and brought back."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crossdock.fieldtypes import FieldType as T
from crossdock.model import Action, FieldSchema, ObjectSchema, Outcome, Selection
from crossdock.values import Money

F = FieldSchema
NODE = ObjectSchema(
    "x_node",
    (
        F("x_name", T.TEXT, "Name"),
        F("x_above", T.REFERENCE, "Above", references=("x_node",)),
        F("x_firm", T.REFERENCE, "Firm", references=("res.partner",)),
        F("x_firms", T.REFERENCE, "Firms", multiple=True, references=("res.partner",)),
        F("x_rent", T.MONEY, "Rent"),
        F("x_scan", T.FILE, "Scan"),
    ),
    "Node",
    "Nodes",
)
NAMES = (
    "res.partner",
    "crm.lead",
    "crm.tag",
    "project.project",
    "project.task",
    "mail.message",
    "ir.attachment",
)
WANTED = (NODE, *(ObjectSchema(name, ()) for name in NAMES))
_OWN = frozenset({"write_date", "create_date", "id", "message_id", "res_id", "write_uid"})


@pytest.fixture
def world(odoo):
    odoo.provision(*WANTED)
    return odoo


def content(observation):
    """What a record holds but for what no second making brings back."""
    return {name: value for name, value in observation.values.items() if name not in _OWN}


def test_a_record_in_the_trash_is_archived_and_marked(world):
    firm = world.load("res.partner", "1", name="Firm")

    receipt, _ = world.take_away("res.partner", "1", firm, Action.TRASH)

    assert receipt.outcome is Outcome.UPDATED
    seen = world.see("res.partner", firm)
    assert (seen.trashed, seen.external_id) == (True, "demo:ten/res.partner/1")
    (row,) = world.client.read(
        "res.partner", [world.id_of("res.partner", firm)], ["active", "x_crossdock_key"]
    )
    assert (row["active"], row["x_crossdock_key"]) == (False, "trash:demo:ten/res.partner/1")
    assert list(world.destination.reconcile("res.partner", Selection(owned="demo:"))) == []


def test_a_record_that_somebody_took_out_of_the_trash_goes_there_again_and_comes_back(world):
    firm = world.load("res.partner", "1", name="Firm")
    world.take_away("res.partner", "1", firm, Action.TRASH)
    number = world.id_of("res.partner", firm)
    world.client.write("res.partner", [number], {"active": True})
    assert not world.see("res.partner", firm).trashed

    receipt, entry = world.take_away("res.partner", "1", firm, Action.TRASH)

    assert receipt.outcome is Outcome.UPDATED
    (row,) = world.client.read("res.partner", [number], ["x_crossdock_key"])
    assert row["x_crossdock_key"] == "trash:demo:ten/res.partner/1"
    assert world.undo(entry)[0].outcome is Outcome.UPDATED
    assert not world.see("res.partner", firm).trashed


def test_what_people_made_keeps_a_record_though_its_model_is_no_object(world):
    firm = world.load("res.partner", "1", name="Firm")
    letter = {"recipient_ids": [[6, 0, [world.id_of("res.partner", firm)]]]}
    mail = world.person("boss@x.example", "base.group_system").create("mail.mail", [letter])[0]

    receipt, _ = world.take_away("res.partner", "1", firm, Action.DESTROY)

    assert receipt.outcome is Outcome.REJECTED
    assert f"1 mail.mail ({mail})" in receipt.reasons[0]


def test_the_variants_of_a_product_come_out_of_the_trash_with_it(world):
    product = _product(world)
    number = world.id_of("product.template", product)
    world.client.create("product.product", [{"product_tmpl_id": number}])
    variants = [["product_tmpl_id", "=", number]]
    receipt, entry = world.take_away("product.template", "1", product, Action.TRASH)
    assert receipt.outcome is Outcome.UPDATED
    assert world.client.count("product.product", variants, archived=False) == 0

    assert world.undo(entry)[0].outcome is Outcome.UPDATED

    assert world.client.count("product.product", variants, archived=False) == 2


def test_a_product_of_whose_variants_some_are_archived_is_not_put_away(world):
    product = _product(world)
    number = world.id_of("product.template", product)
    world.client.create("product.product", [{"product_tmpl_id": number, "active": False}])

    receipt, _ = world.take_away("product.template", "1", product, Action.TRASH)

    assert receipt.outcome is Outcome.REJECTED
    assert "would archive 1 product.product" in receipt.reasons[0]


def test_a_record_that_is_gone_or_in_the_trash_already_is_unchanged(world):
    firm = world.load("res.partner", "1", name="Firm")
    world.take_away("res.partner", "1", firm, Action.TRASH)
    assert world.take_away("res.partner", "1", firm, Action.TRASH)[0].outcome is Outcome.UNCHANGED
    gone = "00000000-0000-5000-8000-000000000000"
    assert world.take_away("res.partner", "9", gone, Action.TRASH)[0].outcome is Outcome.UNCHANGED
    assert world.take_away("res.partner", "9", gone, Action.DESTROY)[0].outcome is Outcome.UNCHANGED


def test_a_provisioned_model_can_be_put_into_the_trash(world):
    node = world.load("x_node", "1", x_name="N")
    receipt, entry = world.take_away("x_node", "1", node, Action.TRASH)
    assert receipt.outcome is Outcome.UPDATED
    assert world.see("x_node", node).trashed
    assert world.undo(entry)[0].outcome is Outcome.UPDATED
    assert not world.see("x_node", node).trashed


def test_a_model_without_the_field_active_says_what_to_decide(world):
    tag = world.load("crm.tag", "1", name="Tag")
    receipt, _ = world.take_away("crm.tag", "1", tag, Action.TRASH)
    assert receipt.outcome is Outcome.REJECTED
    assert "crm.tag has no field `active`" in receipt.reasons[0]
    assert "decide `deletions: report` or `destroy`" in receipt.reasons[0]


def test_a_record_comes_out_of_the_trash_with_the_dates_that_it_had(world):
    closed = datetime(2020, 5, 5, 10, 0, tzinfo=UTC)
    (won,) = world.client.search("crm.stage", [["is_won", "=", True]])
    lead = world.load("crm.lead", "1", name="Won", type="opportunity", stage_id=str(won), date_closed=closed)
    before = world.see("crm.lead", lead)

    _, entry = world.take_away("crm.lead", "1", lead, Action.TRASH)
    assert world.undo(entry)[0].outcome is Outcome.UPDATED

    assert content(world.see("crm.lead", lead)) == content(before)
    assert world.undo(entry)[0].outcome is Outcome.UNCHANGED


def test_a_project_with_tasks_that_stay_is_not_put_away(world):
    project = world.load("project.project", "1", name="P")
    task = world.load("project.task", "1", name="T", project_id=project)

    receipt, _ = world.take_away("project.project", "1", project, Action.TRASH)

    assert receipt.outcome is Outcome.REJECTED
    number = world.id_of("project.task", task)
    assert f"would archive 1 project.task ({number}) too" in receipt.reasons[0]
    assert not world.see("project.task", task).trashed


def test_tasks_that_were_archived_stay_so_when_their_project_comes_back(world):
    project = world.load("project.project", "1", name="P")
    tasks = [world.load("project.task", key, name=key, project_id=project) for key in ("1", "2")]
    world.client.write("project.task", [world.id_of("project.task", tasks[0])], {"active": False})
    first = [world.take_away("project.task", "2", tasks[1], Action.TRASH)]
    receipt, entry = world.take_away("project.project", "1", project, Action.TRASH)
    assert receipt.outcome is Outcome.UPDATED

    assert [r.outcome for r in world.undo(entry, first[0][1])] == [Outcome.UPDATED] * 2

    active = [world.see("project.task", task).values["active"] for task in tasks]
    assert active == [False, True]


def test_one_record_that_may_not_be_archived_does_not_keep_the_others(world):
    user = world.make("res.users", name="Olga", login="olga@example.com")
    (row,) = world.client.read("res.users", [user], ["partner_id"])
    free = world.load("res.partner", "1", name="Free")
    external = {"module": "__crossdock__", "model": "res.partner", "res_id": row["partner_id"]}
    bound = "11111111-1111-5111-8111-111111111111"
    world.make("ir.model.data", name=bound, **external)

    held = world.take_away("res.partner", "2", bound, Action.TRASH)[0]

    assert held.outcome is Outcome.REJECTED
    assert "active user" in held.reasons[0]
    assert world.take_away("res.partner", "1", free, Action.TRASH)[0].outcome is Outcome.UPDATED


def test_a_record_that_others_refer_to_is_not_deleted(world):
    firm = world.load("res.partner", "1", name="Firm")
    person = world.load("res.partner", "2", name="Person", parent_id=firm)
    node = world.load("x_node", "1", x_name="N", x_firms=(firm,))

    receipt, _ = world.take_away("res.partner", "1", firm, Action.DESTROY)

    assert receipt.outcome is Outcome.REJECTED
    ids = world.id_of("res.partner", person), world.id_of("x_node", node)
    assert f"1 res.partner ({ids[0]}), 1 x_node ({ids[1]}) refer to it" in receipt.reasons[0]
    assert "deletions: trash" in receipt.reasons[0]


def test_what_lies_with_a_record_keeps_it_too(world):
    lead = world.load("crm.lead", "1", name="L")
    world.load("mail.message", "1", **{"on_crm.lead": lead, "body": "<p>hi</p>"})
    receipt, _ = world.take_away("crm.lead", "1", lead, Action.DESTROY)
    assert receipt.outcome is Outcome.REJECTED
    assert "1 mail.message" in receipt.reasons[0]


def test_records_that_refer_to_each_other_go_in_one_request(world):
    first = world.load("x_node", "1", x_name="one")
    second = world.load("x_node", "2", x_name="two", x_above=first)
    world.update("x_node", "1", first, x_above=second)
    records = [_gone("1", first), _gone("2", second)]

    found = list(world.destination.load("x_node", records))

    assert [r.outcome for r in found] == [Outcome.UPDATED, Outcome.UPDATED]
    assert world.client.count("x_node") == 0
    assert (
        world.client.count("ir.model.data", [["module", "=", "__crossdock__"], ["model", "=", "x_node"]]) == 0
    )


def test_a_deleted_record_is_made_again_as_it_was(world):
    firms = tuple(world.load("res.partner", key, name=key) for key in ("1", "2"))
    scan = world.connection.files.save([b"scan"], name="x_scan", media_type="text/plain")
    rent = Money(Decimal("12.50"), "EUR")
    node = world.load("x_node", "1", x_name="N", x_firm=firms[0], x_firms=firms, x_rent=rent, x_scan=scan)
    before, number = world.see("x_node", node), world.id_of("x_node", node)

    receipt, entry = world.take_away("x_node", "1", node, Action.DESTROY)
    assert receipt.outcome is Outcome.UPDATED
    assert world.undo(entry)[0].outcome is Outcome.UPDATED

    after = world.see("x_node", node)
    assert content(after) == content(before)
    assert after.external_id == before.external_id
    assert world.id_of("x_node", node) != number
    assert world.undo(entry)[0].outcome is Outcome.UNCHANGED


def test_records_that_refer_to_each_other_are_made_again_with_their_references(world):
    first = world.load("x_node", "1", x_name="one")
    second = world.load("x_node", "2", x_name="two", x_above=first)
    world.update("x_node", "1", first, x_above=second)
    entries = [_entry(world, "1", first), _entry(world, "2", second)]
    list(world.destination.load("x_node", [_gone("1", first), _gone("2", second)]))

    assert [r.outcome for r in world.undo(*entries)] == [Outcome.UPDATED, Outcome.UPDATED]

    assert world.see("x_node", first).values["x_above"] == second
    assert world.see("x_node", second).values["x_above"] == first


def test_a_reference_to_a_record_that_comes_later_is_set_when_it_comes(world):
    firm = world.load("res.partner", "1", name="Firm")
    node = world.load("x_node", "1", x_name="N", x_firm=firm, x_firms=(firm,))
    _, of_node = world.take_away("x_node", "1", node, Action.DESTROY)
    _, of_firm = world.take_away("res.partner", "1", firm, Action.DESTROY)

    (early,) = world.destination.rollback([of_node], False)
    assert early.outcome is Outcome.FAILED
    assert f"comes back without x_firm {firm}" in early.reasons[0]
    list(world.destination.rollback([of_firm], False))

    values = world.see("x_node", node).values
    assert (values["x_firm"], values["x_firms"]) == (firm, (firm,))
    assert next(iter(world.destination.rollback([of_node], False))).outcome is Outcome.UNCHANGED


def test_an_attachment_is_not_made_again_before_what_it_lies_with(world):
    paper = world.connection.files.save([b"paper"], name="p.txt", media_type="text/plain")
    node = world.load("x_node", "1", x_name="N")
    paper_id = world.load("ir.attachment", "1", on_x_node=node, name="p.txt", datas=paper)
    before = world.see("ir.attachment", paper_id)
    _, of_paper = world.take_away("ir.attachment", "1", paper_id, Action.DESTROY)
    _, of_node = world.take_away("x_node", "1", node, Action.DESTROY)

    (early,) = world.undo(of_paper)
    assert early.outcome is Outcome.FAILED
    assert f"it lies with on_x_node {node}" in early.reasons[0]
    assert [r.outcome for r in world.undo(of_node, of_paper)] == [Outcome.UPDATED, Outcome.UPDATED]

    assert content(world.see("ir.attachment", paper_id)) == content(before)


def test_a_file_whose_content_is_not_known_any_more_is_not_replaced_by_nothing(world):
    scan = world.connection.files.save([b"scan"], name="x_scan", media_type="text/plain")
    node = world.load("x_node", "1", x_name="N", x_scan=scan)
    _, entry = world.take_away("x_node", "1", node, Action.DESTROY)
    for path in world.files.rglob("*"):
        if path.is_file():
            path.unlink()

    (receipt,) = world.destination.rollback([entry], False)

    assert receipt.outcome is Outcome.FAILED
    assert "the content of its file is not known any more" in receipt.reasons[0]
    assert world.see("x_node", node) is None


def _product(world):
    world.seed(modules={"product": "installed"})
    world.provision(ObjectSchema("product.template", ()))
    (category, *_), (unit, *_) = (world.client.search(n, []) for n in ("product.category", "uom.uom"))
    return world.load("product.template", "1", name="Chair", categ_id=str(category), uom_id=str(unit))


def _gone(key, target_id):
    from crossdock.model import Origin, TargetRecord

    return TargetRecord("x_node", Origin("ten", "x_node", key), target_id, "", {}, Action.DESTROY)


def _entry(world, key, target_id):
    from crossdock.model import LedgerEntry, Origin

    seen = world.see("x_node", target_id)
    origin = Origin("ten", "x_node", key)
    return LedgerEntry(
        origin,
        "x_node",
        target_id,
        Outcome.UPDATED,
        (),
        seen.image,
        removal=Action.DESTROY,
        base=seen.values,
    )
