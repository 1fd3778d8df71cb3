"""G11 and G12: what edition, plan, apps and rights of a database allow, and what majors differ in."""

# ruff: noqa: N802 - a test is named after its row

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from acceptance.destinations import Destination, Odoo, differences
from acceptance.harness import Pair, Project, Sandboxes, moved, opened, prepared, project
from acceptance.slices import ANNA, COMPANIES, CONTACTS, IVAN, UNREADABLE, Json, Slice, key, merged
from acceptance.test_eo_files import PAPERS, hr_seed

pytestmark = pytest.mark.source("elma365")

PROJECTS, TASKS, BOXES = "_projects._projects", "_system.tasks", "shelf.boxes"
FIRMS = 50


def data(row: str) -> Json:
    """Companies with people, an application, a project and tasks; one company is refused."""
    companies = [
        {"__id": key(row, n), "__name": f"Разная {n}", "_website": f"https://{row.lower()}-{n}.example"}
        for n in range(FIRMS)
    ]
    return {
        "namespaces": {"shelf": "Полка"},
        "apps": [
            {
                "namespace": "shelf",
                "code": "boxes",
                "name": "Ящики полки",
                "fields": [
                    {"code": "size", "type": "FLOAT", "kind": "integer", "name": "Размер"},
                    {"code": "kind", "type": "ENUM", "options": {"wood": "Дерево"}, "name": "Вид"},
                    {"code": "firm", "type": "SYS_COLLECTION", "link": COMPANIES, "name": "Фирма"},
                ],
            }
        ],
        "items": {
            COMPANIES: [*companies, {"__id": key(row, "odd"), **UNREADABLE}],
            CONTACTS: [
                {
                    "__id": key(row, "person", n),
                    "__name": f"Разнов{n} Ян",
                    "_fullname": {"lastname": f"Разнов{n}", "firstname": "Ян", "middlename": ""},
                    "_email": [{"email": f"yan{n}@{row.lower()}.example"}],
                    "_companies": [key(row, n)],
                }
                for n in range(5)
            ],
            BOXES: [
                {
                    "__id": key(row, "box", n),
                    "__name": f"Ящик {n}",
                    "size": n,
                    "kind": [{"code": "wood", "name": "?"}],
                    "firm": [key(row, n)],
                }
                for n in range(5)
            ],
            PROJECTS: [{"__id": key(row, "project"), "__name": "Разный проект", "status": "active"}],
        },
        "tasks": [
            {
                "__id": key(row, "task", n),
                "__name": f"Разное дело {n}",
                "state": ("in_progress", "closed")[n % 2],
                "performers": [ANNA],
                "author": IVAN,
                "__item": {"namespace": "_projects", "code": "_projects", "id": key(row, "project")},
            }
            for n in range(4)
        ],
    }


def seeded(**body: Any) -> Callable[[Destination], None]:
    """Puts a database into a situation before anything runs."""
    return lambda destination: destination.seed(body)


def noted(pair: Pair) -> str:
    """What discover says of the destination."""
    return "\n".join(pair.project.must("discover")["destination"]["notes"])


def refused(pair: Pair, *words: str) -> None:
    """The run is refused with these words, and nothing was written."""
    before, since = pair.destination.dump(), pair.destination.now()
    pair.project.must("map", "confirm", "--by", "Acceptance")
    for command in ("provision", "run"):
        done = pair.project.call(command)
        assert done.code == 2, f"{command}: {done.code} {done.stderr}"
        for word in words:
            assert word in done.stderr
    assert pair.destination.changing(pair.destination.log(since)) == []
    assert differences(before, pair.destination.dump()) == []


# --- G11: edition, plan, apps and rights --------------------------------------------------------


