"""Queues in the browser: decided there, written as the files are, nobody's decision lost."""

import csv

import pytest
from tests.uibrowser import PHONE
from tests.uiplain import fill_queue, fits


@pytest.fixture
def project(plain):
    return plain()


def decisions(path):
    with path.open(newline="", encoding="utf-8") as file:
        return {row["key"]: row["decision"] for row in csv.DictReader(file) if row["decision"]}


def test_lines_are_decided_and_what_others_decided_meanwhile_stays(project, serve):
    path = fill_queue(project.folder, "duplicates", 3)
    with path.open("a") as file:
        file.write("main,firms,key-9,broken,perhaps\n")
    page = serve(project).open("/queues")
    page.get_by_text("'perhaps' is no decision here").first.wait_for()

    project.decide("duplicates", {"key-1": "skip"})  # in a spreadsheet, while the page is open
    page.get_by_label("Decision").nth(0).select_option("merge")
    page.get_by_label("Decision").nth(1).select_option("load")
    page.get_by_role("button", name="Write the decisions").click()

    page.get_by_text("1 decision written to queues/duplicates.csv.").wait_for()
    page.get_by_text("somebody else decided it meanwhile, it says skip").wait_for()
    assert decisions(path) == {"key-0": "merge", "key-1": "skip", "key-9": "perhaps"}


def test_five_hundred_lines_are_decided_by_filter_and_by_keyboard_on_a_phone(project, serve):
    path = fill_queue(project.folder, "duplicates")
    page = serve(project).open("/queues?object=firms&q=key-49", size=PHONE)
    page.get_by_text("1 to 6 of 6 lines").first.wait_for()
    assert fits(page)

    choice = page.get_by_label("For each open line above that has no decision")
    choice.focus()
    page.keyboard.type("skip")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.get_by_text("6 decisions written").wait_for()
    assert sorted(decisions(path)) == ["key-49", "key-491", "key-493", "key-495", "key-497", "key-499"]
    assert set(decisions(path).values()) == {"skip"}
    assert "q=key-49" in page.url  # the same lines as before
    page.goto(page.url.partition("?")[0])
    page.get_by_text("1 to 50 of 500 lines").first.wait_for()
