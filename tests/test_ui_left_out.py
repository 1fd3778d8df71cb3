"""Where there is no Chromium the tests of the pages are left out, said last, and a failure in CI."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = ("core/tests/test_core_map_splice.py", "tests/test_ui_frame.py")


@pytest.mark.parametrize(("workers", "ci", "code"), [(0, "", 0), (1, "", 0), (0, "true", 1)])
def test_what_was_not_run_is_counted_and_said_last(workers, ci, code):
    left = ("PATH", "CROSSDOCK_CHROMIUM", "CI")
    env = {name: value for name, value in os.environ.items() if name not in left} | {"PATH": ""}
    env |= {"CI": ci} if ci else {}
    command = [sys.executable, "-m", "pytest", "-n", str(workers), "-p", "no:cacheprovider", *FILES]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    last = done.stdout.splitlines()[-2:]
    assert done.returncode == code, done.stdout[-2000:]
    assert re.fullmatch(r"[1-9]\d* passed, 0 failed", last[0])
    assert re.match(r"not run: browser, [1-9]\d* tests \(apt-get install chromium", last[1])
