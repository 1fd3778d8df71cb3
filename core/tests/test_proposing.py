"""Writing the mapping of a project."""

import pytest
from core.tests.toy_platforms import MAPPING, world

from crossdock.config import load_project
from crossdock.errors import ConfigError, MappingError
from crossdock.mappingfile.document import load
from crossdock.migration import Migration
from crossdock.proposing.project import propose_mapping


@pytest.fixture
def migration(desk):
    desk.initialise()
    with Migration(load_project(desk.folder)) as migration:
        yield migration


def test_a_plain_proposal_says_why_each_pair_is_in_it(migration):
    proposal = propose_mapping(migration)
    written = migration.project.mapping.read_text()
    assert load(migration.project.mapping) == proposal.mapping
    assert proposal.comments
    assert "# " in written


def test_a_curated_mapping_of_the_pair_goes_first(migration, installed):
    installed.mapping("alpha-beta", MAPPING)
    assert propose_mapping(migration).mapping.objects[0].match == (("domain",),)


def test_a_curated_mapping_of_another_pair_is_not_taken(migration, installed):
    installed.mapping("gamma-beta", "this is no mapping")
    assert propose_mapping(migration).comments


def test_a_curated_mapping_is_made_to_fit_what_the_source_has(migration, installed):
    installed.mapping("alpha-beta", MAPPING)
    world.lacks["main"] = "crm.person"

    proposal = propose_mapping(migration)

    assert [route.name for route in proposal.mapping.objects] == ["crm.firm>firm"]
    assert proposal.notes == ("crm.person>person: the source has no object crm.person",)


def test_a_curated_mapping_that_is_broken_is_named(migration, installed):
    installed.mapping("alpha-beta", "- this is no mapping")
    with pytest.raises(MappingError, match="alpha-beta"):
        propose_mapping(migration)


def test_a_mapping_that_is_there_is_kept_unless_told(migration):
    migration.project.mapping.write_text("# mine\n")
    with pytest.raises(ConfigError, match="exists already"):
        propose_mapping(migration)
    assert migration.project.mapping.read_text() == "# mine\n"
    propose_mapping(migration, overwrite=True)
    assert load(migration.project.mapping).objects
