"""The demo: a made-up company moved between two sandboxes, with the commands of a real migration.

What has to come out is written down beside the curated mapping of the pair (entry point
`SOURCE-DESTINATION.demo` in the group of mappings): the demo succeeds when it finds exactly that. There
`settings` may say what else a connection needs: `{"source": {"timezone": ...}}`.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from crossdock.config import init_project, load_project
from crossdock.entrypoints import Role, list_plugins, load_plugin
from crossdock.errors import ConfigError
from crossdock.mappingfile.document import load, save
from crossdock.migration import Migration
from crossdock.report import report_of
from crossdock.sandbox.process import find

OK, FOUND = 0, 1
_BEFORE: tuple[tuple[str, ...], ...] = (
    ("discover",),
    ("map", "propose", "--automations", "pause"),
)
_AFTER: tuple[tuple[str, ...], ...] = (
    ("map", "check"),
    ("map", "confirm", "--by", "demo"),
    ("plan",),
    ("provision",),
    ("run",),
    ("reconcile",),
)

Command = Callable[[Sequence[str]], int]


def run_demo(
    directory: Path, source: str, destination: str, command: Command, say: Callable[[str], None]
) -> int:
    """Make the project, run every step, compare with what is expected. Gives the exit code.

    A platform that is "" may be any. Raises ConfigError if no installed pair has such a demo, or the
    folder holds a project already.
    """
    expected = _expected(source, destination)
    pair = (expected["source"], expected["destination"])
    source_settings, destination_settings = (
        {"sandbox": "demo", **expected.get("settings", {}).get(side, {})}
        for side in ("source", "destination")
    )
    init_project(directory, *pair, source_settings=source_settings, destination_settings=destination_settings)
    say(f"A made-up company moves from {pair[0]} to {pair[1]}, two sandboxes on this machine.")
    for step in _BEFORE:
        _step(step, directory, command, say)
    mapping = load(directory / "mapping.yaml")
    save(directory / "mapping.yaml", mapping.model_copy(update={"decisions": expected["decisions"]}))
    for step in _AFTER:
        _step(step, directory, command, say)
    differences = _differences(expected, _found(directory))
    for line in differences:
        say(f"not as expected: {line}")
    if not differences:
        say("\nThe demo ended as it should: what waits or was rejected was made to, to show the queues.")
    _farewell(directory, say)
    return FOUND if differences else OK


def _expected(source: str, destination: str) -> dict[str, Any]:
    """What the first installed demo of such a pair has to find."""
    names = [p.name for p in list_plugins(Role.MAPPING) if p.name.endswith(".demo")]
    for name in names:
        expected: dict[str, Any] = orjson.loads(load_plugin(Role.MAPPING, name)().read_bytes())
        if source in ("", expected["source"]) and destination in ("", expected["destination"]):
            return expected
    known = ", ".join(name.removesuffix(".demo") for name in names) or "none"
    raise ConfigError(f"no installed plugin has such a demo; there are: {known}.")


def _step(step: tuple[str, ...], directory: Path, command: Command, say: Callable[[str], None]) -> None:
    say(f"\n$ crossdock -C {directory} {' '.join(step)}")
    code = command(["-C", str(directory), *step])
    if code not in (OK, FOUND):
        raise ConfigError(f"the demo stopped at `{' '.join(step)}` (exit {code}).")


def _found(directory: Path) -> dict[str, Any]:
    """Outcomes of the newest run by phase, findings of the newest reconciliation."""
    with Migration(load_project(directory)) as migration:
        runs = migration.ledger.runs.all()
        loaded = [run for run in runs if run.kind == "run"][-1]
        checked = [run for run in runs if run.kind == "reconcile"][-1]
        queues = migration.project.queues
        report = report_of(migration.ledger, migration.staging, loaded, queues)
        findings = report_of(migration.ledger, migration.staging, checked, queues)["findings"]
    return {
        "outcomes": {phase["name"]: phase["source"] for phase in report["phases"]},
        "findings": {f"{f['object']}: {f['kind']}": f["count"] for f in findings},
    }


def _differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    lines = []
    for part in ("outcomes", "findings"):
        for name in sorted({*expected[part], *found[part]}):
            wanted, got = expected[part].get(name), found[part].get(name)
            if wanted != got:
                lines.append(f"{name}: {got} instead of {wanted}")
    return lines


def _farewell(directory: Path, say: Callable[[str], None]) -> None:
    reports = sorted((directory / "reports").glob("run-*.txt"))
    running = [find(data) for data in sorted((directory / ".crossdock" / "sandboxes").glob("*.db"))]
    pids = " ".join(str(process.pid) for process in running if process)
    say("")
    say(f"The sandboxes keep running, so that the next commands work; to end them: kill {pids}")
    say(f"project: {directory}")
    say(f"report: {reports[-1] if reports else directory / 'reports'}")
    say(f"next: crossdock -C {directory} status")
    say(f"next: crossdock -C {directory} rollback --dry-run")
