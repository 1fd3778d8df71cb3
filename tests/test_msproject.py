"""MS Project files from the command line: what is in them arrives whole, what is harmful changes nothing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.canonical import undone
from tests.harness import CROSSDOCK, OK, WRONG, Done, Launcher, Project, Sandbox
from tests.plans import FOUNDRY, HEAD, OFFICE, damaged

from crossdock.testing.dumps import assert_same

Rows = dict[int, dict[str, Any]]
MEGABYTE = 1 << 20
PLURALS = ("msProjects", "msTasks", "msLinks", "msResources", "msAssignments")


@dataclass
class Moved:
    """Two plans on their way: what the commands answered and what the destination held at each stage."""

    discovered: Done
    run: Done
    reconciled: Done
    undone: Done
    rows: dict[str, list[dict[str, Any]]]
    fields: dict[str, dict[str, dict[str, Any]]]
    before: Any
    after: Any

    def office(self, plural: str) -> Rows:
        """Records of the first plan by their number in the file."""
        return {int(r["uid"]): r for r in self.rows[plural] if "/office:" in r["crossdockKey"]}

    def one(self, plural: str, name: str) -> dict[str, Any]:
        """The record of that name."""
        (found,) = [r for r in self.rows[plural] if r["name"] == name]
        return found


@dataclass
class Desk:
    """A destination and a project that reads files only."""

    destination: Sandbox
    project: Project

    def reads(self, *paths: Path, **settings: Any) -> None:
        """Write the source into the project file."""
        with self.project.edited("crossdock.yaml") as document:
            source = {"platform": "elma365", "tenant": "main", "mspdi": [str(p) for p in paths], **settings}
            document["sources"] = [source]
            document["destination"].update(
                url=self.destination.url, key="env:TWENTY_KEY", calls_per_minute=100_000
            )

    def all(self, plural: str) -> list[dict[str, Any]]:
        """Every live record of an object, by plain HTTP."""
        page = self.destination.ask("GET", f"/rest/{plural}?limit=60")
        found: list[dict[str, Any]] = page["data"][plural]
        assert not page["pageInfo"]["hasNextPage"]
        return found

    def fields(self) -> dict[str, dict[str, dict[str, Any]]]:
        """object name -> field name -> field of the destination's metadata."""
        page = self.destination.ask("GET", "/rest/metadata/objects?limit=100")
        objects = page["data"]
        assert not page["pageInfo"]["hasNextPage"]
        return {o["nameSingular"]: {f["name"]: f for f in o["fields"]} for o in objects}


def desk_in(folder: Path, launcher: Launcher) -> Desk:
    destination = Sandbox.start(launcher, "twenty", folder / "destination.db")
    destination.freeze()
    Project(launcher, folder).call("init", "acme", "--source", "elma365", "--destination", "twenty")
    project = Project(launcher, folder / "acme", {"TWENTY_KEY": destination.token})
    return Desk(destination, project)


