"""Findings in the browser: both sides beside each other, filtered, a page at a time."""

import pytest
from tests.uibrowser import PHONE
from tests.uiplain import fill_findings, fits


@pytest.fixture
def ui(plain, serve):
    project = plain()
    fill_findings(project.folder)
    return serve(project)


def test_source_and_destination_are_side_by_side_and_filtered_on_the_server(ui):
    page = ui.open("/findings")

    first = page.locator(".findings li").first
    assert first.locator("dt").all_inner_texts() == ["Should be, by the source", "Is at the destination"]
    assert first.locator("dd").all_inner_texts() == ["Казань 0", "<b>Tula</b> 0"]
    assert page.locator(".findings li").count() == 50
    page.get_by_text("1 to 50 of 334 findings").first.wait_for()

    page.get_by_label("What", exact=True).select_option("edited there since")
    page.get_by_label("Object").select_option("company")
    page.get_by_role("button", name="Show").click()
    page.wait_for_load_state()
    page.get_by_text("1 to 50 of 84 findings").first.wait_for()
    page.get_by_role("link", name="Next").first.click()
    page.wait_for_load_state()
    page.get_by_text("51 to 84 of 84 findings").first.wait_for()
    assert set(page.locator(".findings .badge").all_inner_texts()) == {"edited there since"}


def test_on_a_phone_and_by_keyboard_a_text_is_found(ui):
    page = ui.open("/findings", size=PHONE)
    assert fits(page)

    page.keyboard.press("/")
    page.keyboard.type("there-499")
    page.keyboard.press("Enter")

    page.wait_for_url("**q=there-499*")
    assert page.locator(".findings li").count() == 1
    sides = [box["y"] for box in (side.bounding_box() for side in page.locator(".sides > div").all())]
    assert sides[0] < sides[1]  # one below the other
    assert fits(page)
