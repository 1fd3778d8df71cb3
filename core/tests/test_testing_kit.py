"""The conformance kit: a sound connector passes it, and each broken one turns it red."""

import sys
from pathlib import Path

import pytest
from core.tests.tiny_connector import BROKEN, CAN

from crossdock.capabilities import Capability
from crossdock.testing import Existing, People, Target, destination_suite, examine
from crossdock.testing.registry import CHECKS
from crossdock.testing.source import install

ROOT = Path(__file__).resolve().parents[2]
CONNECTOR, SERVER = "core.tests.tiny_connector", "core.tests.tiny_server:TinySandbox"
WATCHED = {
    "drops": ("every_record_has_exactly_one_outcome",),
    "repeats": ("a_fault_on_the_way_changes_nothing_in_the_end",),
    "swallows": ("an_update_of_what_is_gone_says_so",),
    "lies": ("the_catalog_counts_what_is_there",),
    "leaks": ("no_secret_is_in_any_file_or_output",),
    "forgets": ("after_a_rollback_everything_is_as_before",),
    "hides": ("a_batch_gets_one_receipt_a_record",),
}
"""What each broken connector fails, among others; the sound one passes all of these."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the tiny platform is installed, the broken connectors under names of their own."""
    names = {"tiny": f"{CONNECTOR}:TinyDestination"}
    names |= {name: f"{CONNECTOR}:{broken.__name__}" for name, broken in BROKEN.items()}
    sandboxes = dict.fromkeys(names, SERVER)
    points = {"crossdock.destinations": names, "crossdock.sandboxes": sandboxes}
    return install(tmp_path_factory.mktemp("tiny") / "site", points, "tiny-platform")


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, ...]:
    """The module path that knows the tiny platform, in this process too."""
    monkeypatch.syspath_prepend(str(site))
    return site, ROOT


def target(name: str = "tiny") -> Target:
    return Target(
        name,
        Existing("client", title="name", match="code"),
        People("person", match="mail", known="anna@tiny.example"),
        frozenset(CAN),
        settings={"batch_size": 4},
        reads=r"^(GET .*|POST /objects/\w+/find)$",
    )


def test_a_sound_connector_passes(installed: tuple[Path, ...]):
    found = list(examine(target(), path=installed, quick=True))
    assert [verdict for verdict in found if verdict.problem] == []
    assert len(found) > 40


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_connector_turns_it_red(installed: tuple[Path, ...], name: str):
    found = list(examine(target(name), path=installed, only=WATCHED[name]))
    assert [verdict.name for verdict in found if verdict.problem]


def test_checks_of_what_is_not_claimed_are_left_out_with_the_reason():
    suite = destination_suite(target())
    trash = [check.name for check in CHECKS if Capability.TRASH in check.needs]
    assert {name: suite.left_out[name] for name in trash} == dict.fromkeys(
        trash, "the destination does not claim trash"
    )
    assert not [name for name in vars(suite) if any(left in name for left in suite.left_out)]


def test_every_other_check_is_a_test_of_its_own():
    suite = destination_suite(target())
    tests = [name for name in vars(suite) if name.startswith("test_")]
    wanted = [t for check in CHECKS if check.name not in suite.left_out for t, _ in check.titles()]
    assert tests == wanted


def test_it_needs_no_test_runner():
    import subprocess

    code = "import sys, crossdock.testing.suite; sys.exit(bool({'pytest', 'hypothesis'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
