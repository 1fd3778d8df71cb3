"""Purging a ledger and staging on both databases: no value is left, and no page that held one."""

import sqlite3
from contextlib import closing

import pytest
from core.tests.company import firm, firm_route, person
from core.tests.databases import POSTGRESQL
from sqlalchemy import create_engine, inspect, text

from crossdock.compaction import compact
from crossdock.errors import RefusedError, StorageError
from crossdock.ledger import ACCOUNT
from crossdock.ledger.purging import GONE
from crossdock.model import FindingKind, Outcome, Receipt, Rejected
from crossdock.privacy.proof import Proof
from crossdock.rollback.undo import KEPT
from crossdock.values import Reference

PROOF = Proof(bytes(32))
VALUES = ("Quillfeather", "q.test", "Крутояровск", "Thistledown", "Omsk")


def loaded(company):
    """A firm that is filled up, one that is made, one that is refused, an unreadable one, a person."""
    company.routes = [firm_route(match=["domain"]), *company.routes[1:]]
    company.destination.add("firm", "old", name="Thistledown", domain="old.test", city="Omsk")
    company.destination.rejected.add("Quillfeather II")
    company.stage(
        firm("1", name="Quillfeather", domain="q.test", city="Крутояровск"),
        firm("2", name="Thistledown Ltd", domain="old.test"),
        firm("3", name="Quillfeather II", domain="r.test"),
        person("7", name="Quillfeather", firm=Reference("src.firms", "1")),
        rejected=[Rejected("src.firms", "4", ("Thistledown is no firm",))],
    )
    return company.load()


def purge(company):
    return company.ledger.purges.purge("Anna", 5, 0, PROOF.hashes, lambda _: "words")


def rows(company):
    """Every row of every table of both databases, as text."""
    found = []
    for engine in (company.ledger._engine, company.staging._engine):
        with engine.connect() as db:
            for name in inspect(db).get_table_names():
                quoted = engine.dialect.identifier_preparer.quote(name)
                found += [
                    "|".join(bytes(v).decode() if isinstance(v, bytes | memoryview) else str(v) for v in row)
                    for row in db.execute(text(f"select * from {quoted}"))
                ]
    return found


def held(company):
    return {value for value in VALUES for row in rows(company) if value in row}


def test_no_row_holds_a_value_after_a_purge(company):
    loaded(company)
    assert held(company) == set(VALUES)

    purge(company)
    company.staging.forget()

    assert held(company) == set()
    assert company.staging.held() == 0
    assert company.staging.objects() == [("acme", "src.firms"), ("acme", "src.people")]


def test_counts_of_what_is_held_are_those_of_the_rows_and_nothing_is_held_afterwards(company):
    loaded(company)
    before = company.ledger.purges.held()
    done = purge(company)

    assert (done.bases, done.images) == (before.bases, before.images)
    assert (before.bases, before.images) == (3, 1)
    assert before.reasons == 3  # that of the refused firm is in its entry and in the book
    after = company.ledger.purges.held()
    assert (after.images, after.bases, after.filed, after.findings, after.reasons) == (0, 0, 0, 0, 0)


def test_ids_outcomes_and_books_are_as_they_were(company):
    run = loaded(company)
    phases = company.ledger.runs.phases(run)
    before = [company.ledger.books.of_phase(phase, 0) for phase in phases]
    links = [x.target_id for page in company.ledger.links.scan("acme", "src.firms", "firm") for x in page]

    purge(company)

    assert [company.ledger.books.of_phase(phase, 0) for phase in phases] == before
    after = [x for page in company.ledger.links.scan("acme", "src.firms", "firm") for x in page]
    assert [x.target_id for x in after] == links
    assert {x.hash for x in after} == {None}
    lines = [x for phase in phases for x in company.ledger.books.lines(phase)]
    assert {(x.key, x.outcome, x.reasons) for x in lines} == {
        ("3", Outcome.REJECTED, ("words",)),
        ("4", Outcome.REJECTED, ("words",)),
    }


def test_bases_and_before_images_prove_what_they_were(company):
    run = loaded(company)
    purge(company)

    base = next(
        x.base
        for p in company.ledger.links.scan("acme", "src.firms", "firm")
        for x in p
        if x.target_id == "old"
    )
    entry = next(e for p in company.ledger.journal.done(run) for e in p if e.link.target_id == "old")
    assert base["name"] == PROOF.hash("firm", "old", "name", "Thistledown Ltd")
    assert entry.before["values"]["name"] == PROOF.hash("firm", "old", "name", "Thistledown")