def plan(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.fixture(scope="module")
def moved(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    """Both plans, moved and rolled back."""
    folder = tmp_path_factory.mktemp("moved")
    desk = desk_in(folder, launcher)
    desk.reads(plan(folder, "office.xml", OFFICE), plan(folder, "foundry.xml", FOUNDRY))
    try:
        yield there_and_back(desk)
    finally:
        desk.destination.stop()


def there_and_back(desk: Desk) -> Moved:
    call, before = desk.project.call, desk.destination.dump()
    discovered = call("discover").must(OK)
    propose = ["map", "propose", "--automations", "pause"]
    for command in (propose, ["map", "check"], ["map", "confirm", "--by", "Test"]):
        call(*command).must(OK)
    run, reconciled = call("run"), call("reconcile")
    rows, fields = {plural: desk.all(plural) for plural in PLURALS}, desk.fields()
    return Moved(discovered, run, reconciled, call("rollback"), rows, fields, before, desk.destination.dump())


@pytest.fixture(scope="module")
def confirmed(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A confirmed project whose file somebody exchanges afterwards."""
    desk = desk_in(tmp_path_factory.mktemp("confirmed"), launcher)
    desk.reads(plan(desk.project.folder, "plan.xml", OFFICE))
    desk.project.call("map", "propose", "--automations", "pause").must(OK)
    desk.project.call("map", "confirm", "--by", "Test").must(OK)
    yield desk
    desk.destination.stop()


def test_everything_arrives_and_the_second_read_agrees(moved: Moved) -> None:
    assert (moved.run.code, moved.run.json["findings"]) == (OK, [])
    assert (moved.reconciled.code, moved.reconciled.json["findings"]) == (OK, [])
    assert {plural: len(rows) for plural, rows in moved.rows.items()} == {
        "msProjects": 2,
        "msTasks": 10 + 2,
        "msLinks": 4,
        "msResources": 2,
        "msAssignments": 3,
    }


def test_a_rollback_leaves_the_destination_as_it_was(moved: Moved) -> None:
    assert moved.undone.code == OK
    assert_same(undone(moved.after), undone(moved.before))


def test_the_outline_becomes_parents_three_levels_deep(moved: Moved) -> None:
    tasks = moved.office("msTasks")

    parents = {uid: row["parentId"] for uid, row in tasks.items()}

    above = {0: None, 1: 0, 2: 1, 3: 2, 4: 2, 6: 0, 7: 6, 8: 6, 9: 6, 10: 6}
    assert parents == {uid: None if up is None else tasks[up]["id"] for uid, up in above.items()}
    assert [uid for uid, row in tasks.items() if row["milestone"]] == [4]
    assert [uid for uid, row in tasks.items() if row["projectSummary"]] == [0]
    assert {row["projectId"] for row in tasks.values()} == {moved.one("msProjects", "Офис в Перми")["id"]}


def test_a_blank_row_is_no_task_and_is_counted(moved: Moved) -> None:
    assert 5 not in moved.office("msTasks")
    assert moved.one("msProjects", "Офис в Перми")["blankRows"] == 2  # and the nameless resource 0


def test_names_are_kept_letter_by_letter_and_a_nameless_task_says_so(moved: Moved) -> None:
    tasks = moved.office("msTasks")

    assert tasks[3]["name"] == "Чертежи «ёлка» & <план> №1"
    assert tasks[0]["name"] == "Офис в Перми"
    assert tasks[10]["name"] == "(no name)"


def test_times_are_of_the_settings_zone_and_durations_come_as_written_and_in_days(moved: Moved) -> None:
    tasks = moved.office("msTasks")

    assert (tasks[3]["start"], tasks[3]["finish"]) == ("2024-03-01T08:00:00.000Z", "2024-03-04T12:00:00.000Z")
    assert tasks[3]["createdAt"] == "2024-02-01T10:30:00.000Z"
    assert [
        (tasks[n]["duration"], tasks[n]["durationDays"], tasks[n]["durationUnit"]) for n in (3, 4, 7, 8)
    ] == [
        ("PT12H0M0S", 1.5, "d"),
        ("PT0H0M0S", 0, "d"),
        ("PT48H0M0S", 2, "ed"),
        ("PT40H0M0S", 5, "w?"),
    ]
    assert (tasks[3]["work"], tasks[3]["workDays"]) == ("PT6H0M0S", 0.75)
    assert (tasks[3]["constraint"], tasks[3]["constraintDate"]) == (
        "START_NO_EARLIER_THAN",
        "2024-03-01T08:00:00.000Z",
    )


def test_every_kind_of_link_arrives_with_its_lag(moved: Moved) -> None:
    tasks = {row["id"]: uid for uid, row in moved.office("msTasks").items()}

    links = {
        (tasks[row["predecessorId"]], tasks[row["successorId"]]): (
            row["typeCustom"],
            row["lag"],
            row["lagDays"],
            row["lagPercent"],
        )
        for row in moved.rows["msLinks"]
    }

    assert links == {
        (3, 7): ("FS", "PT8H0M0S", 1, None),
        (4, 8): ("SS", "-PT4H0M0S", -0.5, None),
        (7, 8): ("FF", "PT24H0M0S", 1, None),
        (8, 9): ("SF", "", None, 50),
    }
    assert moved.one("msLinks", "Монтаж → Отделка")["typeCustom"] == "FF"


def test_assignments_point_to_task_and_resource_and_an_unassigned_one_only_to_its_task(moved: Moved) -> None:
    tasks, people = moved.office("msTasks"), moved.office("msResources")
    work = moved.office("msAssignments")

    assert {u: (r["name"], r["typeCustom"], r["email"]["primaryEmail"]) for u, r in people.items()} == {
        1: ("Иванов Пётр", "WORK", "petr@example.com"),
        2: ("Бетон", "MATERIAL", ""),
    }
    assert {
        u: (r["taskId"], r["resourceId"], r["units"], r["workDays"], r["name"]) for u, r in work.items()
    } == {
        11: (tasks[3]["id"], people[1]["id"], 0.5, 0.75, "Чертежи «ёлка» & <план> №1 — Иванов Пётр"),
        12: (tasks[7]["id"], people[2]["id"], 3.25, 0, "Монтаж — Бетон"),
        13: (tasks[4]["id"], None, 1, 0, "Согласование"),
    }


@pytest.mark.parametrize(
    ("uid", "label", "value"),
    [
        (3, "Подрядчик", "ООО «Кран»"),  # declared, with an alias that the other file does not share
        (3, "Number1", 55.56),  # without a definition
        (3, "Резерв", "PT16H0M0S"),
        (3, "Резерв in days", 2),
        (3, "Смета", {"amountMicros": 99_950_000, "currencyCode": "RUB"}),
        (3, "Проверено", True),
        (3, "Сдача", "2024-07-18T08:00:00.000Z"),
        (7, "Участок", "Север.Цех 1"),  # an outline code by its look-up table
        (8, "Регион", "Запад"),  # a choice of a value list
        (4, "Field188776500", "поле предприятия"),  # an enterprise field that no table knows
    ],
)
def test_a_custom_value_arrives_under_the_customers_label(
    moved: Moved, uid: int, label: str, value: object
) -> None:
    named = [n for n, f in moved.fields["msTask"].items() if f["label"] == label]

    assert [moved.office("msTasks")[uid][name] for name in named] == [value]


def test_a_custom_value_of_a_resource_and_of_an_assignment_arrives(moved: Moved) -> None:
    (cost_center,) = [n for n, f in moved.fields["msResource"].items() if f["label"] == "Участок работ"]
    (remark,) = [n for n, f in moved.fields["msAssignment"].items() if f["label"] == "Field255852547"]

    assert moved.office("msResources")[1][cost_center] == "Пермь"
    assert moved.office("msAssignments")[11][remark] == "с инструментом"


def test_a_field_with_several_values_becomes_a_list(moved: Moved) -> None:
    (name,) = [n for n, f in moved.fields["msTask"].items() if f["label"] == "Допуски"]

    assert moved.fields["msTask"][name]["type"] == "ARRAY"
    assert moved.one("msTasks", "Плавка")[name] == ["огневые", "высотные"]


def test_files_that_disagree_about_a_field_keep_a_field_each(moved: Moved) -> None:
    (name,) = [n for n, f in moved.fields["msTask"].items() if f["label"] == "Цех"]

    assert moved.one("msTasks", "Плавка")[name] == "литейный"
    assert not moved.office("msTasks")[3][name]


def test_a_record_lists_what_points_to_it_under_names_of_their_own(moved: Moved) -> None:
    links = {n: f["label"] for n, f in moved.fields["msTask"].items() if n.startswith("linksTo")}

    assert links == {
        "linksToSuccessors": "Links to successors",
        "linksToPredecessors": "Links to predecessors",
    }
    assert {"subtasks", "assignments"} <= set(moved.fields["msTask"])
    assert {"tasks", "resources", "assignments", "taskLinks"} <= set(moved.fields["msProject"])


def test_discover_names_what_is_not_carried_over(moved: Moved) -> None:
    (note,) = [n for n in moved.discovered.json["sources"][0]["notes"] if "office.xml: not carried over" in n]

    assert "of tasks Baseline (1), TotalSlack (1)" in note
    assert "whole lists Calendars (1)" in note


@pytest.mark.parametrize(("kind", "why"), damaged().items(), ids=damaged())
def test_a_harmful_or_broken_file_stops_a_run_before_anything_is_written(
    confirmed: Desk, kind: str, why: tuple[bytes, str]
) -> None:
    content, reason = why
    plan(confirmed.project.folder, "plan.xml", content)
    before = confirmed.destination.dump()

    done = confirmed.project.call("run")

    assert (done.code, done.err.count("crossdock: ")) == (WRONG, 1), done.err
    assert "MS Project file plan.xml" in done.err
    assert reason in done.err
    assert confirmed.destination.dump() == before


@pytest.mark.parametrize(
    ("head", "unit", "reason"),
    [
        ("<Tasks><Task><Name>", b"x", "Text node too long"),
        ("", b"<a>", "nested deeper"),
    ],
    ids=["one huge text", "deep nesting"],
)
def test_a_bomb_of_200_megabytes_is_refused_in_little_memory(
    confirmed: Desk, head: str, unit: bytes, reason: str
) -> None:
    bomb, block = confirmed.project.folder / "plan.xml", unit * (MEGABYTE // len(unit))
    with bomb.open("wb") as file:
        file.write(HEAD.encode() + head.encode())
        for _ in range(200):
            file.write(block)
    before = confirmed.destination.dump()

    code, err, megabytes = measured(confirmed.project, "run")
    bomb.unlink()

    assert code == WRONG
    assert reason in err
    assert megabytes < 200
    assert confirmed.destination.dump() == before


def plainly(project: Project, command: str) -> str:
    """What a command shows to a person."""
    argv = [str(CROSSDOCK), "-C", str(project.folder), command]
    return subprocess.run(argv, capture_output=True, text=True, env={**os.environ, **project.keys}).stdout


MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
"""A small process in between: a command begins with the peak memory of the process that started it."""


def measured(project: Project, command: str) -> tuple[int, str, float]:
    """Run a command as a shell does: its exit code, its messages, the most memory it had, in megabytes."""
    argv = [sys.executable, "-c", MEASURE, str(CROSSDOCK), "-C", str(project.folder), command]
    done = subprocess.run(
        argv, capture_output=True, text=True, env={**os.environ, **project.keys}, timeout=300, check=False
    )
    return done.returncode, done.stderr, int(done.stdout) / 1024


def test_discover_compares_a_plan_with_the_project_of_the_same_name(
    launcher: Launcher, tmp_path: Path
) -> None:
    company = Sandbox.start(launcher, "elma365", tmp_path / "company.db")
    name = "_projects._projects"
    company.seed(
        {"items": {name: [{"__id": "11111111-2222-4333-8444-555555555555", "__name": "офис в перми"}]}}
    )
    desk = desk_in(tmp_path, launcher)
    desk.project.keys["ELMA_TOKEN"] = company.token
    access = {"url": company.url, "token": "env:ELMA_TOKEN", "calls_per_minute": 100_000}
    files = plan(tmp_path, "office.xml", OFFICE), plan(tmp_path, "foundry.xml", FOUNDRY)
    desk.reads(*files, applications=[name], **access)

    notes = desk.project.call("discover").must(OK).json["sources"][0]["notes"]
    shown = plainly(desk.project, "discover")

    (lost,) = [n for n in notes if "has fields that" in n]
    assert "'Офис в Перми' (office.xml) has fields that _projects._projects lacks" in lost
    assert "Резерв (1 values)" in lost
    assert "Подрядчик" not in lost  # the project there has a field of that name
    assert any("'Литейный цех' (foundry.xml): _projects._projects has no such project" in n for n in notes)
    assert "Резерв (1 values)" in " ".join(shown.split())
    for sandbox in (company, desk.destination):
        sandbox.stop()
