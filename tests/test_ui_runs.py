"""Runs in the browser: what a run came to, its report, starting one and watching it."""

from tests.uibrowser import PHONE
from tests.uiplain import fits

JOB = 60_000  # milliseconds that a command may take on a busy machine


def test_a_run_is_started_by_name_watched_and_says_what_came_of_it(acme, serve):
    scene = acme("loaded")
    ui = serve(scene.project)
    page = ui.open("/begin", size=PHONE)
    assert fits(page)

    page.get_by_label("Move what was created, changed or deleted").check()
    page.get_by_role("button", name="Start it").click()
    assert page.get_by_role("alert").inner_text().startswith("Nothing was started")
    page.get_by_label("To write, type the project's name").fill("acme")
    page.keyboard.press("Enter")

    page.get_by_role("link", name="To the page of this run").click(timeout=JOB)
    assert page.get_by_role("heading", level=1).inner_text().startswith("Delta")
    page.get_by_role("row", name="_clients._companies>company").first.wait_for()
    assert fits(page)
    assert scene.call("status").json[-1]["kind"] == "delta"

    page.get_by_role("button", name="Write").click()
    page.get_by_role("link", name="To the page of this run").click(timeout=JOB)
    page.get_by_role("link", name="The report as a page").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Delta")
    assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none"  # its own styles hold


def test_a_run_of_another_process_is_seen_live_and_ends_without_a_reload(acme, serve):
    scene = acme("loaded")
    page = serve(scene.project).open("/now")
    page.get_by_text("No command works on it now").wait_for()

    scene.destination.fault(kind="slow", seconds=0.4, times=None)
    pid = scene.project.begin("reconcile")
    page.get_by_role("heading", name="crossdock reconcile").wait_for(timeout=JOB)
    page.get_by_text("has not ended").wait_for()
    assert page.locator(".parts li").count()

    scene.destination.ask("DELETE", "/_sandbox/faults")
    scene.project.ended(pid)
    page.get_by_text("No command works on it now").wait_for(timeout=JOB)
