"""Rows as tests: which row a test is about, the migration it looks at, and its result for `run.py`."""

import json
import os
from collections.abc import Callable, Generator, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from acceptance.harness import Pair, Sandboxes, migrated
from acceptance.slices import Slice

PAIR_OF = {"ET": "elma365-twenty", "EO": "elma365-odoo", "CT": "cetec-twenty", "AT": "ascora-twenty"}
"""The pair that a row is about, by the letters of its id; P and G rows are about all of them."""


def curated_pairs(source: str = "", destination: str = "") -> list[str]:
    """The curated mappings of the installed plugins (from a source, to a destination): `elma365-twenty`.

    A name with a dot is no pair: what stands behind it belongs to the demo.
    """
    found = entry_points(group="crossdock.mappings")
    names = sorted({entry.name for entry in found if "." not in entry.name})
    ends = [(name, *name.split("-")) for name in names]
    return [name for name, own, there in ends if source in ("", own) and destination in ("", there)]


def _about(item: pytest.Item) -> list[str]:
    """The curated pairs that a test is about, by its markers."""
    markers = {name: item.get_closest_marker(name) for name in ("source", "destination")}
    return curated_pairs(**{name: marker.args[0] for name, marker in markers.items() if marker})


def _row(item: pytest.Item) -> str:
    return item.name.split("_")[1] if item.name.startswith("test_") else ""


def _pair(item: pytest.Item) -> str:
    """The pair that a test is about; "" if it is about none."""
    params = getattr(getattr(item, "callspec", None), "params", {})
    return str(params.get("pair_name") or PAIR_OF.get(_row(item)[:2], ""))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the wanted rows, and say which tests have to run in one process."""
    wanted = set(filter(None, os.environ.get("ACCEPTANCE_ROWS", "").split(",")))
    dropped = [i for i in items if (wanted and _row(i) not in wanted) or _about_no_pair(i)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in dropped]
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    """Tests of one group look at the same migration: the shared one of a pair, or one of their module."""
    if _shares(item):
        return f"shared {_pair(item)}"
    lasting = "lasting_sandboxes" in getattr(item, "fixturenames", ())
    return f"{item.path.stem} {_pair(item)}" if lasting else item.name


def _about_no_pair(item: pytest.Item) -> bool:
    """Whether a test is about pairs for which no curated mapping is installed."""
    params = getattr(getattr(item, "callspec", None), "params", {})
    return not isinstance(params.get("pair_name", ""), str)


def _shares(item: pytest.Item) -> bool:
    return "shared" in getattr(item, "fixturenames", ())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A P or G row runs once for each curated mapping that it is about."""
    if "pair_name" in metafunc.fixturenames:
        metafunc.parametrize("pair_name", _about(metafunc.definition), scope="session")


def pytest_configure(config: pytest.Config) -> None:
    """The markers that limit a test to the pairs with one source, or one destination."""
    config.addinivalue_line("markers", "source(platform): the test is about this source only")
    config.addinivalue_line("markers", "destination(platform): the test is about this destination only")


@pytest.fixture(scope="session")
def lasting_sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandboxes]:
    """Starts sandboxes in processes of their own, for migrations that several tests look at."""
    started = Sandboxes(tmp_path_factory.mktemp("sandboxes"))
    yield started
    started.stop()


@pytest.fixture
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandboxes]:
    """Starts sandboxes for one test and ends them after it."""
    started = Sandboxes(tmp_path_factory.mktemp("sandboxes"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def migrations(
    request: pytest.FixtureRequest, lasting_sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], "Pair[Any]"]:
    """By pair one migration with the data of every selected row that looks at it, run when asked for."""
    done: dict[str, Pair[Any] | None] = {}

    def migration(pair_name: str) -> Pair[Any]:
        if pair_name not in done:
            done[pair_name] = None
            slices = _slices(request.session.items, pair_name)
            folder = tmp_path_factory.mktemp("project")
            done[pair_name] = migrated(lasting_sandboxes, folder, slices, pair_name)
        found = done[pair_name]
        assert found, f"the shared migration of {pair_name} did not come to its end"
        return found

    return migration


def _slices(items: list[pytest.Item], pair_name: str) -> list[Slice]:
    """The data of the tests that look at the shared migration of a pair, each once."""
    slices: dict[str, Slice] = {}
    for item in items:
        module: Any = getattr(item, "module", None)
        if _shares(item) and _pair(item) == pair_name:
            for own in getattr(module, "SLICES", {}).get(_row(item), ()):
                slices[own.name] = own
    return list(slices.values())


@pytest.fixture
def shared(request: pytest.FixtureRequest, migrations: Callable[[str], "Pair[Any]"]) -> "Pair[Any]":
    """The shared migration of the pair that the row is about."""
    return migrations(_pair(request.node))


@pytest.fixture
def pair(pair_name: str, shared: "Pair[Any]") -> "Pair[Any]":
    """The shared migration of a curated pair."""
    return shared


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write one line a finished test for `run.py`."""
    report = yield
    times = item.stash.setdefault(_TIMES, {})
    times[report.when] = report
    if report.when == "teardown" and (path := os.environ.get("ACCEPTANCE_RESULTS")):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(_result(item, times)) + "\n")
    return report


_TIMES = pytest.StashKey[dict[str, pytest.TestReport]]()


def _result(item: pytest.Item, reports: dict[str, pytest.TestReport]) -> dict[str, Any]:
    call = reports.get("call")
    params = getattr(getattr(item, "callspec", None), "params", {})
    return {
        "row": _row(item),
        "passed": call is not None and all(report.passed for report in reports.values()),
        "records": int(str(dict(item.user_properties).get("records", 0))),
        "seconds": sum(report.duration for report in reports.values()),
        "pair": params.get("pair_name", ""),
        "pairs": _pairs(item) if "pair_name" in params else 0,
    }


def _pairs(item: pytest.Item) -> int:
    """For how many pairs the row has to hold: a P row for all, whatever its single tests are about."""
    return len(curated_pairs() if _row(item).startswith("P") else _about(item))
