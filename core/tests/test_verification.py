"""The reconciliation of a whole project."""

import pytest
from core.tests.toy_platforms import world

from crossdock.config import load_project
from crossdock.errors import ConfigError
from crossdock.migration import Migration
from crossdock.model import FindingKind
from crossdock.reconcile.project import verify_migration


@pytest.fixture
def migration(desk):
    """A project that was loaded; one firm was rejected."""
    desk.prepare()
    desk("run")
    with Migration(load_project(desk.folder)) as migration:
        yield migration


def verified(migration):
    return verify_migration(migration, migration.confirmed())


def a_person():
    return next(iter(world.destination.table("person").values()))


def test_nothing_can_be_compared_before_something_was_loaded(desk):
    desk.prepare()
    with Migration(load_project(desk.folder)) as migration, pytest.raises(ConfigError, match="nothing was"):
        verified(migration)


def test_what_arrived_whole_gives_no_finding(migration):
    result = verified(migration)
    assert result.clean
    assert [(route.name, route.expected, route.whole) for route in result.routes[:2]] == [
        ("crm.firm>firm", 3, 3),
        ("crm.person>person", 3, 3),
    ]


def test_a_record_that_was_rejected_is_not_expected(migration):
    assert not any(verified(migration).routes[0].findings.values())


def test_a_record_that_is_gone_is_found(migration):
    world.destination.table("person").popitem()
    result = verified(migration)
    assert not result.clean
    assert sum(result.routes[1].findings.values()) == 1


def test_a_record_that_nobody_knows_is_extra(migration):
    row = a_person()
    world.destination.table("person")["stranger"] = type(row)(dict(row.values), row.external_id + "x")

    result = verified(migration)

    assert {r.name: r.findings for r in result.routes}["person: extra"] == {FindingKind.EXTRA: 1}


def test_a_second_comparison_forgets_the_findings_of_one_that_was_stopped(migration):
    a_person().values["email"] = "other@f.example"
    migration.progress = stop_at_people
    with pytest.raises(KeyboardInterrupt):
        verified(migration)
    a_person().values["email"] = "p0@f.example"
    migration.progress = lambda *_: None

    result = verified(migration)

    assert result.clean
    assert len(migration.ledger.runs.all()) == 2


def stop_at_people(_what, _more, _total):
    raise KeyboardInterrupt


def test_a_person_that_was_merged_into_one_of_the_destination_is_whole_too(desk):
    world.destination.add("firm", "t1", name="Old", domain="f1.example", city="Perm")
    desk.prepare()
    desk("run")
    with Migration(load_project(desk.folder)) as migration:
        result = verified(migration)
    assert result.routes[0].expected == 3


def test_a_route_of_an_object_that_a_tenant_lacks_is_left_out(migration):
    resolved = migration.confirmed()
    world.lacks["main"] = "crm.person"
    del migration.source_catalogs

    result = verify_migration(migration, resolved)

    assert "crm.person>person" not in {route.name for route in result.routes}
