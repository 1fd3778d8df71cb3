"""A run as a whole: what it does besides the stages, and where it stops."""

import dataclasses

import pytest
from core.tests.fake_destination import reference
from core.tests.toy_platforms import FIRM, FIRM_THERE, PERSON, world

from crossdock.config import load_project
from crossdock.errors import BookOpenError, ContractError, RefusedError
from crossdock.ledger import RunState
from crossdock.migration import Migration
from crossdock.model import Change, ChangeKind, Rejected
from crossdock.provisioning import explained, provisioned_objects
from crossdock.run import LATER, MigrationRun, run_migration
from crossdock.values import Reference


@pytest.fixture
def opened(desk):
    """The project opened for work; call it after the last change of the mapping."""
    desk.prepare(confirmed=False)
    world.mend()
    stack = []

    def migration():
        assert desk("map", "confirm", "--by", "Anna").code == 0
        stack.append(Migration(load_project(desk.folder)))
        return stack[-1]

    yield migration
    for each in stack:
        each.__exit__()


def with_parents(desk):
    """Firms have a parent, and two are each other's."""
    world.source.schemas = (
        dataclasses.replace(FIRM, fields=(*FIRM.fields, reference("parent", "crm.firm"))),
        PERSON,
    )
    world.destination.schemas["firm"] = dataclasses.replace(
        FIRM_THERE, fields=(*FIRM_THERE.fields, reference("parent", "firm"))
    )
    for n in range(4):
        record = world.source.records["crm.firm"][f"f{n}"]
        world.source.put(
            "crm.firm", f"f{n}", **record.values, parent=Reference("crm.firm", f"f{(n + 1) % 4}")
        )
    desk.edit("motto: motto}", "motto: motto, parent: {from: parent, reference: firm}}")


def by_name(name):
    return {row.values["name"]: (i, row.values) for i, row in world.destination.table(name).items()}


def test_a_cycle_is_closed_in_a_second_pass(desk, opened):
    with_parents(desk)
    migration = opened()

    run = run_migration(migration, migration.confirmed())

    firms = by_name("firm")
    assert firms["Firm 0"][1]["parent"] == firms["Firm 1"][0]
    assert firms["Firm 3"][1]["parent"] == firms["Firm 0"][0]
    names = [phase.name for phase in migration.ledger.runs.phases(run)]
    assert names == ["crm.firm>firm", "crm.person>person", "crm.firm>firm" + LATER]


def test_references_lead_to_what_the_record_became(opened):
    migration = opened()
    run_migration(migration, migration.confirmed())
    assert by_name("person")["Person 1"][1]["firm"] == by_name("firm")["Firm 1"][0]


def test_progress_is_told(opened):
    told = []
    migration = opened()
    migration.progress = lambda *what: told.append(what)

    run_migration(migration, migration.confirmed())

    assert ("extract crm.firm", 2, 4) in told
    assert {what for what, _, _ in told} >= {"provision", "crm.firm>firm", "crm.person>person"}


def test_a_source_that_gives_less_than_it_said_stops_the_run(opened):
    world.source.says["crm.firm"] = 9
    migration = opened()
    with pytest.raises(ContractError, match="said 9 records and gave 4"):
        run_migration(migration, migration.confirmed())
    assert world.destination.table("firm") == {}


def test_a_record_that_the_source_could_not_read_counts_as_read(desk, opened):
    world.source.rejected["crm.firm"] = (Rejected("crm.firm", "broken", ("not readable",)),)
    world.source.says["crm.firm"] = 5
    migration = opened()

    work = MigrationRun(migration, migration.confirmed())
    run = work.start()
    work.extract(run)
    work.provision(run)
    firms, _people = work.load(run)

    assert sum(firms.books.source.values()) == 5
    assert firms.books.open_by == 0


def test_an_extraction_that_is_done_is_not_read_again_by_the_same_run(opened):
    migration = opened()
    work = MigrationRun(migration, migration.confirmed())
    run = work.start()
    work.extract(run)
    world.source.asked.clear()

    work.extract(run)

    assert world.source.asked == []


