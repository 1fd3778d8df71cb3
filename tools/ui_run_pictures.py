"""Make the pictures of docs/ui-runs.md: `python tools/ui_run_pictures.py PROJECT docs/ui`.

PROJECT is a folder that `make demo` left. A field of its first route is dropped and the map goes back to
what was confirmed, and everything is compared again, so that there is something to see.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, sync_playwright
from tools.ui_pictures import PHONE, WIDE, opened, served

from conftest import chromium


def crossdock(project: Path, *arguments: str) -> Any:
    """The answer of a command."""
    command = [str(Path(sys.executable).with_name("crossdock")), "-C", str(project), "--json", *arguments]
    return json.loads(subprocess.run(command, capture_output=True, check=False).stdout)  # noqa: S603 our own


def pictures(browser: Browser, address: str, folder: Path, version: int) -> None:
    """All pictures of runs, findings, queues, versions and undoing."""
    base = address.partition("/start")[0]
    page = opened(browser, address, WIDE)

    def take(name: str, path: str = "") -> None:
        if path:
            page.goto(base + path)
        page.screenshot(path=folder / f"{name}.png")

    page.goto(f"{base}/runs")
    page.get_by_role("row", name=" run done ").get_by_role("link").first.click()
    take("run")
    take("findings", "/findings?kind=")
    take("queues", "/queues")
    take("versions", f"/versions/difference?a=now&b={version}")
    page.get_by_role("button", name="Go back to it").click()
    page.goto(f"{base}/undo")
    page.get_by_role("button", name="Show what it would do").click()
    page.get_by_role("heading", name="Do it").wait_for()
    take("undo")
    page.goto(f"{base}/begin?what=reconcile")
    page.get_by_role("button", name="Start it").click()
    page.goto(f"{base}/now")
    page.locator(".parts li").first.wait_for()
    take("now")
    small = opened(browser, address, PHONE, dark=True)
    small.goto(f"{base}/queues")
    small.screenshot(path=folder / "queues-phone.png")
    page.get_by_text("No command works on it now").wait_for()


def main(project: Path, folder: Path) -> None:
    """Serve the project and take the pictures."""
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    route = crossdock(project, "map", "show")["objects"][0]["name"]
    line = crossdock(project, "map", "show", route)["lines"][0]["field"]
    confirmed = [
        v["number"] for v in crossdock(project, "map", "versions")["versions"] if v["why"] == "confirmed"
    ]
    crossdock(project, "map", "drop", route, line)
    with served(project) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        pictures(browser, address, folder, confirmed[-1])
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
