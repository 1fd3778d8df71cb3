"""What holds for every test run here: hypothesis without clocks, no skips, a plain last line."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

# A slow machine is no defect: examples have no deadline.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")

_PASSED = ("passed",)
# A skipped test proves nothing, and an unexpected pass means that nobody looked: both count as failed.
_FAILED = ("failed", "error", "skipped", "xfailed", "xpassed")


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
    """Fail a run that skipped something."""
    counts = _counts(session.config)
    if counts and counts[1] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    yield


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say `N passed, N failed` last."""
    counts = _counts(config)
    if counts is not None:
        print(f"{counts[0]} passed, {counts[1]} failed", flush=True)  # noqa: T201 read by .ci/run
