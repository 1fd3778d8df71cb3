"""The curated mapping to Odoo fits the demo company and any Odoo, whatever is decided."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.connection import Connection
from crossdock.fieldtypes import FieldType as T
from crossdock.filestore import FileStore
from crossdock.mapping import MappingFile
from crossdock.mappingfile.check import check
from crossdock.mappingfile.document import dump, parse
from crossdock.mappingfile.resolution import ResolvedMapping, resolve
from crossdock.model import Catalog, FieldSchema, Limits, ObjectSchema, Option
from crossdock.order import plan
from crossdock.proposing.propose import from_curated
from crossdock.sandbox.process import start
from crossdock_elma365.mappings import odoo
from crossdock_elma365.settings import Elma365Settings
from crossdock_elma365.source import Elma365Source

# Names and types of fields as in Odoo 18: "!" is required, "*" holds several, "-> model" refers to one.
_ATTACHED = ("res.partner", "crm.lead", "project.project", "project.task", "hr.employee", "mail.activity")
_ON = ", ".join(f"on_{name} -> {name}" for name in _ATTACHED)
_ODOO: Mapping[str, str] = {
    "res.partner": "name text!, vat text, function text, email email, phone phone, website link,"
    " address address, is_company boolean, parent_id -> res.partner, user_id -> res.users",
    "res.users": "login text!, name text, email email, function text, active boolean,"
    " groups_id * -> res.groups",
    "res.groups": "full_name text",
    "crm.lead": "name text!, type select!, expected_revenue money, probability decimal, active boolean,"
    " date_deadline date, date_closed datetime, description html, stage_id -> crm.stage,"
    " lost_reason_id -> crm.lost.reason, partner_id -> res.partner, user_id -> res.users",
    "crm.stage": "name text!, sequence integer, is_won boolean",
    "crm.lost.reason": "name text!",
    "project.project": "name text!, description html, date_start date, date date,"
    " partner_id -> res.partner, user_id -> res.users, type_ids * -> project.task.type",
    "project.task": "name text!, description html, date_deadline datetime, date_end datetime, state select,"
    " stage_id -> project.task.type, project_id -> project.project, partner_id -> res.partner,"
    " user_ids * -> res.users",
    "project.task.type": "name text!, sequence integer, fold boolean",
    "hr.employee": "name text!, work_email email, job_title text, active boolean, user_id -> res.users",
    "mail.message": "subject text, body html, date datetime, email_from text, message_type select!,"
    f" author -> res.users, attachment_ids * -> ir.attachment, {_ON}",
    "mail.activity.type": "name text!",
    "mail.activity": "summary text, note html, date_deadline date!, date_done date, active boolean,"
    " user_id -> res.users, attachment_ids * -> ir.attachment, activity_type_id -> mail.activity.type,"
    f" {_ON}",
    "ir.attachment": f"name text!, datas file, description text, {_ON}",
}
_OPTIONS = {
    "type": ("lead", "opportunity"),
    "state": ("01_in_progress", "1_done", "1_canceled"),
    "message_type": ("comment", "email", "notification"),
}


def field(written: str) -> FieldSchema:
    name, _, rest = written.strip().partition(" ")
    kind, _, target = rest.partition("-> ")
    kind = kind.strip()
    return FieldSchema(
        name,
        T.REFERENCE if target else T(kind.rstrip("!")),
        required=kind.endswith("!"),
        multiple=kind == "*",
        references=(target,) if target else (),
        read_only=name == "full_name",
        options=tuple(Option(value) for value in _OPTIONS.get(name, ())),
    )


def odoo_without(*apps: str) -> Catalog:
    """An Odoo database without the models of these apps, and without the links to them."""

    def gone(name: str) -> bool:
        return any(name.removeprefix("on_").startswith(f"{app}.") for app in apps)

    objects = tuple(
        ObjectSchema(
            name,
            tuple(f for f in map(field, fields.split(",")) if not gone(f.name)),
            match_only=name == "res.groups",
        )
        for name, fields in _ODOO.items()
        if not gone(name)
    )
    can = dict.fromkeys(
        (Capability.MULTI_REFERENCES, Capability.CUSTOM_OBJECTS, Capability.CUSTOM_FIELDS), Support.YES
    )
    return Catalog("odoo", "odoo:1", objects, Capabilities(can), Limits("odoo"))


def naming(kind: str, wanted: str, taken: frozenset[str]) -> str:
    """Names as Odoo wants them: `x_`, small letters, digits and underscores."""
    if kind == "option":
        return wanted
    name = "x_" + re.sub(r"\W+", "_", wanted.removeprefix("x_")).strip("_").lower()
    return name if name not in taken else f"{name}_2"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    folder = tmp_path_factory.mktemp("elma365")
    process = start("elma365", data=folder / "data.db", rate="off")
    settings = {"url": process.url, "token": process.token, "calls_per_minute": 1e6}
    connection = Connection(name="crm", project="p", tenant="t", files=FileStore(folder))
    source = Elma365Source(Elma365Settings.model_validate(settings), connection)
    yield replace(source.discover(), artifacts=())
    source.close()
    process.stop()


def proposed(company: Catalog, *without: str) -> tuple[MappingFile, tuple[str, ...], Catalog]:
    destination = odoo_without(*without)
    curated = parse(odoo().read_text(encoding="utf-8"), "odoo.yaml")
    mapping, notes = from_curated(curated, company, destination)
    return parse(dump(mapping)), notes, destination


def resolved(company: Catalog, *without: str, **decisions: Any) -> ResolvedMapping:
    mapping, _, destination = proposed(company, *without)
    found = resolve(mapping, decisions, company, destination, naming)
    wrong = [str(p) for p in check(found, company, destination) if p.fatal]
    assert wrong == []
    assert plan(found.objects)
    return found


def targets(found: ResolvedMapping, source: str) -> list[str]:
    return [route.target for route in found.objects if route.source == source]


def answers() -> list[tuple[str, Any]]:
    curated = parse(odoo().read_text(encoding="utf-8"), "odoo.yaml")
    return [(name, answer) for name, q in curated.questions.items() for answer in q.alternatives]


@pytest.mark.parametrize(("name", "answer"), answers())
def test_it_fits_whatever_is_decided(company: Catalog, name: str, answer: Any) -> None:
    more = {"fallback_user": "admin", "history_since": "2024-01-01"}
    resolved(company, **{name: answer, **more})


@pytest.mark.parametrize("without", [(), ("hr",), ("project",), ("hr", "project")])
def test_it_fits_a_database_without_some_apps(company: Catalog, without: tuple[str, ...]) -> None:
    found = resolved(company, *without)
    used = {route.target for route in found.objects}
    assert not any(name.startswith(f"{app}.") for app in without for name in used)


def test_every_record_of_the_company_has_a_route_and_every_field_a_place(company: Catalog) -> None:
    found = resolved(company)
    assert {route.source for route in found.objects} == {o.name for o in company.objects}
    assert {name: fields for name, fields in found.unmapped.items() if fields} == {}


def test_projects_and_tasks_become_leads_where_the_project_app_is_missing(company: Catalog) -> None:
    _, notes, _ = proposed(company, "project")
    found = resolved(company, "project")
    assert targets(found, "_projects._projects") == ["crm.lead"]
    assert targets(found, "_system.tasks") == ["crm.lead"]
    (tasks,) = (route for route in found.objects if route.source == "_system.tasks")
    assert str(tasks.where).startswith("\"lead\" == 'lead' || item == null")
    assert any(note.startswith("decisions.task_as: the destination has no project.task") for note in notes)
    assert any("crm.lead: field x_project left out" in note for note in notes)


def test_files_of_hr_documents_stay_with_their_record_where_the_hr_app_is_missing(company: Catalog) -> None:
    found = resolved(company, "hr")
    names = [route.name for route in found.objects if route.source == "_system.files"]
    assert [name.partition(" ")[2] for name in names] == ["of records", "of messages"]
    assert targets(found, "_system.users") == ["res.users", "res.partner"]


def test_a_project_and_its_lead_know_each_other(company: Catalog) -> None:
    found = resolved(company)
    routes = {route.target: route for route in found.objects if route.source == "_projects._projects"}
    assert routes["crm.lead"].fields["x_project"].reference == "project.project"
    assert routes["project.project"].fields["x_lead"].reference == "crm.lead"


def test_applications_become_models_with_links_by_their_number(company: Catalog) -> None:
    found = resolved(company)
    shipments = next(o for o in found.wanted if o.name == "x_shipments")
    customers, payer = shipments.field("x_customers"), shipments.field("x_payer")
    assert (customers.references, customers.multiple) == (("res.partner",), True)
    assert (payer.references, payer.multiple) == (("res.partner",), False)
    reasons = {f.name for f in shipments.fields if f.name.startswith("x_reason_")}
    assert reasons >= {"x_reason_crm_lead", "x_reason_res_partner", "x_reason_x_shipments"}


def test_people_are_looked_for_by_the_core_only_where_they_are_not_made(company: Catalog) -> None:
    assert next(r for r in resolved(company).objects if r.target == "res.users").create
    waiting = resolved(company, missing_users="wait")
    assert not next(r for r in waiting.objects if r.target == "res.users").create


def test_every_question_says_what_it_is_about() -> None:
    curated = parse(odoo().read_text(encoding="utf-8"), "odoo.yaml")
    assert all(question.about for question in curated.questions.values())
