"""Who may import whom: what the import-linter contracts in pyproject.toml cannot say."""

from collections.abc import Collection
from functools import cache

import grimp
import pytest

# Staging has a contract of its own in pyproject.toml ("storage").
STAGES = {
    "transform",
    "loading",
    "sending",
    "reconcile",
    "rollback",
    "proposing",
    "report",
    "handoff",
}
# These know the order of the stages.
CONDUCTORS = {"run", "trial", "delta", "cutover", "demo", "cli", "testing", "ui"}
# The loader drives the sender: two modules of one stage.
SAME_STAGE = {"sending": "loading"}


@cache
def graph():
    """The imports of the core, also those inside functions; those for type checkers alone are left out."""
    return grimp.build_graph("crossdock", exclude_type_checking_imports=True, cache_dir=None)


def area(module: str) -> str:
    """`crossdock.ledger.links` belongs to `ledger`."""
    return module.partition("crossdock.")[2].partition(".")[0]


def imported_areas(module: str) -> set[str]:
    return {area(name) for name in graph().find_modules_directly_imported_by(module)} - {"", area(module)}


def stages_of(areas: set[str]) -> set[str]:
    return {SAME_STAGE.get(name, name) for name in areas & STAGES}


def modules(*, without: Collection[str] = frozenset()) -> list[str]:
    return sorted(name for name in graph().modules if area(name) and area(name) not in without)


def test_only_the_conductors_import_several_stages():
    offenders = {
        module: sorted(stages)
        for module in modules(without=CONDUCTORS)
        if len(stages := stages_of(imported_areas(module))) > 1
    }
    assert offenders == {}


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_a_stage_imports_no_other_stage(stage):
    own = {SAME_STAGE.get(stage, stage)}
    offenders = {
        module: sorted(found)
        for module in modules()
        if area(module) == stage and (found := stages_of(imported_areas(module)) - own)
    }
    assert offenders == {}


@pytest.mark.parametrize(
    ("guarded", "allowed"),
    [
        ("cli", {"__main__"}),
        ("testing", set()),
        ("demo", {"cli"}),
        ("ui", {"cli"}),
        ("run", {"cli", "delta", "demo", "testing", "tofiles", "trial", "ui"}),
        ("cutover", {"cli"}),
    ],
)
def test_what_stands_above_is_imported_only_from_above(guarded, allowed):
    importers = {area(module) for module in modules() if guarded in imported_areas(module)}
    assert importers <= allowed