def test_an_object_that_a_tenant_does_not_have_is_left_out_for_it(desk, opened):
    other = "  - platform: alpha\n    tenant: other\n    url: http://toy.example\n\ndestination:"
    desk.edit("destination:\n", other + "\n", "crossdock.yaml")
    desk.edit("match: [domain]", "match: [domain]\n    duplicates: keep")
    world.lacks["other"] = "crm.person"
    migration = opened()

    run = run_migration(migration, migration.confirmed())

    phases = {(phase.tenant, phase.name) for phase in migration.ledger.runs.phases(run)}
    assert phases == {
        ("main", "crm.firm>firm"),
        ("other", "crm.firm>firm"),
        ("main", "crm.person>person"),
    }


def test_a_destination_that_did_not_make_an_object_is_found_out(desk, opened, monkeypatch):
    desk.edit("to: person", "to: {provision: {object: worker}}")
    monkeypatch.setattr(world.destination, "provision", lambda wanted, dry_run: iter(()))
    migration = opened()
    with pytest.raises(ContractError, match="worker is not at the destination"):
        run_migration(migration, migration.confirmed())


def test_books_that_do_not_add_up_stop_the_run(opened, monkeypatch):
    migration = opened()
    resolved = migration.confirmed()
    monkeypatch.setattr(migration.staging, "count", lambda *_: 99)
    with pytest.raises(BookOpenError, match="99 records"):
        run_migration(migration, resolved)


def test_a_failed_gate_leaves_the_run_open_to_be_resumed(desk, opened):
    migration = opened()
    world.destination.shape = lambda value: f"{value}?" if isinstance(value, str) else value

    with pytest.raises(RefusedError, match="4 of 4"):
        run_migration(migration, migration.confirmed())

    assert migration.ledger.runs.unfinished("run") is not None
    assert world.destination.table("person") == {}


def test_a_run_waits_until_one_of_another_kind_has_ended(desk, opened):
    migration = opened()
    resolved = migration.confirmed()
    stopped = MigrationRun(migration, resolved).start("sample")

    with pytest.raises(RefusedError, match=f"run {stopped.id} \\(sample\\) has not ended") as caught:
        MigrationRun(migration, resolved).start("run")
    migration.ledger.runs.end(stopped)
    started = MigrationRun(migration, resolved).start("run")

    assert "crossdock run --sample N" in caught.value.hint
    assert f"crossdock rollback --run {stopped.id}" in caught.value.hint
    assert started.kind == "run"


def test_a_gate_may_let_some_records_differ(desk, opened):
    desk.edit("gate_allowance: 0.0", "gate_allowance: 1.0", "crossdock.yaml")
    migration = opened()
    world.destination.shape = lambda value: f"{value}?" if value == "Kazan" else value

    run = run_migration(migration, migration.confirmed())

    assert migration.ledger.runs.all()[0].id == run.id
    assert migration.ledger.runs.all()[0].state is RunState.DONE


def test_held_records_are_written_into_queues(desk, opened):
    world.source.put("crm.firm", "f4", title="Firm 4", site="f1.example", city=None, motto=None)
    migration = opened()
    work = MigrationRun(migration, migration.confirmed())
    run = work.start()
    work.extract(run)
    work.provision(run)
    work.load(run)

    counts = work.finish(run)

    assert (counts["duplicates"], counts["references"]) == (2, 1)
    assert "f4" in (desk.folder / "queues" / "duplicates.csv").read_text()


def test_provision_is_asked_for_every_object_that_is_loaded_into(desk, opened):
    migration = opened()
    wanted = {schema.name: schema for schema in provisioned_objects(migration.confirmed())}
    assert [f.name for f in wanted["firm"].fields] == ["motto"]
    assert wanted["person"].fields == ()


def test_an_object_that_is_only_found_is_not_provisioned(desk, opened):
    desk.edit("to: person\n", "to: person\n    create: false\n    match: [email]\n")
    migration = opened()
    assert "person" not in {schema.name for schema in provisioned_objects(migration.confirmed())}


def test_a_change_says_why_something_is_called_otherwise(opened):
    migration = opened()
    resolved = dataclasses.replace(
        migration.confirmed(), renamed={"firm.motto": "was moto", "deal": "was deals"}
    )
    changes = [
        Change(ChangeKind.FIELD, "field:firm.motto", "firm", "motto", reason="wanted"),
        Change(ChangeKind.OBJECT, "object:deal", "deal", "deal"),
        Change(ChangeKind.FIELD, "field:firm.city", "firm", "city"),
    ]
    assert [c.reason for c in explained(changes, resolved)] == ["wanted; was moto", "was deals", ""]
