"""Switches automations of the destination off before records are written, and on again afterwards.

A pause is a change like those of the schema: planned in the ledger before it is made, undone by the same
hook. So a killed run leaves a line for each that is off, and whatever comes next switches it on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from crossdock.automations.decisions import KEEP, PAUSE, automation_name, decided, require_decisions
from crossdock.errors import CrossdockError
from crossdock.ledger import Ledger, Run, RunState
from crossdock.ledger.changes import KEPT, PLANNED, UNDONE
from crossdock.model import (
    Artifact,
    Catalog,
    Change,
    ChangeKind,
    LedgerEntry,
    ObjectSchema,
    Origin,
    Outcome,
    Receipt,
)

STILL_OFF = "still off"
"""The state of an automation that a run paused and nothing switched on again, though the run has ended."""


class Switch(Protocol):
    """The part of a destination that switches on."""

    def rollback(self, entries: Sequence[LedgerEntry], dry_run: bool) -> Iterator[Receipt]:
        """Undo entries."""


class Pauser(Switch, Protocol):
    """The part of a destination that pausing needs."""

    def provision(
        self, wanted: Sequence[ObjectSchema], dry_run: bool, pauses: Sequence[Artifact]
    ) -> Iterator[Change]:
        """Make what is missing, and switch off."""


@dataclass
class SwitchedOn:
    """What became of paused automations, each by name.

    `on` are on again; `left` were changed by somebody meanwhile and left as they are, with what was
    found; `failed` are still off, with the reason.
    """

    on: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def pause(
    ledger: Ledger, run: Run, destination: Pauser, catalog: Catalog, decisions: Mapping[str, str]
) -> None:
    """Switch off what was decided so, and note what is kept on.

    Raises RefusedError while something is undecided, ConfigError if the destination cannot pause.
    """
    require_decisions(catalog, decisions)
    ledger.changes.keep(run, [_kept(artifact) for artifact in decided(catalog, decisions, KEEP)])
    wanted = decided(catalog, decisions, PAUSE)
    if not wanted:
        return
    ledger.changes.plan(run, list(destination.provision((), True, wanted)))
    for change in destination.provision((), False, wanted):
        ledger.changes.made(run, change)


def switch_on(
    ledger: Ledger, destination: Switch, runs: Iterable[Run], *, dry_run: bool = False
) -> SwitchedOn:
    """Switch on again what these runs paused, newest first. With `dry_run` only say it."""
    result = SwitchedOn()
    for run in runs:
        for change, state in reversed(ledger.changes.paused(run)):
            entry = LedgerEntry(Origin("", "automation", change.key), "", "", Outcome.CREATED, change=change)
            for receipt in destination.rollback([entry], dry_run):
                _book(ledger, run, change, state, receipt, result, dry_run=dry_run)
    return result


def _book(
    ledger: Ledger,
    run: Run,
    change: Change,
    state: str,
    receipt: Receipt,
    result: SwitchedOn,
    *,
    dry_run: bool,
) -> None:
    name, reasons = _name(change), "; ".join(receipt.reasons)
    if receipt.outcome is Outcome.FAILED or receipt.outcome is Outcome.REJECTED:
        result.failed.append((name, reasons))
        return
    # One that was only planned may never have been switched off: nobody changed anything then.
    left = reasons if receipt.outcome is Outcome.UNCHANGED and state != PLANNED else ""
    if left:
        result.left.append((name, left))
    else:
        result.on.append(name)
    if not dry_run:
        ledger.changes.undone(run, change, left)


def paused_runs(ledger: Ledger, destination: str, *, besides_running: bool = False) -> list[Run]:
    """Runs at this destination that left something paused, newest first.

    `besides_running`: without those that have not ended, as they are to go on.
    """
    return [
        run
        for run in reversed(ledger.runs.all())
        if run.destination == destination
        and not (besides_running and run.state is RunState.RUNNING)
        and ledger.changes.paused(run)
    ]


@contextmanager
def saying_what_is_off(ledger: Ledger, run: Run) -> Iterator[None]:
    """Add to an error that stops the run what it leaves switched off, and what switches it on."""
    try:
        yield
    except CrossdockError as error:
        if names := ", ".join(_name(change) for change, _ in ledger.changes.paused(run)):
            error.hint = (
                f"{error.hint} Still switched off at the destination: {names}. The same command switches on"
                " again when it has come to its end, and so does `crossdock rollback`."
            ).strip()
        raise


def automations_of(ledger: Ledger, run: Run) -> list[dict[str, Any]]:
    """What a run did with each automation, for its report: name, decision, state and a note."""
    last = {c.key: (c, s) for c, s in ledger.changes.of_run(run) if c.kind is ChangeKind.PAUSE}
    return [
        {
            "kind": change.object_name,
            "name": change.name,
            "decision": KEEP if state == KEPT else PAUSE,
            "state": _state_word(change, state, going_on=run.state is RunState.RUNNING),
            "note": change.reason,
        }
        for change, state in last.values()
    ]


def _state_word(change: Change, state: str, *, going_on: bool) -> str:
    if state == KEPT:
        return "kept on"
    if state == UNDONE:
        return "left as found" if change.reason else "on again"
    return "paused" if going_on else STILL_OFF


def _kept(artifact: Artifact) -> Change:
    key = f"automation:{artifact.kind} {artifact.id}"
    return Change(ChangeKind.PAUSE, key, artifact.kind, artifact.name or artifact.id)


def _name(change: Change) -> str:
    return automation_name(Artifact(change.object_name, change.name))
