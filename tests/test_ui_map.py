"""The review of the map in a browser: seen, changed, tried, confirmed; and what is refused."""

import re

from tests.harness import OK

from crossdock.database import sqlite_url
from crossdock.ledger import Ledger

COMPANY = "/map/object?route=_clients._companies%3Ecompany"


def mapping_of(scene) -> str:
    return (scene.project.folder / "mapping.yaml").read_text(encoding="utf-8")


def test_a_person_goes_through_the_map_and_confirms_it(acme, serve):
    scene = acme("loaded")
    before = mapping_of(scene).splitlines()
    ui = serve(scene.project)
    page = ui.open("/map")
    page.get_by_role("link", name=re.compile("_clients._companies>company")).click()

    line = page.locator("[id='line-domainName']")
    assert "url" in line.inner_text()
    assert "→" in line.inner_text()  # real records, before and after

    line.get_by_role("link", name="Change").click()  # htmx puts the editor under the line
    editor = page.locator(".editor")
    editor.get_by_label("If there is nothing, write").fill("none.example")
    editor.get_by_label("Note at the end of the line").fill("asked Anna")
    editor.get_by_label("If there is nothing, write").press("Tab")
    editor.get_by_text("none.example").or_(editor.get_by_text("as this line would")).first.wait_for()
    editor.get_by_role("button", name="Save").click()
    page.get_by_text("Saved:").wait_for()

    after = mapping_of(scene).splitlines()
    changed = [line for line in after if line not in before]
    assert len(changed) == 1
    assert "none.example" in changed[0]
    assert changed[0].endswith("# asked Anna")
    assert len(after) >= len(before) - 3  # a line that was folded is one line now

    page.get_by_label("Your name").fill("Anna Petrova")
    page.get_by_role("button", name="It is right").click()
    assert page.get_by_role("status").first.inner_text().endswith("looked at by Anna Petrova.")
    page.goto(ui.base + "/map/confirm")
    page.get_by_text("this changed: the mapping").wait_for()
    page.get_by_label(re.compile("objects that nobody looked at")).check()
    page.get_by_role("button", name="Confirm the map").click()
    page.wait_for_url(f"{ui.base}/")
    ui.end()
    assert scene.project.call("map", "diff").must(OK).json["confirmed_by"] == "Anna Petrova"


def test_where_there_is_no_map_one_is_proposed_and_questions_are_answered(acme, serve):
    scene = acme("confirmed")
    (scene.project.folder / "mapping.yaml").unlink()
    ui = serve(scene.project)
    page = ui.open("/map")
    page.get_by_role("button", name="Propose a map").click()
    page.get_by_text("A map is proposed").wait_for()

    page.get_by_role("button", name="Decide history", exact=True).scroll_into_view_if_needed()
    card = page.locator("form", has=page.get_by_role("button", name="Decide history", exact=True))
    card.get_by_label("Answer").select_option("summarised")
    card.get_by_role("button").click()
    page.get_by_text("Saved: decided: history summarised").wait_for()
    page.get_by_role("link", name=re.compile("_clients._contacts>person$")).click()
    page.get_by_role("button", name="Leave this object out").click()
    page.get_by_text("A decision leaves this route out").wait_for()
    assert "history: summarised" in mapping_of(scene)
    assert 'when: "false"' in mapping_of(scene) or "when: 'false'" in mapping_of(scene)


def test_a_source_field_is_ignored_taken_back_and_kept_as_a_custom_field(acme, serve):
    scene = acme("confirmed")
    ui = serve(scene.project)
    page = ui.open("/map/object?route=_clients._companies%3Ecompany&show=ignored")
    page.get_by_role("button", name="Take __id back").click()
    page.get_by_text("Saved:").wait_for()

    page.goto(ui.base + "/map/line?route=_clients._companies%3Ecompany&source=__index")
    page.get_by_role("button", name="Make a custom field for it").click()
    page.get_by_text("is made for __index").wait_for()
    assert re.search(r"\n {6}\w+: __index\n", mapping_of(scene))

    page.goto(ui.base + "/map/line?route=_clients._companies%3Ecompany&source=__id")
    page.get_by_role("button", name="Nobody wants it").click()
    page.get_by_text("__id ignored").wait_for()
    page.goto(ui.base + "/")
    page.get_by_role("button", name="Look at both platforms again").click()
    page.get_by_text("Looked at both sides").wait_for()
    page.goto(ui.base + "/nowhere")
    assert page.get_by_role("alert").inner_text() == "There is no such page."


