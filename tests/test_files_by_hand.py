"""Files instead of the API: written, imported by a person through the platform's own pages, and proven."""

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pytest
from tests import byhand_odoo, byhand_twenty
from tests.harness import FOUND, OK, REFUSED, WRONG, Done, Scene

from crossdock.testing.sandboxes import Json

PAGES: dict[str, ModuleType] = {"twenty": byhand_twenty, "odoo": byhand_odoo}
KEYS = {"twenty": "Id", "odoo": "id"}
NAMES = {"twenty": ("Name", "name"), "odoo": ("name", "name")}


@dataclass
class Filed:
    """A project whose records are in files."""

    scene: Scene
    done: Done
    folder: Path
    exports: Path

    @property
    def checklist(self) -> Json:
        found: Json = json.loads((self.folder / "checklist.json").read_text())
        return found

    @property
    def pages(self) -> ModuleType:
        return PAGES[self.scene.there.platform]

    def bring_in(self) -> None:
        """Make what is missing, as the checklist says, and import file after file."""
        self.scene.call("provision").must(OK)
        for file in self.checklist["files"]:
            self.pages.import_file(self.scene.destination, self.folder / file["file"], file["object"])

    def export(self) -> None:
        self.exports.mkdir(exist_ok=True)
        for each in self.checklist["exports"]:
            path = self.exports / each["save_as"]
            self.pages.export(self.scene.destination, each["object"], path, each["columns"])

    def prove(self) -> Done:
        return self.scene.call("reconcile", "--from-files", str(self.exports))

    def rewrite(self, object_name: str, change: Callable[[list[list[str]]], list[list[str]]]) -> None:
        """Change the rows of an export, the headings being the first."""
        path = self.exports / f"{object_name}.csv"
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = change(list(csv.reader(file)))
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)


def write(scene: Scene, folder: Path) -> Filed:
    scene.destination.forget_log()
    done = scene.call("run", str(folder / "files"), "--to-files").must(FOUND)
    return Filed(scene, done, folder / "files", folder / "exports")


@pytest.fixture
def filed(scene_at, tmp_path) -> Filed:
    return write(scene_at("confirmed"), tmp_path)


@pytest.fixture(scope="session")
def all_imported() -> dict[str, Filed]:
    """By destination: a fixture with parameters may be made again, these are not."""
    return {}


@pytest.fixture(scope="session")
def once(stages, all_imported, tmp_path_factory) -> Filed:
    """A project whose files were imported; its tests only read the destination."""
    name = stages.there.platform
    if name not in all_imported:
        done = write(stages.scene("confirmed"), tmp_path_factory.mktemp(f"byhand-{name}"))
        done.bring_in()
        done.export()
        all_imported[name] = done
    return all_imported[name]


@pytest.fixture
def imported(once, tmp_path) -> Filed:
    """The same, with a copy of its exports to be changed."""
    shutil.copytree(once.exports, tmp_path / "exports")
    return replace(once, exports=tmp_path / "exports")


def test_files_are_written_and_nothing_is_sent(filed):
    assert filed.scene.writes() == []
    assert filed.done.json["totals"]["source"]["filed"] > 50
    assert "loaded" not in filed.done.json["totals"]["source"]
    for file in filed.checklist["files"]:
        with (filed.folder / file["file"]).open(newline="", encoding="utf-8") as found:
            header, *rows = list(csv.reader(found))
        assert (header, len(rows)) == (file["columns"], file["rows"])


def test_what_was_imported_is_proven_by_the_export(imported):
    done = imported.prove().must(OK)
    assert done.json["not_proven"] == []
    assert all(each["whole"] == each["filed"] for each in done.json["objects"])


def test_a_value_that_was_changed_there_is_a_finding(imported):
    company, heading = imported.scene.there.objects["company"], NAMES[imported.scene.there.platform][0]

    def spoil(rows):
        rows[_written(imported, company, rows)][rows[0].index(heading)] += " (changed)"
        return rows

    imported.rewrite(company, spoil)
    done = imported.prove().must(FOUND)
    (finding,) = [f for f in done.json["first_findings"] if f["kind"] != "normalised"]
    assert (finding["object"], finding["kind"], finding["field"]) == (company, "differs", "name")


def test_a_missing_record_never_arrived(imported):
    company = imported.scene.there.objects["company"]

    def lose(rows):
        lost = _written(imported, company, rows)
        return rows[:lost] + rows[lost + 1 :]

    imported.rewrite(company, lose)
    done = imported.prove().must(FOUND)
    assert [(f["object"], f["kind"]) for f in done.json["first_findings"] if f["kind"] != "normalised"] == [
        (company, "never arrived")
    ]


def _written(imported, object_name, rows):
    """The place of the first row of an export that was in a file."""
    names = [file["file"] for file in imported.checklist["files"] if file["object"] == object_name]
    keys = set()
    for name in names:
        with (imported.folder / name).open(newline="", encoding="utf-8") as found:
            keys |= {row[0] for row in csv.reader(found)}
    at = rows[0].index(KEYS[imported.scene.there.platform])
    return next(n for n, row in enumerate(rows) if n and row[at] in keys)


def test_a_missing_column_is_not_proven(imported):
    company, heading = imported.scene.there.objects["company"], NAMES[imported.scene.there.platform][0]

    def cut(rows):
        at = rows[0].index(heading)
        return [row[:at] + row[at + 1 :] for row in rows]

    imported.rewrite(company, cut)
    done = imported.prove().must(FOUND)
    assert done.json["not_proven"] == [
        f"{company}: {company}.csv lacks '{heading}', so field name is not proven"
    ]


def test_an_export_that_was_cut_off_is_not_proven(imported):
    limit = {"twenty": 20_000, "odoo": None}[imported.scene.there.platform]
    company = imported.scene.there.objects["company"]

    def fill(rows):
        width, missing = len(rows[0]), (limit or 0) - len(rows) + 1
        return rows + [[f"other-{n}", *[""] * (width - 1)] for n in range(missing)]

    imported.rewrite(company, fill)
    done = imported.prove().must(FOUND if limit else OK)
    if limit:
        assert done.json["not_proven"] == [
            f"{company}: {company}.csv has exactly 20000 rows, at which an export is cut off"
        ]


def test_an_object_without_an_export_is_not_proven(imported):
    person = "person" if imported.scene.there.platform == "twenty" else "crm.lead"
    (imported.exports / f"{person}.csv").unlink()
    done = imported.prove().must(FOUND)
    assert done.json["not_proven"] == [f"{person}: there is no export of it ({person}.csv)"]


def test_a_folder_that_holds_something_is_not_written_over(filed):
    before = {path.name: path.read_bytes() for path in filed.folder.glob("*.csv")}
    filed.scene.call("run", str(filed.folder), "--to-files").must(WRONG)
    assert {path.name: path.read_bytes() for path in filed.folder.glob("*.csv")} == before


def test_the_api_makes_nothing_twice_after_an_import(filed):
    filed.bring_in()
    count = len(filed.scene.rows("company"))
    # Twenty's importer names another author than the mapping does: the gate says so.
    filed.scene.call("run").must(FOUND, REFUSED)
    assert len(filed.scene.rows("company")) == count