@pytest.mark.destination("odoo")
def test_G11_a_plan_without_the_interface_is_said_at_once(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    source, destination = sandboxes.source("elma365"), sandboxes.destination("odoo")
    source.seed(merged([source.staff, data("G11")]))
    made: Project = project(tmp_path / "acme", source, destination)
    destination.seed({"api_access": False})
    since = destination.now()
    done = made.call("discover")
    assert done.code == 2, done.stderr
    assert "Custom" in done.stderr, "the plan that has the interface is named"
    assert destination.token not in done.stderr
    assert len(destination.log(since)) <= 5, "it did not try again and again"


@pytest.mark.destination("odoo")
def test_G11_a_right_that_is_lacking_is_named_before_anything_is_written(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    no_fields = {"ir.model": {"create": False}, "ir.model.fields": {"create": False}}
    slices = [Slice("G11", data("G11"), prepare=seeded(rights=no_fields))]
    pair = prepared(sandboxes, tmp_path, slices, pair_name)
    refused(pair, "may not", "ir.model.fields", "Settings")

    # With that right, but without one for the records of a single model: the mapping does not fit any more.
    pair.destination.seed({"rights": {"project.task": {"write": False, "create": False}}})
    before, since = pair.destination.dump(), pair.destination.now()
    pair.project.must("discover")
    check = pair.project.call("map", "check")
    assert (check.code, f"{TASKS}>project.task" in check.stderr) == (2, True)
    assert pair.project.call("run").code == 2
    assert pair.destination.changing(pair.destination.log(since)) == []
    assert differences(before, pair.destination.dump()) == []

    # With all rights the rest of the data is what it was, and arrives.
    pair.destination.seed({"rights": {}})
    pair.project.must("discover")
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.answers["run"] = pair.project.must("run", codes=(1,))
    arrived(pair, "G11")
    lines = pair.refused([key("G11", n) for n in range(FIRMS)] + [key("G11", "odd")])
    assert set(lines) == {key("G11", "odd")}
    moved(record_property, FIRMS + 1 + 5 + 5 + 1 + 4, len(lines))


def arrived(pair: Pair, row: str) -> None:
    """Companies, people, boxes, tasks: all with what they refer to."""
    there = pair.destination
    companies = there.arrived("company", COMPANIES)
    assert {companies[key(row, n)]["name"] for n in range(FIRMS)} == {f"Разная {n}" for n in range(FIRMS)}
    people = there.arrived("person", CONTACTS)
    for n in range(5):
        assert people[key(row, "person", n)]["company"] == companies[key(row, n)]["id"]
    boxes = there.arrived_in("Ящики полки", BOXES)
    for n in range(5):
        own = boxes[key(row, "box", n)]
        assert (own["name"], own["Размер"], own["Вид"]) == (f"Ящик {n}", n, "Дерево")
        assert own["Фирма"] == companies[key(row, n)]["id"]
    assert set(there.arrived("task", TASKS)) == {key(row, "task", n) for n in range(4)}


@pytest.mark.destination("odoo")
def test_G11_an_app_that_is_not_installed_is_said_and_the_rest_moves(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    gone = seeded(modules={"project": "uninstalled", "hr": "uninstalled"})
    slices = [Slice("G11", data("G11"), prepare=gone), Slice("papers", hr_seed(PAPERS[:2], (0, 1)))]
    pair = prepared(sandboxes, tmp_path, slices, pair_name)
    there = pair.destination
    for app in ("project", "hr"):
        assert f"The app {app} is not installed" in noted(pair)
    assert not there.has("project.task")
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.answers["run"] = pair.project.must("run", codes=(1,))
    assert len(there.arrived("company", COMPANIES)) == FIRMS
    assert len(there.arrived_in("Ящики полки", BOXES)) == 5
    # Without the app a task and a project have but one place to go to.
    leads = there.ours("crm.lead", TASKS)
    assert {row["name"] for row in leads.values()} == {f"Разное дело {n}" for n in range(4)}
    assert [row["name"] for row in there.ours("crm.lead", PROJECTS).values()] == ["Разный проект"]
    # And a document of the HR stays with its record, as there is no employee.
    papers = there.made("Приказы по людям").name
    files = there.ours("ir.attachment", "_system.files")
    assert [row["res_model"] for row in files.values()] == [papers] * 4


@pytest.mark.destination("odoo")
def test_G11_an_object_of_an_app_that_is_not_there_is_refused(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    pair = prepared(sandboxes, tmp_path, [Slice("G11", data("G11"))], pair_name)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.destination.seed({"modules": {"project": "uninstalled"}})
    before, since = pair.destination.dump(), pair.destination.now()
    for command in (["provision"], ["run"]):
        done = pair.project.call(*command)
        assert done.code in (2, 4), done.stderr
        assert "project" in done.stderr
    assert pair.destination.changing(pair.destination.log(since)) == []
    assert differences(before, pair.destination.dump()) == []


@pytest.mark.destination("odoo")
def test_G11_the_edition_and_what_becomes_of_custom_fields_are_said(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    studio = seeded(edition="enterprise", modules={"web_studio": "installed"})
    community = opened(sandboxes, tmp_path / "one", [Slice("G11", data("G11"))], pair_name)
    enterprise = opened(sandboxes, tmp_path / "two", [Slice("G11", data("G11"), prepare=studio)], pair_name)
    assert "Odoo 18.0 Community" in noted(community)
    assert "Odoo 18.0 Enterprise" in noted(enterprise)
    assert "go with the app" in noted(community)
    assert "Studio" in noted(enterprise)


# --- G12: majors differ -------------------------------------------------------------------------


class Major(NamedTuple):
    """What is expected of a major version: how it is called, the path of the interface, the kind of a list
    view, and the field of a user's groups."""

    shown: str
    path: str
    list_view: str
    groups: str


MAJORS = {
    16: Major("16.0", "/jsonrpc", "tree", "groups_id"),
    17: Major("17.0", "/jsonrpc", "tree", "groups_id"),
    19: Major("19.0", "/json/2/", "list", "group_ids"),
}


@pytest.mark.destination("odoo")
@pytest.mark.parametrize("version", MAJORS)
def test_G12_the_same_data_arrive_in_every_major(
    version: int, pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    major = MAJORS[version]
    slices = [Slice("G12", data("G12"), prepare=seeded(version=version))]
    pair = prepared(sandboxes, tmp_path, slices, pair_name)
    there = pair.destination
    assert f"Odoo {major.shown}" in noted(pair)
    assert f"Odoo {version} was not measured" in noted(pair)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    since = there.now()
    pair.answers["run"] = pair.project.must("run", codes=(1,))
    calls = [entry for entry in there.log(since) if entry["method"] == "POST"]
    # Which version it is decides on the path, so that is asked for in the way that all of them know.
    paths = {entry["path"] for entry in calls if entry["operation"] != "common.version"}
    assert all(path.startswith(major.path) for path in paths), paths
    arrived(pair, "G12")
    looks_right(there, major)
    assert there.mails() == {}
    assert pair.project.must("reconcile")["verdict"].startswith("Everything")
    lines = pair.refused([key("G12", n) for n in range(FIRMS)] + [key("G12", "odd")])
    assert set(lines) == {key("G12", "odd")}
    moved(record_property, FIRMS + 1 + 5 + 5 + 1 + 4, len(lines))


def looks_right(there: Odoo, major: Major) -> None:
    """Views, and the groups of users, are those of the version."""
    boxes = there.made("Ящики полки").name
    assert {row["type"] for row in there.all("ir.ui.view", [["model", "=", boxes]])} >= {
        major.list_view,
        "form",
    }
    assert major.groups in there.schema("res.users")
    roman = [["login", "=", "roman.belov@romashka.example"]]
    (user,) = there.all("res.users", roman, ["active", major.groups])
    (group,) = there.all("res.groups", [["full_name", "=", "User types / Internal User"]], ["id"])
    assert (user["active"], group["id"] in user[major.groups]) == (False, True)


@pytest.mark.destination("odoo")
def test_G12_a_run_against_another_major_than_confirmed_is_refused(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    pair = prepared(sandboxes, tmp_path, [Slice("G12", data("G12"))], pair_name)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.destination.seed({"version": 19})
    done = pair.project.call("run")
    assert done.code in (2, 4), done.stderr
    assert not pair.destination.arrived("company", COMPANIES)
