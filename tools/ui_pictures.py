"""Make the pictures of docs/ui.md: `python tools/ui_pictures.py PROJECT docs/ui`.

PROJECT is a folder that `make demo` left; its sandboxes are started again if need be. Needs a Chromium (found
as the tests find it). Each picture is a page as it is served, small enough for a repository.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, Page, sync_playwright

from conftest import chromium

WIDE: Final = (1000, 720)
PHONE: Final = (390, 760)
OBJECT: Final = "_clients._leads>opportunity"


@contextmanager
def served(project: Path) -> Iterator[str]:
    """The start address of `crossdock ui` for a project, ended afterwards."""
    command = [str(Path(sys.executable).with_name("crossdock")), "-C", str(project), "ui", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 our own command
    try:
        if process.stdout is None or not (address := process.stdout.readline().strip()):
            raise SystemExit("crossdock ui does not answer")
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def opened(browser: Browser, address: str, size: tuple[int, int], *, dark: bool = False) -> Page:
    """A window that has been through the start address."""
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
    )
    page.set_default_timeout(120_000)
    page.goto(address)
    return page


def pictures(browser: Browser, address: str, folder: Path) -> None:
    """All pictures of the review of the map."""
    base = address.partition("/start")[0]
    page = opened(browser, address, WIDE)
    route = quote(OBJECT, safe="")

    def take(name: str, path: str = "") -> None:
        if path:
            page.goto(base + path)
        page.screenshot(path=folder / f"{name}.png")

    take("start", "/")
    take("map", "/map")
    take("object", f"/map/object?route={route}")
    page.get_by_role("link", name="Change stage").click()
    page.get_by_text("as this line would convert them").wait_for()
    page.locator(".editor").scroll_into_view_if_needed()
    take("line")
    take("confirm", "/map/confirm")
    page.goto(f"{base}/try?object={quote(OBJECT.partition('>')[0])}")
    page.get_by_role("list", name="Records").get_by_role("link").first.click()
    page.get_by_role("region", name=OBJECT).wait_for()
    take("try")
    small = opened(browser, address, PHONE, dark=True)
    small.goto(f"{base}/map/object?route={route}")
    small.screenshot(path=folder / "phone.png")


def main(project: Path, folder: Path) -> None:
    """Serve the project and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with served(project) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        pictures(browser, address, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
