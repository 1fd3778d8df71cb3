"""Rows as tests: which row a test is about, the migration it looks at, and its result for `run.py`."""

import json
import os
from collections.abc import Generator, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from acceptance.harness import Pair, Sandboxes, migrated
from acceptance.slices import Slice


def curated_pairs(destination: str = "") -> list[str]:
    """The curated mappings of the installed plugins, for instance `elma365-twenty`.

    A name with a dot is no pair: what stands behind it belongs to the demo.
    """
    found = entry_points(group="crossdock.mappings")
    names = sorted({entry.name for entry in found if "." not in entry.name})
    return [name for name in names if not destination or name.endswith(f"-{destination}")]


def _row(item: pytest.Item) -> str:
    return item.name.split("_")[1] if item.name.startswith("test_") else ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the wanted rows, and of them the tests of the shared migration or the others (`run.py`)."""
    wanted = set(filter(None, os.environ.get("ACCEPTANCE_ROWS", "").split(",")))
    part = os.environ.get("ACCEPTANCE_PART", "")
    dropped = [
        item
        for item in items
        if (wanted and _row(item) not in wanted) or (part and part != ("shared" if _shares(item) else "own"))
    ]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in dropped]


def _shares(item: pytest.Item) -> bool:
    return "shared" in getattr(item, "fixturenames", ())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A P or G row runs once for each curated mapping that it is about."""
    if "pair_name" in metafunc.fixturenames:
        about = metafunc.definition.get_closest_marker("destination")
        metafunc.parametrize("pair_name", curated_pairs(about.args[0] if about else ""), scope="session")


def pytest_configure(config: pytest.Config) -> None:
    """The marker that limits a row to the pairs with one destination."""
    config.addinivalue_line("markers", "destination(platform): the row is about this destination only")


@pytest.fixture(scope="session")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandboxes]:
    """Starts sandboxes in processes of their own and ends them."""
    started = Sandboxes(tmp_path_factory.mktemp("sandboxes"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def shared(
    request: pytest.FixtureRequest, sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory
) -> Pair:
    """One ELMA365 to Twenty migration with the data of every selected row that looks at it."""
    slices: dict[str, Slice] = {}
    for item in request.session.items:
        module: Any = getattr(item, "module", None)
        if _shares(item):
            for own in getattr(module, "SLICES", {}).get(_row(item), ()):
                slices[own.name] = own
    return migrated(sandboxes, tmp_path_factory.mktemp("project"), list(slices.values()))


@pytest.fixture
def pair(pair_name: str, shared: Pair) -> Pair:
    """The shared migration of a curated pair; a pair that has none here fails its rows."""
    if pair_name != "elma365-twenty":
        pytest.fail(f"no acceptance data for the pair {pair_name} yet")
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
    about = item.get_closest_marker("destination")
    params = getattr(getattr(item, "callspec", None), "params", {})
    paired = "pair_name" in params
    return {
        "row": _row(item),
        "passed": call is not None and all(report.passed for report in reports.values()),
        "records": int(str(dict(item.user_properties).get("records", 0))),
        "seconds": sum(report.duration for report in reports.values()),
        "pair": params.get("pair_name", ""),
        "pairs": len(curated_pairs(about.args[0] if about else "")) if paired else 0,
    }
