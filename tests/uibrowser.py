"""A real browser on the pages of `crossdock ui`: fixtures for the tests of the pages.

`acme("confirmed")` gives a scene (tests/harness.py has the stages), `ui = serve(scene.project)` serves its
pages, `ui.open("/map")` gives a playwright page that has been through the start address. Pages are served by
this process, so that what they do is measured; `serve(project, process=True)` is `crossdock ui` itself.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from tests.destinations import DESTINATIONS
from tests.harness import Launcher, Scene, Stages

from conftest import chromium
from crossdock.database import sqlite_url
from crossdock.staging import Staging
from crossdock.testing.commands import Project
from crossdock.ui.desk import Desk
from crossdock.ui.serving import bind, pages_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@dataclass
class Ui:
    """The pages of one project, and the browser windows on them."""

    project: Project
    browser: "Browser"
    address: str
    stop: Callable[[], int | None]
    code: int | None = None
    _windows: "list[BrowserContext]" = field(default_factory=list)

    @property
    def base(self) -> str:
        """Where the pages are, without the token."""
        return self.address.partition("/start")[0]

    def open(self, path: str = "/", *, size: dict[str, int] = WIDE, **more: Any) -> "Page":
        """A page in a window of its own. `size`: WIDE or PHONE; `more` as `Browser.new_context` takes it."""
        context = self.browser.new_context(viewport=size, **more)  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        self._windows.append(context)
        page = context.new_page()
        page.goto(self.address)
        if path != "/":
            page.goto(self.base + path)
        return page

    def end(self) -> int | None:
        """Ctrl-C; its exit code."""
        for context in self._windows:
            context.close()
        self._windows.clear()
        if self.code is None:
            self.code = self.stop()
        return self.code


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """The system's Chromium, headless. One for each module: while it is there an event loop runs in this
    thread, and other tests start one of their own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-dev-shm-usage"] if os.geteuid() == 0 else []
        started = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield started
        started.close()


@pytest.fixture
def acme(launcher: Launcher, house: Path, all_stages: dict[str, Stages]) -> Iterator[Callable[[str], Scene]]:
    """Gives a copy of a stage (`confirmed`, `provisioned`, `loaded`) of one destination."""
    there = DESTINATIONS[0]
    stages = all_stages.setdefault(there.platform, Stages(launcher, house / there.platform, there))
    opened: list[Scene] = []

    def give(stage: str) -> Scene:
        opened.append(stages.scene(stage))
        return opened[-1]

    yield give
    for scene in opened:
        scene.close()


@pytest.fixture
def serve(browser: "Browser", monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Ui]]:
    """Serves the pages of a project in a thread; ended with the test. `process`: by the command instead."""
    started: list[Ui] = []

    def start(project: Project, *, process: bool = False) -> Ui:
        for name, value in project.keys.items():
            monkeypatch.setenv(name, value)
        started.append((ui_of if process else _served)(project, browser))
        return started[-1]

    yield start
    for ui in started:
        ui.end()


def _served(project: Project, browser: "Browser") -> Ui:
    listener, ready = bind(0), Event()
    server, address = pages_of(Desk(project.folder), listener, ready.set)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})

    def end() -> int:
        server.should_exit = True
        thread.join(20)
        listener.close()
        return int(thread.is_alive())

    thread.start()
    assert ready.wait(20), "the pages are not served"
    return Ui(project, browser, address, end)


def ui_of(project: Project, browser: "Browser") -> Ui:
    """`crossdock ui` for a project, as soon as it answers. Raises AssertionError if it does not."""
    folder = project.folder.parent
    out, err = folder / "ui.out", folder / "ui.err"
    out.unlink(missing_ok=True)
    argv = ["-C", str(project.folder), "ui", "--no-browser"]
    pid = project.launcher.begin("crossdock", argv, out, err, env=project.keys)

    def end() -> int | None:
        os.kill(pid, signal.SIGINT)
        return project.launcher.wait(pid, 20)

    return Ui(project, browser, _address(out, err), end)


def _address(out: Path, err: Path) -> str:
    if waited_for(lambda: out.exists() and out.read_text().endswith("\n")):
        return out.read_text().strip()
    raise AssertionError(f"crossdock ui does not answer: {err.read_text() if err.exists() else ''}")


def waited_for(true: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait until something is true; False if it does not become so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


def one_key(folder: Path, object_name: str) -> str:
    """The key of the first record of an object, as it is staged."""
    staging = Staging(sqlite_url(folder / ".crossdock" / "staging.db"))
    try:
        page = next(staging.scan("main", object_name, size=1))
    finally:
        staging.close()
    return page[0].record.key
