"""Undoing in the browser: first what it would do, then by name, then proved."""

from tests.uibrowser import PHONE
from tests.uiplain import fits

JOB = 60_000  # milliseconds that a command may take on a busy machine


def test_a_run_is_previewed_undone_by_name_and_proved(acme, serve):
    scene = acme("loaded")
    page = serve(scene.project).open("/undo", size=PHONE)
    before = scene.dump()
    assert fits(page)

    page.get_by_role("button", name="Show what it would do").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Do it").wait_for(timeout=JOB)
    page.get_by_text("would be undone").first.wait_for()
    assert fits(page)
    assert scene.dump() == before

    page.get_by_label("To undo it, type the project's name").fill("other")
    page.keyboard.press("Enter")
    page.get_by_text("Nothing was started").wait_for()
    page.get_by_label("To undo it, type the project's name").fill("acme")
    page.keyboard.press("Enter")

    page.get_by_text("Proved:").wait_for(timeout=JOB)
    page.get_by_text("0 differ from before").wait_for()
    assert scene.call("status").json[-1]["state"] == "rolled back"
