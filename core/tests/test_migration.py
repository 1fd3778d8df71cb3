"""A project opened for work: what is connected when, and with what."""

import json
import re
from dataclasses import replace

import pytest
from core.tests.fake_destination import text
from core.tests.toy_platforms import FIRM_THERE, TOKEN, world

from crossdock.config import load_project
from crossdock.errors import ConfigError, MappingError, RefusedError
from crossdock.migration import Migration
from crossdock.names import camel_name
from crossdock.sandbox import find


@pytest.fixture
def project(desk):
    desk.prepare()
    world.seen.clear()
    return load_project(desk.folder)


REHEARSAL = "destinations:\n  rehearsal:\n    platform: beta\n    url: http://other.example\n\noptions:"


def test_nothing_is_connected_before_it_is_used(project):
    with Migration(project) as migration:
        assert migration.ledger.runs.all() == []
        assert world.seen == []
        assert migration.source_catalogs["main"].platform == "alpha"
        assert [settings.url for settings, _ in world.seen] == ["http://toy.example"]


def test_a_plugin_is_told_the_project_the_tenant_and_its_share_of_the_rate(desk, project):
    desk.edit("rate_share: 1.0", "rate_share: 0.5", "crossdock.yaml")
    with Migration(load_project(desk.folder)) as migration:
        migration.destination.discover()
    _, connection = world.seen[-1]
    assert (connection.name, connection.project, connection.tenant) == ("beta", project.id, "main")
    assert (connection.rate_share, connection.paced) == (0.5, True)


def test_what_was_asked_to_be_closed_is_closed_in_the_end(project):
    closed = []
    with Migration(project) as migration:
        migration.on_close(lambda: closed.append("done"))
        assert not closed
    assert closed == ["done"]


def test_a_rehearsal_has_its_own_ledger_and_confirmation(desk, project):
    desk.edit("options:", REHEARSAL, "crossdock.yaml")
    project = load_project(desk.folder)
    with Migration(project, "rehearsal") as migration:
        assert migration.ledger.runs.start("run", "x").kind == "run"
        assert migration.confirmation_file.name == "confirmation-rehearsal.json"
        assert migration.destination_catalog.platform == "beta"
        assert world.seen[-1][0].url == "http://other.example"
    with Migration(project) as usual:
        assert usual.ledger.runs.all() == []
        assert usual.confirmation_file.name == "confirmation.json"
    assert (project.state / "ledger-rehearsal.db").exists()


def test_an_unknown_destination_is_refused(project):
    with pytest.raises(ConfigError, match="nowhere"):
        Migration(project, "nowhere")


def test_a_configured_database_is_used(desk, tmp_path, project):
    url = f"sqlite:///{tmp_path / 'all.db'}"
    desk.edit("options:", f"database: {url}\n\noptions:", "crossdock.yaml")
    with Migration(load_project(desk.folder)) as migration:
        migration.ledger.runs.start("run", "x")
    assert (tmp_path / "all.db").exists()


def test_the_destination_is_read_once_and_again_when_told(project):
    with Migration(project) as migration:
        before = migration.destination_catalog
        world.destination.schemas["deal"] = replace(FIRM_THERE, name="deal")
        assert migration.destination_catalog is before
        migration.refresh_destination()
        assert migration.destination_catalog.object("deal")


def test_a_destination_without_a_naming_of_its_own_gets_the_cores(project, monkeypatch):
    with Migration(project) as migration:
        assert migration.naming is camel_name
        monkeypatch.setattr(migration.destination.plugin, "naming", str.upper, raising=False)
        assert migration.naming is str.upper


def test_a_mapping_that_nobody_confirmed_is_refused(desk, project):
    desk.edit("city: city, ", "")
    with Migration(project) as migration, pytest.raises(RefusedError, match="the mapping"):
        migration.confirmed()


def test_a_mapping_that_does_not_fit_is_refused_before_its_confirmation_is_read(desk, project):
    desk.edit("city: city", "size: city")
    with Migration(project) as migration, pytest.raises(MappingError, match="size"):
        migration.confirmed()


def test_another_object_at_the_destination_leaves_a_confirmation_valid(project):
    world.destination.schemas["deal"] = replace(FIRM_THERE, name="deal")
    with Migration(project) as migration:
        assert migration.confirmed().objects


def test_another_field_of_an_object_that_is_loaded_into_does_not(project):
    fields = (*FIRM_THERE.fields, text("tax"))
    world.destination.schemas["firm"] = replace(FIRM_THERE, fields=fields)
    with Migration(project) as migration, pytest.raises(RefusedError, match="destination's schema"):
        migration.confirmed()


def test_another_object_at_the_source_has_to_be_decided_about(project):
    world.source.schemas += (replace(world.source.schemas[0], name="crm.deal"),)
    with Migration(project) as migration, pytest.raises(RefusedError, match="source's schema"):
        migration.confirmed()


@pytest.mark.parametrize(
    ("match", "found"),
    [("t1", "t1"), ("one.example", "t1"), ("twice.example", None), ("gone.example", None), ("nobody", None)],
)
def test_a_record_is_found_by_its_id_or_by_the_one_value_of_a_match_key(project, match, found):
    world.destination.add("firm", "t1", name="One", domain="one.example")
    world.destination.add("firm", "t2", name="Two", domain="twice.example")
    world.destination.add("firm", "t3", name="Three", domain="twice.example")
    world.destination.add("firm", "t4", name="Four", domain="gone.example", trashed=True)
    with Migration(project) as migration:
        assert migration.find_target(migration.resolved(), match, "firm") == found


def test_a_sandbox_is_started_found_again_and_connected_to(desk, project):
    desk.edit("url: http://toy.example", "sandbox: demo", "crossdock.yaml")
    project = load_project(desk.folder)
    with Migration(project) as migration:
        migration.destination.discover()
        migration.sources["main"].discover()
    with Migration(project) as again:
        again.destination.discover()

    process = find(project.sandboxes / "beta-demo.db")
    (first, connection), *_, (last, _) = world.seen
    assert process is not None
    assert first.url == last.url == process.url
    assert first.token.get_secret_value() == TOKEN
    assert connection.paced is False


def test_the_confirmation_holds_digests_and_no_data(desk, project):
    content = json.loads((project.state / "confirmation.json").read_text())
    assert set(content) == {"by", "at", "parts"}
    assert all(re.fullmatch("[0-9a-f]{16,}", part) for part in content["parts"].values())
