"""What was confirmed in other projects comes first: names of fields alone, and only what still fits."""

import json
from datetime import date

import pytest

from crossdock.capabilities import Capabilities
from crossdock.config import init_project, load_project
from crossdock.fieldtypes import FieldType as T
from crossdock.mappingfile.document import parse
from crossdock.mappingfile.resolution import merged_schemas
from crossdock.model import Catalog, FieldSchema, Limits, ObjectSchema, Option
from crossdock.proposing.curated import curated_proposal
from crossdock.proposing.plain import Knowledge, propose
from crossdock.proposing.remembering import kept_elsewhere, remember

F = FieldSchema


def catalog(platform, *objects):
    return Catalog(platform, "id", objects, Capabilities(), Limits("all"))


SOURCE = catalog(
    "alpha",
    ObjectSchema(
        "deals",
        (
            F("title", T.TEXT, "Название"),
            F("uf_1", T.TEXT, "Размер обуви"),
            F("st", T.SELECT, "Стадия", options=(Option("n", "Новая"), Option("w", "Успешно"))),
            F("org", T.REFERENCE, "Компания", references=("orgs",)),
        ),
        "Сделка",
    ),
    ObjectSchema("orgs", (F("title", T.TEXT, "Название"),), "Компания"),
)
DESTINATION = catalog(
    "beta",
    ObjectSchema(
        "opportunity",
        (
            F("name", T.TEXT, "Name"),
            F("odd", T.TEXT, "Frobnication", unique=True),
            F("stage", T.SELECT, "Stage", options=(Option("NEW", "New"), Option("WON", "Closed Won"))),
            F("account", T.REFERENCE, "Account", references=("account",)),
            F("count", T.INTEGER, "Count"),
        ),
        "Opportunity",
    ),
    ObjectSchema("account", (F("name", T.TEXT, "Name"),), "Account"),
)
CONFIRMED = """
source: alpha
destination: beta
objects:
  - from: deals
    to: opportunity
    fields:
      odd: uf_1
      name: {value: "Tops secret: Romashka"}
      stage: {from: st, values: {n: NEW, w: WON, secret: LOST}}
      account: {from: org, reference: account, steps: [{truncate: 77}]}
      gone: title
  - from: orgs
    to: account
    fields: {name: title}
"""


@pytest.fixture
def project(tmp_path):
    """Makes projects that share a memory."""

    def made(name, place="../memory"):
        init_project(tmp_path / name, "alpha", "beta")
        path = tmp_path / name / "crossdock.yaml"
        memory = f"\npropose: {{memory: {place}}}\n" if place else ""
        path.write_text(path.read_text(encoding="utf-8") + memory, encoding="utf-8")
        return load_project(tmp_path / name)

    return made


def memories(project, source="alpha", destination="beta"):
    targets = {schema.name: schema for schema in DESTINATION.objects}
    return kept_elsewhere(project, source, destination, merged_schemas(SOURCE), targets)


def test_pairs_that_another_project_confirmed_come_first_with_its_name_and_day(project):
    first, second = project("first"), project("second")
    remember(first, parse(CONFIRMED), date(2026, 11, 3))

    proposal = propose(SOURCE, DESTINATION, Knowledge(memories=memories(second)))

    deals, orgs = proposal.mapping.objects
    assert deals.fields["odd"].source == "uf_1"
    assert proposal.comments[deals.name, "odd"] == f"1.00 confirmed in project {first.id} on 2026-11-03"
    assert deals.fields["stage"].values == {"n": "NEW", "w": "WON"}  # looked at afresh
    assert deals.fields["account"].reference == "account"
    assert deals.match == (("odd",),)
    assert deals.fields["name"].source == "title"  # matched, as nothing was confirmed for it
    assert orgs.target == "account"


def test_a_memory_holds_names_of_fields_and_nothing_else(project):
    path = remember(project("first"), parse(CONFIRMED), date(2026, 11, 3))
    assert path is not None
    told = json.loads(path.read_text(encoding="utf-8"))
    assert set(told) == {"project", "on", "source", "destination", "routes"}
    assert told["routes"][0] == {
        "object": "deals",
        "target": "opportunity",
        "fields": [["uf_1", "odd"], ["st", "stage"], ["org", "account"], ["title", "gone"]],
    }
    assert not {"Romashka", "secret", "77", "NEW"} & set(path.read_text().replace('"', " ").split())
    assert path.stat().st_mode & 0o077 == 0


def test_nothing_is_kept_unless_the_project_file_asks_for_it(project, tmp_path):
    alone = project("alone", place="")
    assert remember(alone, parse(CONFIRMED), date(2026, 11, 3)) is None
    assert memories(alone) == []
    assert not (tmp_path / "memory").exists()


def test_the_newest_project_counts_and_a_project_itself_does_not(project):
    old, new, third = project("old"), project("new"), project("third")
    remember(old, parse(CONFIRMED), date(2025, 1, 1))
    remember(new, parse(CONFIRMED), date(2026, 1, 1))
    remember(third, parse(CONFIRMED), date(2027, 1, 1))
    assert [memory.said for memory in memories(third)] == [
        f"confirmed in project {new.id} on 2026-01-01",
        f"confirmed in project {old.id} on 2025-01-01",
    ]


def test_another_pair_of_platforms_and_a_file_that_is_none_of_ours_count_for_nothing(project, tmp_path):
    first, second = project("first"), project("second")
    remember(first, parse(CONFIRMED), date(2026, 11, 3))
    for name, text in (("a", "{"), ("b", "[]"), ("c", '{"project": "x", "extra": 1}')):
        (tmp_path / "memory" / f"{name}.json").write_text(text)
    assert len(memories(second)) == 1
    assert memories(second, source="gamma") == []
    assert memories(second, destination="gamma") == []


def test_beside_a_curated_mapping_it_fills_what_that_leaves_open(project):
    first, second = project("first"), project("second")
    remember(first, parse(CONFIRMED), date(2026, 11, 3))
    curated = parse("""
source: alpha
destination: beta
objects:
  - {from: deals, to: opportunity, fields: {name: title}}
""")
    proposal = curated_proposal(
        curated, "alpha-beta", SOURCE, DESTINATION, Knowledge(memories=memories(second))
    )
    (route,) = proposal.mapping.objects
    assert route.fields["name"].source == "title"
    assert route.fields["odd"].source == "uf_1"
    assert proposal.comments[route.name, "name"].startswith("1.00 curated")
    assert proposal.comments[route.name, "odd"] == f"1.00 confirmed in project {first.id} on 2026-11-03"


def test_map_confirm_keeps_and_the_next_project_takes(desk, tmp_path):
    desk.prepare(confirmed=False)
    path = desk.folder / "crossdock.yaml"
    path.write_text(path.read_text() + "\npropose: {memory: ../memory}\n")
    assert desk("map", "confirm", "--by", "Anna").code == 0
    (kept,) = (desk.folder.parent / "memory").glob("*.json")
    assert "Anna" not in kept.read_text()
    kept.write_text(kept.read_text().replace(load_project(desk.folder).id, "other"))
    kept.rename(kept.with_name("other.json"))
    (desk.folder / ".crossdock" / "confirmation.json").unlink()
    desk("map", "propose", "--overwrite")
    assert "confirmed in project other on " in (desk.folder / "mapping.yaml").read_text()
