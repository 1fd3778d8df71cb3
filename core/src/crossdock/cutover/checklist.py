"""The cutover: the last hour before people work at the destination, as a checklist whose result is filed.

    loaded     a full run has ended, and nothing is left half done
    freeze     a person says that nobody works at the source any more
    delta      what was changed since is loaded
    reconcile  every field of every record is compared, and the freeze held
    spot       a person compared the drawn records at both platforms

Each step is passed once and kept in a file; a call goes on at the first one that is open. A freeze that
did not hold opens the steps after it again.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import orjson

from crossdock.errors import ConfigError
from crossdock.wholefile import write_whole


class StepState(StrEnum):
    """How a step stands."""

    OPEN = "open"
    PASSED = "passed"
    WAITING = "waits for a person"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist. `at` in ISO 8601, UTC; `by` who said so; `run` what proves it."""

    name: str
    title: str
    state: StepState = StepState.OPEN
    at: str = ""
    by: str = ""
    note: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a step came to: passed or not, a sentence, and the run behind it.

    `thawed`: the source was changed after the freeze, so that the freeze has to be said again.
    """

    passed: bool
    note: str
    run: str = ""
    thawed: bool = False


TITLES: Final[Mapping[str, str]] = {
    "loaded": "A full run is loaded, and nothing is left half done",
    "freeze": "Nobody works at the source any more",
    "delta": "What was changed since the last run is loaded",
    "reconcile": "Every field of every record is compared",
    "spot": "A person compared the drawn records at both platforms",
}


_ACCEPTABLE = ("delta", "reconcile")
_MAY_ACCEPT = (
    "See its report. Put it right and call crossdock cutover again, or accept it:"
    " crossdock cutover --accept NAME"
)


@dataclass(frozen=True, slots=True)
class Work:
    """What the steps need done. Each call does its work and says what came of it."""

    loaded: Callable[[], Proof]
    delta: Callable[[], Proof]
    reconcile: Callable[[], Proof]


@dataclass(frozen=True, slots=True)
class Said:
    """What people say in one call, each by name; "" when nobody did.

    frozen: the source is frozen. accepted: what an earlier call found, and this one finds again, is known and
    accepted. checked: the drawn records of an earlier call were compared at both platforms.
    """

    frozen: str = ""
    accepted: str = ""
    checked: str = ""


@dataclass
class Cutover:
    """The checklist of one cutover. `started` in ISO 8601, UTC."""

    started: str = ""
    steps: list[Step] = field(default_factory=lambda: [Step(name, title) for name, title in TITLES.items()])

    @property
    def done(self) -> bool:
        """True if every step is passed."""
        return all(step.state is StepState.PASSED for step in self.steps)

    @property
    def current(self) -> Step | None:
        """The first step that is not passed."""
        return next((step for step in self.steps if step.state is not StepState.PASSED), None)

    def advance(self, work: Work, said: Said, keep: Callable[["Cutover"], None]) -> None:
        """Go through the steps from the first open one; stops at one that fails or waits for a person.

        `keep` files the checklist after each step, so that a stop in the middle loses nothing.
        """
        self.started = self.started or _now()
        while (step := self.current) is not None:
            self._set(self._take(step, work, said))
            keep(self)
            if self._step(step.name).state is not StepState.PASSED:
                return
            # Who checked a sample looked at one that was drawn before this call.
            said = replace(said, checked="") if step.name == "reconcile" else said

    def _take(self, step: Step, work: Work, said: Said) -> Step:
        match step.name:
            case "freeze":
                return _told(step, said.frozen, "say who made sure of it: crossdock cutover --frozen-by NAME")
            case "spot":
                hint = "compare the drawn records (the sheet lies beside this page), then"
                return _told(step, said.checked, f"{hint} crossdock cutover --checked-by NAME")
            case "loaded":
                return _proven(step, work.loaded(), "")
            case "delta":
                return _proven(step, work.delta(), said.accepted)
        proof = work.reconcile()
        if proof.thawed:
            self._set(Step("freeze", TITLES["freeze"], note=proof.note))
            self._set(Step("delta", TITLES["delta"]))
        return _proven(step, proof, "" if proof.thawed else said.accepted)

    def _step(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)

    def _set(self, step: Step) -> None:
        self.steps = [step if known.name == step.name else known for known in self.steps]

    def as_data(self) -> dict[str, Any]:
        """The checklist as plain data."""
        current = self.current
        return {
            "started": self.started,
            "done": self.done,
            "steps": [asdict(step) | {"state": step.state.value} for step in self.steps],
            "next": "" if current is None else current.note or f"crossdock cutover ({current.title})",
        }


def checklist_file(state: Path, destination: str | None) -> Path:
    """Where the checklist of one destination is kept, by its name in the project (None for the only one)."""
    return state / (f"cutover-{destination}.json" if destination else "cutover.json")


def read_cutover(path: Path) -> Cutover:
    """The checklist as it was filed; a new one if there is none. Raises ConfigError if it cannot be read."""
    try:
        data = orjson.loads(path.read_bytes())
        known = {row["name"]: Step(**{**row, "state": StepState(row["state"])}) for row in data["steps"]}
        return Cutover(data["started"], [known[name] for name in TITLES])
    except FileNotFoundError:
        return Cutover()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"the checklist {path} cannot be read.", hint="Start over: crossdock cutover --restart"
        ) from error


def write_cutover(path: Path, cutover: Cutover) -> None:
    """File the checklist. Raises StorageError."""
    write_whole(path, orjson.dumps(cutover.as_data(), option=orjson.OPT_INDENT_2))


def _told(step: Step, name: str, hint: str) -> Step:
    if name.strip():
        return replace(step, state=StepState.PASSED, at=_now(), by=name.strip(), note="")
    return replace(step, state=StepState.WAITING, at=_now(), note=hint)


def _proven(step: Step, proof: Proof, accepted: str) -> Step:
    """The step after its work. Only what a person has seen before, word for word, can be accepted."""
    seen = step.state is StepState.FAILED and step.note.startswith(proof.note)
    accepted = accepted.strip() if seen and not proof.passed else ""
    state = StepState.PASSED if proof.passed or accepted else StepState.FAILED
    failed = state is StepState.FAILED and step.name in _ACCEPTABLE and not proof.thawed
    note = f"{proof.note} {_MAY_ACCEPT}" if failed else proof.note
    return replace(step, state=state, at=_now(), by=accepted, note=note, run=proof.run)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
