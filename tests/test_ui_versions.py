"""Versions of the map in the browser: what differs as a person reads it, and back to one."""

from tests.uibrowser import PHONE
from tests.uiplain import fits

from crossdock.config import load_project
from crossdock.mapversions import Why, keep_version, versions_of

MAP = """\
source: elma365
destination: twenty
objects:  # a remark
  - from: firms
    to: company
    fields:
      name: title
      site: {from: web, steps: [url]}
"""


def test_what_differs_is_told_route_by_route_and_a_version_comes_back(plain, serve):
    project = load_project(plain_folder := (made := plain()).folder)
    project.mapping.write_text(MAP)
    keep_version(project, Why.CONFIRMED, "Anna Petrova")
    project.mapping.write_text(MAP.replace("name: title", "label: title").replace("[url]", "[url, lower]"))
    page = serve(made).open("/versions", size=PHONE)
    assert fits(page)
    page.get_by_role("cell", name="Anna Petrova").wait_for()

    page.get_by_role("link", name="What changed").click()
    page.wait_for_load_state()
    cells = [row.inner_text().split("\t") for row in page.locator("tbody tr").all()]
    page.get_by_role("heading", name="firms>company").wait_for()
    assert cells == [
        ["mapped elsewhere", "label", "name", "label"],
        ["steps", "site", "url", "url, lower"],
    ]
    assert fits(page)

    page.goto(page.url.partition("?")[0].removesuffix("/difference"))
    page.get_by_role("link", name="to version 1").click()
    page.get_by_label("Your name").fill("Ivan")
    page.keyboard.press("Enter")
    page.get_by_text("mapping.yaml is as in version 1").wait_for()
    assert (plain_folder / "mapping.yaml").read_text() == MAP
    assert [(v.why, v.by) for v in versions_of(project)][2:] == [(Why.RESTORED, "Ivan")]
