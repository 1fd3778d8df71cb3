"""`_work.people` and `_work.companies`: whom projects and tasks name, and no directory knows."""

from collections.abc import Callable
from typing import Any

from crossdock.filestore import FileStore
from crossdock.model import Record, Selection
from crossdock.values import Reference
from crossdock_elma365.source import Elma365Source
from crossdock_elma365.work import COMPANIES, PEOPLE

Make = Callable[..., Elma365Source]
Field = Callable[..., dict[str, Any]]
PROJECTS = "_projects._projects"


def mail(address: str) -> list[dict[str, str]]:
    return [{"type": "work", "email": address}]


def projects(company: Any, field: Field, *items: dict[str, Any]) -> None:
    fields = [
        field("guest_email", "EMAIL"),
        field("guest_name", "STRING", "string"),
        field("guest_company", "STRING", "string"),
    ]
    company.add(PROJECTS, fields, [{"__name": f"Project {n}", **item} for n, item in enumerate(items, 1)])


def read(source: Elma365Source, name: str, store: FileStore) -> list[Record]:
    return [r for batch in source.extract(name, None, None, store) for r in batch.records]


def test_somebody_is_one_record_by_address_over_all_projects(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    projects(
        company,
        field,
        {"guest_email": mail("Olga@x.example"), "guest_name": None},
        {"guest_email": mail("olga@X.example"), "guest_name": "Ольга"},
    )

    (found,) = read(make_source(), PEOPLE, store)

    assert found.key == "olga@x.example"
    assert found.values["__name"] == "Ольга"
    assert found.values["email"] == "Olga@x.example"
    assert found.values["found_in"] == "field"
    assert found.values["about"] == (Reference(PROJECTS, "id-1"), Reference(PROJECTS, "id-2"))
    assert found.values["evidence"].splitlines()[0].endswith("Project 1 (Label of guest_email)")


def test_who_is_a_user_or_in_a_directory_is_none_of_them(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    company.users = [{"__id": "u1", "__name": "Петрова Анна", "email": "anna@own.example", "__status": None}]
    company.add(
        "_clients._contacts",
        [field("_email", "EMAIL")],
        [{"__name": "Ким Ли", "_email": mail("k@x.example")}],
    )
    company.add(
        "_clients._companies",
        [field("_email", "EMAIL")],
        [{"__name": "Вектор", "_email": mail("info@v.example")}],
    )
    projects(
        company,
        field,
        {"guest_email": mail("ANNA@own.example"), "guest_name": "Анна"},
        {"guest_email": mail("K@x.example")},
        {"guest_email": mail("info@v.example")},
        {"guest_name": "Ли Ким", "guest_email": None},
    )

    assert read(make_source(), PEOPLE, store) == []


def test_a_company_of_the_directory_is_referred_to_and_another_is_a_record(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    company.add("_clients._companies", [], [{"__name": "Вектор"}])
    projects(
        company,
        field,
        {"guest_email": mail("a@x.example"), "guest_company": "ООО «Вектор»"},
        {"guest_email": mail("b@x.example"), "guest_company": "ЗАО «Заря»"},
    )
    source = make_source()

    people, companies = read(source, PEOPLE, store), read(source, COMPANIES, store)

    assert [p.values["company"] for p in people] == [
        Reference("_clients._companies", "id-1"),
        Reference(COMPANIES, "заря"),
    ]
    assert [(c.key, c.values["__name"]) for c in companies] == [("заря", "ЗАО «Заря»")]


def test_the_text_of_a_task_names_people_and_says_so(
    make_source: Make, company: Any, store: FileStore
) -> None:
    company.tasks = [{"__id": "t1", "__name": "Спросить", "description": "<p>Написать olga@x.example</p>"}]

    (found,) = read(make_source(), PEOPLE, store)

    assert (found.key, found.values["found_in"]) == ("olga@x.example", "text")
    assert found.values["evidence"] == "Tasks: Спросить (its text)"


def test_who_is_named_in_a_field_and_in_a_text_is_found_in_a_field(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    projects(company, field, {"guest_email": mail("olga@x.example")})
    company.tasks = [{"__id": "t1", "__name": "Спросить", "description": "<p>olga@x.example</p>"}]

    (found,) = read(make_source(), PEOPLE, store)

    assert found.values["found_in"] == "field"
    assert len(found.values["about"]) == 2


def test_deleted_projects_name_nobody(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    projects(company, field, {"guest_email": mail("o@x.example"), "__deletedAt": "2024-02-01T00:00:00Z"})
    assert read(make_source(), PEOPLE, store) == []


def test_both_readings_are_the_same(make_source: Make, company: Any, store: FileStore, field: Field) -> None:
    projects(company, field, {"guest_email": mail("a@x.example"), "guest_company": "Заря"})
    source = make_source()
    for name in (PEOPLE, COMPANIES):
        first = {r.key: r.values for r in read(source, name, store)}
        second = {o.id: o.values for o in source.reconcile(name, Selection(owned=""))}
        assert first == second
        assert first
    assert [o.id for o in source.reconcile(PEOPLE, Selection(ids=("nobody",)))] == []
    assert list(source.extract(PEOPLE, "end", None, store)) == []


def test_the_catalog_says_what_is_looked_through(make_source: Make, company: Any, field: Field) -> None:
    projects(company, field, {})
    catalog = make_source().discover()
    assert catalog.object(PEOPLE).snapshot
    assert catalog.object(PEOPLE).field("about").references == (PROJECTS, "_system.tasks")
    assert any("looked for in _projects._projects, the texts of tasks" in note for note in catalog.notes)


def test_nobody_is_looked_for_if_that_is_not_wanted(make_source: Make, company: Any) -> None:
    company.add("shop.orders", [])
    catalog = make_source(people="none").discover()
    assert catalog.object(PEOPLE) is None
    assert not any("are looked for" in note for note in catalog.notes)


def test_other_applications_can_be_looked_through(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    company.add("shop.orders", [field("buyer_email", "EMAIL")], [{"buyer_email": mail("b@x.example")}])
    (found,) = read(make_source(people=["shop.orders"]), PEOPLE, store)
    assert found.key == "b@x.example"


def test_no_more_places_are_named_than_a_person_reads(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    projects(company, field, *({"guest_email": mail("o@x.example")} for _ in range(25)))
    (found,) = read(make_source(), PEOPLE, store)
    lines = found.values["evidence"].splitlines()
    assert (len(lines), lines[-1]) == (21, "and 5 more")
