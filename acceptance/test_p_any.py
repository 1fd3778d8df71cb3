"""P16: any source with any destination, where only what the pair needs is installed."""

# ruff: noqa: N802 - a test is named after its row

import json
from pathlib import Path

import pytest
from acceptance.environments import ROOT, Environments
from acceptance.harness import Project, Sandboxes, moved, opened, own_slices, platforms, propose
from acceptance.slices import Data, Slice, together
from acceptance.sources import Source
from acceptance.sources.base import Company, Person, Thing

NOTEBOOK = ROOT / "acceptance" / "thirdparty"


def moved_house(source: Source) -> Data:
    """Companies with people, things, and a company that no destination takes."""
    key = source.key
    firms = [Company(key("P16", n), f"Любая {n}", f"https://lyubaya-{n}.example") for n in range(40)]
    people = [
        Person(key("P16", "person", n), f"Ия{n}", "Любова", f"iya{n}@lyubaya.example", key("P16", n))
        for n in range(10)
    ]
    return together(
        source.companies(*firms),
        source.people(*people),
        source.things(*(Thing(f"P16 {n}", n) for n in range(5))),
        source.broken(key("P16", "odd")),
    )


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Environments:
    """Environments for the tests of this file."""
    return Environments(tmp_path_factory.mktemp("environments"))


def test_P16_a_pair_moves_where_only_its_connectors_are_installed(
    pair_name: str, environments: Environments, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    environment = environments.of_pair(pair_name)
    ours, theirs = platforms(pair_name)
    assert environment.distributions == {"crossdock", f"crossdock-{ours}", f"crossdock-{theirs}"}
    slices = [Slice("P16", moved_house)]
    pair = opened(sandboxes, tmp_path, slices, pair_name)
    pair.project.program = environment.program
    installed = {(each["role"], each["name"]) for each in pair.project.must("plugins")}
    assert {("source", ours), ("destination", theirs), ("mapping", pair_name)} <= installed
    pair.project.must("discover")
    propose(pair, own_slices(slices, pair_name))
    for command in (("map", "check"), ("map", "confirm", "--by", "Acceptance"), ("plan",), ("provision",)):
        pair.project.must(*command)
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))

    key, there = pair.source.key, pair.destination
    firms, people, things = pair.arrived("company"), pair.arrived("person"), pair.things()
    for n in range(40):
        assert firms[key("P16", n)]["name"] == f"Любая {n}"
    for n in range(10):
        person = people[key("P16", "person", n)]
        assert person["email"] == f"iya{n}@lyubaya.example"
        assert person["company"] == firms[key("P16", n)]["id"]
    for n in range(5):
        assert things[pair.source.thing_key(f"P16 {n}")]["name"] == f"P16 {n}"
    refused = pair.refused([key("P16", "odd")], pair.route_of("company"))
    assert set(refused) == {key("P16", "odd")}

    found = pair.project.call("reconcile").json["findings"]
    assert [f for f in found if f["kind"] != "normalised"] == []
    since = there.now()
    pair.project.must("run", codes=(0, 1))
    assert there.written(there.log(since)) == []
    pair.project.must("rollback", "--run", pair.answers["run"]["run"]["id"])
    assert there.settled(there.dump()) == there.settled(pair.answers["before"])
    moved(record_property, 56, len(refused))


def test_P16_a_connector_that_is_not_installed_is_named(environments: Environments, tmp_path: Path):
    environment = environments.of_pair("elma365-twenty")
    project = Project(tmp_path, {}, environment.program)
    refused = project.call("init", "acme", "--source", "elma365", "--destination", "odoo")
    assert refused.code == 2
    assert "odoo" in refused.stderr
    assert "twenty" in refused.stderr  # what is installed


def test_P16_somebody_elses_connector_runs_as_it_is_published(
    environments: Environments, sandboxes: Sandboxes, tmp_path: Path
):
    environment = environments.made("notebook", NOTEBOOK, ROOT / "plugins" / "twenty")
    book = tmp_path / "book.json"
    firms = [{"key": str(n), "name": f"Блокнот {n}", "site": f"https://b{n}.example"} for n in range(50)]
    book.write_text(
        json.dumps({"firms": [*firms, {"key": "odd", "name": "", "site": "https://odd.example"}]})
    )
    there = sandboxes.destination("twenty")
    origin = Project(tmp_path, {"DESTINATION_KEY": there.token}, environment.program)
    origin.must("init", "acme", "--source", "notebook", "--destination", "twenty")
    made = Project(tmp_path / "acme", origin.keys, environment.program)
    document = made.yaml("crossdock.yaml")
    document["sources"][0]["file"] = str(book)
    document["destination"].update(there.settings("DESTINATION_KEY"))
    made.save("crossdock.yaml", document)

    checked = {(each["role"], each["name"]): each["problems"] for each in made.must("plugins", "--check")}
    assert checked["source", "notebook"] == []
    made.must("discover")
    made.must("map", "propose", "--automations", "pause")
    made.must("map", "confirm", "--by", "Acceptance")
    made.must("provision")
    report = made.must("run", codes=(0, 1))
    (phase,) = report["phases"]
    assert (phase["destination"]["created"], phase["source"]["rejected"]) == (50, 1)
    assert {row["name"] for row in there.arrived("company", "firms").values()} == {f["name"] for f in firms}
    found = made.call("reconcile").json["findings"]
    assert [f for f in found if f["kind"] != "normalised"] == []