def test_what_changed_since_the_page_was_made_is_shown_and_not_lost(acme, serve):
    scene = acme("confirmed")
    ui = serve(scene.project)
    page = ui.open(COMPANY)
    page.locator("[id='line-name']").get_by_role("link", name="Change").click()
    scene.project.call("map", "set", "_clients._companies>company", "annualRevenue", "--required").must(OK)
    theirs = mapping_of(scene)
    page.locator(".editor").get_by_label("If there is nothing, write").fill("nameless")
    page.locator(".editor").get_by_role("button", name="Save").click()

    page.get_by_role("heading", name="The map changed meanwhile").wait_for()
    assert mapping_of(scene) == theirs
    assert "nameless" in page.get_by_role("region", name="What you wanted").inner_text()
    assert "annualRevenue" in page.get_by_role("region", name="What was changed meanwhile").inner_text()

    page.get_by_role("button", name="Make my change").click()
    page.get_by_text("Saved:").wait_for()
    assert "nameless" in mapping_of(scene)
    assert "required: true" in mapping_of(scene).partition("annualRevenue:")[2].partition("\n")[0]


def test_while_another_process_writes_the_map_can_be_read_and_not_changed(acme, serve):
    scene = acme("confirmed")
    ui = serve(scene.project)
    page = ui.open(COMPANY)
    before = mapping_of(scene)
    other = Ledger(sqlite_url(scene.project.folder / ".crossdock" / "ledger.db"))
    other.hold()
    page.locator("[id='line-name']").get_by_role("link", name="Change").click()
    page.get_by_role("button", name="Drop name").click()
    page.get_by_role("alert").wait_for()
    assert "another process is writing" in page.get_by_role("alert").inner_text()
    page.goto(ui.base + COMPANY)
    page.locator("[id='line-name']").wait_for()
    other.close()
    assert mapping_of(scene) == before


def test_one_record_is_tried_from_the_source_to_what_the_destination_says(acme, serve):
    scene = acme("loaded")
    there = scene.dump()
    ui = serve(scene.project)
    page = ui.open("/try")
    page.get_by_label(re.compile("Object of the source")).select_option("_clients._companies")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("list", name="Records").get_by_role("link").first.click()
    route = page.get_by_role("region", name="_clients._companies>company")
    assert route.get_by_role("heading").inner_text().endswith("unchanged")
    assert "steps: url" in route.inner_text()
    assert scene.dump() == there


def test_by_keyboard_alone_a_line_is_found_and_changed(acme, serve):
    scene = acme("confirmed")
    ui = serve(scene.project)
    page = ui.open(COMPANY)
    page.keyboard.press("/")
    page.keyboard.type("domainName")
    page.get_by_text(re.compile("^1 of ")).wait_for()
    _tab_to(page, "Change domainName")
    page.keyboard.press("Enter")
    page.locator(".editor").wait_for()
    page.wait_for_function("document.activeElement.name === 'from'")
    for _ in range(20):
        if page.evaluate("document.activeElement.name") == "default":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("by.keyboard")
    page.keyboard.press("Enter")
    page.get_by_text("Saved:").wait_for()
    assert "by.keyboard" in mapping_of(scene)
    assert page.evaluate("document.activeElement.id") == "line-domainName"


def _tab_to(page, label: str) -> None:
    for _ in range(30):
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == label:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{label} is not reached by the Tab key")


def test_an_object_of_500_fields_is_searched_and_changed(acme, serve):
    scene = acme("confirmed")
    fields = [{"code": f"wide_{n}", "type": "STRING", "name": f"Поле {n}"} for n in range(500)]
    app = {
        "namespace": "trust",
        "code": "wide",
        "name": "Широкие",
        "elementName": "Широкая",
        "fields": fields,
    }
    item = {"__id": "0d000000-0000-4000-8000-000000000001", "__name": "W", "wide_137": "Значение 137"}
    scene.source.seed({"apps": [app], "items": {"trust.wide": [item]}})
    with scene.project.edited("crossdock.yaml") as document:
        document["sources"][0]["applications"].append("trust.wide")
    scene.project.call("map", "propose", "--overwrite", "--automations", "pause").must(OK)
    ui = serve(scene.project)
    page = ui.open("/map")
    page.get_by_role("link", name=re.compile("Review trust.wide>")).click()
    page.wait_for_load_state()
    assert page.locator("li[id^='line-wide']").count() == 500

    page.get_by_role("searchbox").fill("поле 137")
    page.get_by_text(re.compile("^1 of 5")).wait_for()
    line = page.locator("[id='line-wide137']")
    assert "Значение 137" in line.inner_text()
    line.get_by_role("link", name="Change").click()
    page.get_by_label("If there is nothing, write").fill("none")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved:").wait_for()
    assert re.search(r"wide137: \{from: wide_137, default: none\}", mapping_of(scene))
