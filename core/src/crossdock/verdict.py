"""The sentence that a report begins with: did everything arrive, and if not, what did not?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.automations.pausing import STILL_OFF
from crossdock.ledger import NOT_LOADED, RunState
from crossdock.model import FindingKind, Outcome

HARMLESS = (FindingKind.NORMALISED.value,)
"""Kinds of findings that need no look."""
_SECOND = " (second pass)"  # how the name of a phase ends whose records another one counts already


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
    left = {outcome.value: answer["totals"]["source"].get(outcome.value, 0) for outcome in NOT_LOADED}
    differing = sum(f["count"] for f in answer["findings"] if f["kind"] not in HARMLESS)
    look = f"{differing} findings need a look"
    if answer["run"]["kind"] == "reconcile":  # it says nothing about what was never loaded
        good, bad = (
            "Everything that was loaded is there as it should be.",
            "Not everything is as it should be",
        )
        return (False, f"{bad}: {look}.") if differing else (True, good)
    off = [a for a in answer["automations"] if a["state"] == STILL_OFF]
    if not any(left.values()) and not differing:
        return (
            (False, f"Not everything is as it was: {still_off(off)}.")
            if off
            else (True, "Everything arrived.")
        )
    parts = [still_off(off)] if off else []
    if any(left.values()):
        words = ", ".join(f"{count} {name}" for name, count in left.items() if count)
        parts.append(f"{sum(left.values())} records were not loaded ({words})")
    if differing:
        parts.append(look)
    return False, "Not everything arrived: " + " and ".join(parts) + "."


def _retry_verdict(answer: Mapping[str, Any]) -> tuple[bool, str]:
    """What a run says that tried again what others could not load: how much, and what became of it."""
    first = [phase for phase in answer["phases"] if not phase["name"].endswith(_SECOND)]
    source = sum((Counter(phase["source"]) for phase in first), Counter())
    words = ", ".join(f"{count} {name}" for name, count in source.items() if count)
    tried = f"{sum(source.values())} records were tried again" + (f": {words}" if words else "")
    differing = sum(f["count"] for f in answer["findings"] if f["kind"] not in HARMLESS)
    waiting = sum(answer["queues"].values())
    off = [a for a in answer["automations"] if a["state"] == STILL_OFF]
    parts = [f"{differing} findings need a look"] if differing else []
    parts += [f"{waiting} wait in queues"] if waiting else []
    parts += [still_off(off)] if off else []
    left = any(answer["totals"]["source"].get(outcome.value) for outcome in NOT_LOADED)
    return not parts and not left, "; ".join([tried, *parts]) + "."


def _filed_verdict(answer: Mapping[str, Any]) -> tuple[bool, str]:
    """What a run says that ended in files: it never says that something arrived."""
    source = answer["totals"]["source"]
    filed = f"{source.get(Outcome.FILED.value, 0)} records are in files that nobody has imported yet"
    left = {outcome.value: source.get(outcome.value, 0) for outcome in NOT_LOADED}
    parts = [f"{count} {name}" for name, count in left.items() if count]
    if answer["left"]:
        parts.append(
            ", ".join(f"{count} {name}" for name, count in answer["left"].items()) + " that no file takes"
        )
    return (False, f"{filed}; not in them: {', '.join(parts)}.") if parts else (True, f"{filed}.")


def _export_verdict(answer: Mapping[str, Any]) -> tuple[bool, str]:
    differing = sum(f["count"] for f in answer["findings"] if f["kind"] not in HARMLESS)
    parts = [f"{differing} findings need a look"] if differing else []
    parts += [f"not proven: {len(answer['not_proven'])}"] if answer["not_proven"] else []
    if parts:
        return False, f"Not everything is as it should be: {', '.join(parts)}."
    return True, "Everything that was written into files is there as it should be."


def still_off(automations: Sequence[Mapping[str, Any]]) -> str:
    """How many automations are switched off, and which."""
    names = ", ".join(f"{a['kind']} {a['name']}" for a in automations)
    return f"{len(automations)} automations are still switched off ({names})"
