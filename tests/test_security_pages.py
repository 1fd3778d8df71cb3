"""What people open, pages and tables, runs nothing that a source or a destination has put into its texts."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests import dataset
from tests.harness import FOUND, OK, REFUSED, Scene

from crossdock import documents
from crossdock.documents.page import render
from crossdock.spreadsheet import plain_cell, write_rows

MARK = "zz7f3a9c"
SCRIPT = f"</title><script>alert('{MARK}')</script><img src=x onerror=alert(1)>'\"{{{{7*7}}}}"
FORMULA = f'=HYPERLINK("http://{MARK}.example";"{MARK}")'
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NO_CONTENTS = frozenset({"meta", "link", "br", "hr", "img", "input", "area", "base", "col", "wbr"})


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.policy = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "img", "iframe", "object", "embed", "base", "form", "link", "svg"):
            self.faults.append(f"<{tag} {given}>")
        if given.get("http-equiv", "").lower() == "content-security-policy":
            self.policy = given["content"]
        for name, value in given.items():
            if name.startswith("on") or (
                name in ("href", "src") and ":" in value.split("/")[0].split("#")[0]
            ):
                self.faults.append(f"{tag} {name}={value}")


def assert_harmless(path: Path) -> None:
    """A page with nothing active in it, that would also be forbidden to run or to fetch anything."""
    page = Page(path.read_text(encoding="utf-8"))
    assert (path.name, page.faults) == (path.name, [])
    assert page.policy.startswith("default-src 'none'")
    assert "script-src" not in page.policy
    assert "http" not in page.policy


def cells(path: Path) -> Iterator[str]:
    """The cells of a table."""
    for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))):
        yield from row


def poisoned(scene: Scene) -> None:
    """Let the source say in all of its texts what a browser or a spreadsheet would run."""
    companies = [
        dataset.company(n, __name=f"{FORMULA if n % 2 else ''}{SCRIPT} {n}", about=SCRIPT, _address=FORMULA)
        for n in range(6)
    ]
    companies.append(dataset.company(6, _website=SCRIPT, _email=[{"type": "work", "email": f"{SCRIPT}@x"}]))
    app = {**dataset.PARTS_APP, "name": f"<img src=x onerror=1>{MARK}", "elementName": f"={MARK}"}
    stamp = {"__updatedAt": "2024-01-01T00:00:00.5Z"}
    process = {"namespace": "trust", "code": "p", "__name": SCRIPT, "name": SCRIPT}
    scene.source.seed(
        {"apps": [app], "items": {dataset.COMPANIES: [c | stamp for c in companies]}, "processes": [process]}
    )


COMMANDS = (
    "discover",
    "map propose --overwrite --automations pause",
    "map confirm --by <script>Test</script>",
    "run --dry-run",
    "run",
    "reconcile --spot 100",
    "report",
    "handoff",
    "cutover",
)


def test_no_page_and_no_table_runs_what_a_source_says(scene_at: Callable[[str], Scene]) -> None:
    scene = scene_at("confirmed")
    poisoned(scene)

    for line in COMMANDS:
        done = scene.call(*line.split())
        assert done.code in (OK, FOUND, REFUSED), (line, done.err[-1500:])

    folder = scene.project.folder
    pages, tables = sorted(folder.rglob("*.html")), sorted(folder.rglob("*.csv"))
    assert len(pages) >= 3
    assert len(tables) >= 3
    assert [p.name for p in pages if MARK in p.read_text(encoding="utf-8")], "the names are in no page"
    for path in pages:
        assert_harmless(path)
    assert [p.name for p in tables if MARK in p.read_text(encoding="utf-8")], "the names are in no table"
    found = [(p.name, cell) for p in tables for cell in cells(p) if cell.startswith(DANGEROUS)]
    assert [(name, cell) for name, cell in found if MARK in cell or cell[0] in "=@"] == []


def test_a_template_escapes_what_it_is_given() -> None:
    step = {"title": SCRIPT, "state": SCRIPT, "at": None, "by": SCRIPT, "note": SCRIPT, "run": SCRIPT}
    data = {
        "project": SCRIPT,
        "destination": SCRIPT,
        "started": None,
        "done": False,
        "steps": [step],
        "sheet": SCRIPT,
    }

    page = Page(render("cutover.html", data))

    assert page.faults == []
    assert page.policy.startswith("default-src 'none'")


@pytest.mark.parametrize("sign", DANGEROUS)
@pytest.mark.parametrize("place", ["{}1+1", "{}cmd|' /C calc'!A0", "'{}1", "{}"])
def test_a_cell_that_a_spreadsheet_would_run_is_a_text(tmp_path: Path, sign: str, place: str) -> None:
    text = place.format(sign)
    path = write_rows(tmp_path / "rows.csv", ("a", "b"), [(text, f'x"{sign}y,{sign}z')])

    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))

    assert rows[1][0] == f"'{text}" == plain_cell(text)
    assert len(rows) == 2
    assert len(rows[1]) == 2


TEMPLATES = sorted((Path(documents.__file__).parent / "templates").glob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_takes_a_text_as_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"\|\s*safe\b|autoescape|Markup|<script|\son\w+=|javascript:", text)
    assert path.name in ("base.html", "parts.html") or '{% extends "base.html" %}' in text
