"""The sentence that a report begins with: did everything arrive, and if not, what did not?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.automations.pausing import STILL_OFF
from crossdock.ledger import NOT_LOADED, SECOND_PHASE, RunState
from crossdock.model import FindingKind, Outcome

HARMLESS = (FindingKind.NORMALISED.value,)
"""Kinds of findings that need no look."""


def to_look_at(answer: Mapping[str, Any]) -> int:
    """How many findings of a report need a look."""
    return sum(f["count"] for f in answer["findings"] if f["kind"] not in HARMLESS)


def not_loaded(answer: Mapping[str, Any]) -> dict[str, int]:
    """How many records of a report were not loaded and should have been, by outcome; only what there is."""
    source = answer["totals"]["source"]
    return {outcome.value: source[outcome.value] for outcome in NOT_LOADED if source.get(outcome.value)}


def told_phases(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The phases that the tables of a report show, or of what would come of a dry run. A retry goes through
    all of them, and tries something in few."""
    phases: list[Mapping[str, Any]] = list(answer["phases"])
    if answer.get("run", {}).get("kind") != "retry":
        return phases
    return [phase for phase in phases if any((*phase["source"].values(), *phase["destination"].values()))]


def verdict_of(answer: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether nothing is left to be done, and the sentence that says so or not."""
    if answer["run"]["state"] == RunState.ROLLED_BACK:
        return False, "This run was rolled back."
    if answer["run"]["state"] == RunState.RUNNING:
        return False, "This run has not ended: what follows is how far it came."
    if answer["run"]["kind"] == "files":
        return _filed_verdict(answer)
    if answer["run"]["kind"] == "exports":
        return _export_verdict(answer)
    if answer["run"]["kind"] == "retry":
        return _retry_verdict(answer)
    if answer["run"]["kind"] == "reconcile":  # it says nothing about what was never loaded
        if look := _look(answer):
            return False, f"Not everything is as it should be: {look[0]}."
        return True, "Everything that was loaded is there as it should be."
    return _run_verdict(answer)


def _run_verdict(answer: Mapping[str, Any]) -> tuple[bool, str]:
    """What a run says that loaded."""
    left, look, off = not_loaded(answer), _look(answer), _off(answer)
    lost = [f"{sum(left.values())} records were not loaded ({_counted(left)})"] if left else []
    if lost or look:
        return False, "Not everything arrived: " + " and ".join([*off, *lost, *look]) + "."
    return (False, f"Not everything is as it was: {off[0]}.") if off else (True, "Everything arrived.")


def _retry_verdict(answer: Mapping[str, Any]) -> tuple[bool, str]:
    """What a run says that tried again what others could not load: how much, and what became of it."""
    first = [phase for phase in answer["phases"] if not phase["name"].endswith(SECOND_PHASE)]
    source = sum((Counter(phase["source"]) for phase in first), Counter())
    words = _counted(source)
    tried = f"{sum(source.values())} records were tried again" + (f": {words}" if words else "")
    waiting = sum(answer["queues"].values())
    waits = [f"{waiting} wait in queues"] if waiting else []
    parts = [*_look(answer), *waits, *_off(answer)]
    return not parts and not not_loaded(answer), "; ".join([tried, *parts]) + "."


def _filed_verdict(answer: Mapping[str, Any]) -> tuple[bool, str]:
    """What a run says that ended in files: it never says that something arrived."""
    count = answer["totals"]["source"].get(Outcome.FILED.value, 0)
    filed = f"{count} records are in files that nobody has imported yet"
    left = not_loaded(answer)
    parts = [_counted(left)] if left else []
    parts += [f"{_counted(answer['left'])} that no file takes"] if answer["left"] else []
    return (False, f"{filed}; not in them: {', '.join(parts)}.") if parts else (True, f"{filed}.")


def _export_verdict(answer: Mapping[str, Any]) -> tuple[bool, str]:
    parts = _look(answer)
    parts += [f"not proven: {len(answer['not_proven'])}"] if answer["not_proven"] else []
    if parts:
        return False, f"Not everything is as it should be: {', '.join(parts)}."
    return True, "Everything that was written into files is there as it should be."


def still_off(automations: Sequence[Mapping[str, Any]]) -> str:
    """How many automations are switched off, and which."""
    names = ", ".join(f"{a['kind']} {a['name']}" for a in automations)
    return f"{len(automations)} automations are still switched off ({names})"


def _look(answer: Mapping[str, Any]) -> list[str]:
    """That findings need a look, if any do."""
    count = to_look_at(answer)
    return [f"{count} findings need a look"] if count else []


def _off(answer: Mapping[str, Any]) -> list[str]:
    """That automations did not go on again, if any did not."""
    off = [a for a in answer["automations"] if a["state"] == STILL_OFF]
    return [still_off(off)] if off else []


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)
