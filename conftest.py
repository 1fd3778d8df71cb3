"""What holds for every test run here: hypothesis without clocks, no skips, a plain last line."""

import os
import shutil
from collections.abc import Iterator
from typing import Any, Final

import hypothesis
import pytest

# A slow machine is no defect: examples have no deadline.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")

_PASSED = ("passed",)
# A skipped test proves nothing, and an unexpected pass means that nobody looked: both count as failed.
_FAILED = ("failed", "error", "skipped", "xfailed", "xpassed")


BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_LEFT_OUT: Final = pytest.StashKey[int]()


def chromium() -> str | None:
    """The system's Chromium, None if there is none; CROSSDOCK_CHROMIUM names one in another place."""
    named = os.environ.get("CROSSDOCK_CHROMIUM")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that need a browser where there is none; how many is said at the end."""
    if chromium() is not None:
        return
    wanting = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    if wanting:
        config.stash[_LEFT_OUT] = len(wanting)
        items[:] = [item for item in items if item not in wanting]
        config.hook.pytest_deselected(items=wanting)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker tells how many tests it left out: all workers collect the same ones."""
    left_out = getattr(node, "workeroutput", {}).get("browser", 0)
    node.config.stash[_LEFT_OUT] = max(left_out, node.config.stash.get(_LEFT_OUT, 0))


def _counts(config: pytest.Config) -> tuple[int, int] | None:
    """Tests passed and failed; None in a worker, which has no report of its own."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput") or config.option.collectonly:
        return None
    passed, failed = (
        sum(len(reporter.stats.get(word, ())) for word in words) for words in (_PASSED, _FAILED)
    )
    return passed, failed


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Fail a run that skipped something; in continuous integration also one that left something out."""
    left_out = session.config.stash.get(_LEFT_OUT, 0)
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["browser"] = left_out
    counts = _counts(session.config)
    if left_out and os.environ.get("CI") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if counts and counts[1] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    yield


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say `N passed, N failed` last."""
    counts = _counts(config)
    if counts is not None:
        print(f"{counts[0]} passed, {counts[1]} failed", flush=True)  # noqa: T201 read by .ci/run
    if counts is not None and (left_out := config.stash.get(_LEFT_OUT, 0)):
        how = "apt-get install chromium, or CROSSDOCK_CHROMIUM=path"
        print(f"not run: browser, {left_out} tests ({how})", flush=True)  # noqa: T201 the same