def test_findings_keep_kind_and_field_and_lose_their_values(company):
    run = loaded(company)
    company.destination.table("firm")["old"].values["city"] = "Omsk"
    from crossdock.model import Finding

    company.ledger.findings.add(
        run, [Finding(FindingKind.DIFFERS, "firm", "old", None, "city", "Quillfeather", None, "Omsk")]
    )
    purge(company)

    found = next(f for f in company.ledger.findings.of_run(run) if f.kind is FindingKind.DIFFERS)
    assert (found.field_name, found.expected, found.actual, found.note) == ("city", GONE, "", "words")


def test_why_a_rollback_kept_something_or_failed_is_told_without_values(company, monkeypatch):
    run, words = loaded(company), iter([f"{KEPT}Omsk needs it", "Quillfeather is in use"] * 2)
    monkeypatch.setattr(
        company.destination,
        "rollback",
        lambda entries, _: (Receipt(e.origin, Outcome.FAILED, "", (next(words),)) for e in entries),
    )
    company.rollback(run)
    before = company.ledger.runs.option(run, ACCOUNT)
    assert [why for bucket in ("kept", "failed") for _, why in before[bucket]] == [
        "Omsk needs it",
        "Omsk needs it",
        "Quillfeather is in use",
    ]

    purge(company)

    after = company.ledger.runs.option(run, ACCOUNT)
    assert [what for what, _ in after["failed"]] == [what for what, _ in before["failed"]]
    assert {why for bucket in ("kept", "failed") for _, why in after[bucket]} == {"words"}
    assert (after["counts"], after["undone"]) == (before["counts"], before["undone"])
    company.staging.forget()
    assert held(company) == set()


def test_a_second_purge_changes_nothing_and_names_the_first(company):
    loaded(company)
    first = purge(company)
    before = rows(company)

    again = company.ledger.purges.purge("Boris", 0, 0, PROOF.hashes, lambda _: "other")

    assert again == first
    assert rows(company) == before


def test_a_purge_that_fails_half_way_leaves_the_ledger_as_it_was(company):
    loaded(company)
    before = rows(company)

    def fails(*_):
        raise RuntimeError("pulled")

    with pytest.raises(RuntimeError):
        company.ledger.purges.purge("Anna", 5, 0, PROOF.hashes, fails)
    assert rows(company) == before
    company.ledger.purges.require_none()


def test_the_next_process_is_refused_too(company):
    loaded(company)
    purge(company)
    company.reopen()
    with pytest.raises(RefusedError, match="by Anna: 5 staged records"):
        company.ledger.purges.require_none()


def test_every_page_that_held_a_value_is_written_anew(company):
    leave_what_is_deleted(company)
    loaded(company)
    nodes = pages(company)
    purge(company)

    company.ledger.purges.compact()
    company.staging.forget()

    if company.database.kind == POSTGRESQL:
        assert not nodes & pages(company)
    for path in company.folder.rglob("*.db*"):
        assert not [value for value in VALUES if value.encode() in path.read_bytes()]


def test_a_database_that_cannot_be_rewritten_is_named_without_the_options_of_its_url(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/x.db?timeout=0.1")
    with closing(sqlite3.connect(tmp_path / "x.db")) as other:
        other.execute("create table held (n)")
        other.execute("begin immediate")

        with pytest.raises(StorageError, match=r"x\.db") as caught:
            compact(engine, ())
    engine.dispose()
    assert "timeout" not in str(caught.value)


def leave_what_is_deleted(company):
    """As most builds of SQLite do; some overwrite what is deleted by themselves."""
    for engine in (company.ledger._engine, company.staging._engine):
        if engine.dialect.name == "sqlite":
            with engine.connect() as db:
                db.exec_driver_sql("pragma secure_delete=off")


def pages(company):
    """The files in which a server keeps the tables that held values."""
    if company.database.kind != POSTGRESQL:
        return set()
    query = (
        "select c.relfilenode from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = current_schema() and c.relname in ('link', 'entry', 'book', 'finding', 'record')"
    )
    with company.ledger._engine.connect() as db:
        return set(db.execute(text(query)).scalars())
