"""What a change sets off in the sandbox, as measured on a real server (18.0)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from crossdock.sandbox.interface import SandboxOptions
from crossdock_odoo.sandbox import OdooSandbox

SAFE = dict.fromkeys(
    (
        *("tracking_disable", "mail_create_nolog", "mail_create_nosubscribe", "mail_notrack"),
        *("mail_auto_subscribe_no_notify", "mail_activity_quick_update", "no_reset_password"),
    ),
    True,
)


class Company:
    """A sandbox, its RPC, and the same with the safe context."""

    def __init__(self, path: Path) -> None:
        self.sandbox = OdooSandbox(SandboxOptions(path, "http://odoo.example", "fresh"))
        self.client = TestClient(self.sandbox.app, base_url="http://odoo.example")

    def seed(self, **what: Any) -> Any:
        answer = self.client.post("/_seed", json=what)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def answer(self, model: str, method: str, *args: Any, **named: Any) -> Any:
        rpc = ["odoo", 2, self.sandbox.token, model, method, args, named]
        params = {"service": "object", "method": "execute_kw", "args": rpc}
        return self.client.post("/jsonrpc", json={"jsonrpc": "2.0", "id": 1, "params": params}).json()

    def call(self, model: str, method: str, *args: Any, **named: Any) -> Any:
        answer = self.answer(model, method, *args, **named)
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer.get("result")

    def make(self, model: str, **vals: Any) -> int:
        return int(self.call(model, "create", vals, context=SAFE))

    def read(self, model: str, key: int, *names: str) -> Any:
        row = self.call(model, "read", [key], list(names))[0]
        return [row[name] for name in names] if len(names) > 1 else row[names[0]]

    def count(self, model: str, *domain: Any) -> int:
        return int(self.call(model, "search_count", list(domain), context={"active_test": False}))

    def refusal(self, model: str, method: str, *args: Any) -> str:
        return str(self.answer(model, method, *args)["error"]["data"]["message"])


@pytest.fixture
def odoo_company(tmp_path: Path) -> Iterator[Company]:
    made = Company(tmp_path / "odoo.db")
    yield made
    made.sandbox.close()


def test_a_contact_takes_the_address_of_its_company_and_loses_its_own(odoo_company: Company) -> None:
    firm = odoo_company.make("res.partner", name="Firm", is_company=True, street="Main 1", vat="X1")

    person = odoo_company.make("res.partner", name="P", parent_id=firm, street="Own 2")

    names = ("street", "vat", "complete_name")
    assert odoo_company.read("res.partner", person, *names) == ["Main 1", "X1", "Firm, P"]


def test_the_address_of_the_first_contact_becomes_that_of_a_company_without_one(
    odoo_company: Company,
) -> None:
    firm = odoo_company.make("res.partner", name="Firm", is_company=True)

    odoo_company.make("res.partner", name="P", parent_id=firm, street="Own 2")

    assert odoo_company.read("res.partner", firm, "street") == "Own 2"


def test_a_new_address_reaches_the_contacts_and_moves_their_write_date(odoo_company: Company) -> None:
    firm = odoo_company.make("res.partner", name="Firm", is_company=True, street="A")
    person = odoo_company.make("res.partner", name="P", parent_id=firm)
    office = odoo_company.make("res.partner", name="O", parent_id=firm, type="delivery", street="Own")
    odoo_company.sandbox.set_clock(4_000_000_000)

    odoo_company.call("res.partner", "write", [firm], {"street": "B"}, context=SAFE)

    assert odoo_company.read("res.partner", person, "street", "write_date") == ["B", "2096-10-02 07:06:40"]
    assert odoo_company.read("res.partner", office, "street") == "Own"


def test_the_e_mail_of_a_deal_overwrites_its_contact_and_the_contacts_other_deals(
    odoo_company: Company,
) -> None:
    person = odoo_company.make("res.partner", name="P", email="first@x.example")
    other = odoo_company.make("crm.lead", name="A", partner_id=person)

    odoo_company.make("crm.lead", name="B", partner_id=person, email_from="second@x.example")

    assert odoo_company.read("res.partner", person, "email") == "second@x.example"
    assert odoo_company.read("crm.lead", other, "email_from") == "second@x.example"


def test_values_that_follow_from_others_are_noted_even_when_tracking_is_off(odoo_company: Company) -> None:
    person = odoo_company.make("res.partner", name="P", email="p@x.example")
    lead = odoo_company.make("crm.lead", name="A")

    odoo_company.call("crm.lead", "write", [lead], {"partner_id": person}, context=SAFE)

    assert odoo_company.count("mail.message", ["model", "=", "crm.lead"], ["res_id", "=", lead]) == 1


def test_closing_times_are_set_by_the_server_whatever_is_given(odoo_company: Company) -> None:
    lead = odoo_company.make("crm.lead", name="L")
    odoo_company.sandbox.set_clock(1_700_000_000)

    odoo_company.call("crm.lead", "write", [lead], {"stage_id": 4, "date_closed": "2015-01-01 00:00:00"})
    won = odoo_company.read("crm.lead", lead, "date_closed", "probability")
    odoo_company.call("crm.lead", "write", [lead], {"date_closed": "2015-01-01 00:00:00"})

    assert won == ["2023-11-14 22:13:20", 100.0]
    assert odoo_company.read("crm.lead", lead, "date_closed") == "2015-01-01 00:00:00"


def test_a_project_takes_its_tasks_along(odoo_company: Company) -> None:
    project = odoo_company.make("project.project", name="P")
    odoo_company.make("project.task", name="T", project_id=project)

    odoo_company.call("project.project", "unlink", [project])

    assert (odoo_company.count("project.task"), odoo_company.count("mail.alias")) == (0, 3)


def test_a_task_made_by_create_is_its_makers_and_one_made_by_load_nobodys(odoo_company: Company) -> None:
    project = odoo_company.make("project.project", name="P")

    made = odoo_company.make("project.task", name="T", project_id=project)
    rows = [["t.1", "L", str(project)]]
    loaded = odoo_company.call("project.task", "load", ["id", "name", "project_id/.id"], rows, context=SAFE)

    assert odoo_company.read("project.task", made, "user_ids") == [2]
    assert odoo_company.read("project.task", loaded["ids"][0], "user_ids") == []


def test_a_folded_stage_ends_a_task_and_another_takes_a_given_end_away(odoo_company: Company) -> None:
    project = odoo_company.make("project.project", name="P")
    stage = odoo_company.make("project.task.type", name="Doing", project_ids=[[6, 0, [project]]])
    task = odoo_company.make(
        "project.task", name="T", project_id=project, stage_id=stage, date_end="2015-01-01 00:00:00"
    )

    assert odoo_company.read("project.task", task, "date_end") is False


def test_an_employee_comes_with_a_resource_a_contact_pictures_and_a_message(odoo_company: Company) -> None:
    employee = odoo_company.make("hr.employee", name="E", work_email="e@x.example")

    contact, resource = odoo_company.read("hr.employee", employee, "work_contact_id", "resource_id")

    assert (contact[1], resource[1]) == ("E", "E")
    assert odoo_company.count("ir.attachment", ["res_field", "=", "image_1920"]) == 2
    assert odoo_company.count("mail.message", ["model", "=", "hr.employee"], ["res_id", "=", employee]) == 1


def test_one_bad_employee_spoils_all_rows_of_a_load(odoo_company: Company) -> None:
    rows = [["t.1", "A", "2"], ["t.2", "B", ""]]

    answer = odoo_company.call("hr.employee", "load", ["id", "name", "user_id/.id"], rows, context=SAFE)

    assert [message["record"] for message in answer["messages"]] == [0, 1]


def test_a_load_names_a_record_that_another_is_built_on_too(odoo_company: Company) -> None:
    odoo_company.call("project.project", "load", ["id", "name"], [["t.p", "P"]], context=SAFE)

    rows = odoo_company.call("ir.model.data", "search_read", [["module", "=", "t"]], ["name", "model"])

    assert {(row["name"], row["model"]) for row in rows} == {
        ("p", "project.project"),
        ("p_mail_alias", "mail.alias"),
    }


def test_a_refused_batch_blames_its_first_row_as_well(odoo_company: Company) -> None:
    odoo_company.call("res.partner", "load", ["id", "name"], [["t.a", "A"], ["t.b", "B"]], context=SAFE)
    rows = [["t.a", "t.b"], ["t.b", "t.b"]]

    answer = odoo_company.call("res.partner", "load", ["id", "parent_id/id"], rows, context=SAFE)

    text = "You cannot create recursive Partner hierarchies."
    assert [(m["record"], m["message"]) for m in answer["messages"]] == [(0, text), (1, text)]


def test_rules_that_would_have_run_are_counted(odoo_company: Company) -> None:
    odoo_company.sandbox.reset("demo")
    before = odoo_company.sandbox.dump()["effects"]

    odoo_company.make("res.partner", name="P")
    after = odoo_company.sandbox.dump()["effects"]

    assert {name: n - before.get(name, 0) for name, n in after.items() if n != before.get(name)} == {
        "automation 1 Mark new contacts": 1
    }


def test_switched_off_rules_do_not_run(odoo_company: Company) -> None:
    odoo_company.sandbox.reset("demo")
    rules = odoo_company.call("base.automation", "search", [])
    odoo_company.call("base.automation", "write", rules, {"active": False})
    before = odoo_company.sandbox.dump()["effects"]

    odoo_company.make("res.partner", name="P")

    assert odoo_company.sandbox.dump()["effects"] == before


def test_a_picture_of_a_contact_is_kept_in_all_sizes_and_goes_with_it(odoo_company: Company) -> None:
    before = odoo_company.sandbox.dump()
    person = odoo_company.make("res.partner", name="P", image_1920="iVBORw0KGgo=")
    sizes = odoo_company.count("ir.attachment", ["res_field", "!=", False], ["res_id", "=", person])

    odoo_company.call("res.partner", "unlink", [person])

    assert (sizes, odoo_company.sandbox.dump()) == (5, before)


@pytest.mark.parametrize(
    ("model", "key", "text"),
    [
        ("res.partner", 1, "Constraint: res_company_partner_id_fkey"),
        ("res.partner", 3, "Linked active users : Administrator"),
        ("res.users", 2, "You cannot delete the admin user"),
        ("res.users", 1, "You can not remove the admin user"),
    ],
)
def test_what_others_need_is_not_removed(odoo_company: Company, model: str, key: int, text: str) -> None:
    before = odoo_company.sandbox.dump()

    assert text in odoo_company.refusal(model, "unlink", [key])
    assert odoo_company.sandbox.dump() == before


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("plain & simple", "<p>plain &amp; simple</p>"),
        ('<p onclick="x()">a<script>b</script></p>', "<p>a</p>"),
        ('<a href="javascript:x()">l</a>', '<a href="">l</a>'),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<p>&nbsp;&quot;q&quot; &copy; &lt;z&gt;</p>", '<p>&nbsp;"q" © &lt;z&gt;</p>'),
        (
            "<blockquote>q</blockquote>",
            '<blockquote data-o-mail-quote-node="1" data-o-mail-quote="1">q</blockquote>',
        ),
        ("text <b>b</b> tail", "<p>text <b>b</b> tail</p>"),
        ("lead<p>x</p>", "<p>lead</p><p>x</p>"),
        ("<div><p>boxed</p></div>", "<p>boxed</p>"),
        ("<div>a</div><div>b</div>", "<div>a</div><div>b</div>"),
        ("<p>unclosed <b>bold", "<p>unclosed <b>bold</b></p>"),
        ("", ""),
    ],
)
def test_html_is_kept_as_a_real_server_keeps_it(odoo_company: Company, given: str, kept: Any) -> None:
    person = odoo_company.make("res.partner", name="P", comment=given)

    assert odoo_company.read("res.partner", person, "comment") == kept
