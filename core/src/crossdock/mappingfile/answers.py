"""Decisions applied to a mapping: the routes they leave in, and answers where a name of one stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.errors import MappingError
from crossdock.expressions import Condition, answer_to, with_answers
from crossdock.mapping import FieldMapping, MappingFile, ObjectMapping, StepUse
from crossdock.mappingfile.ends import Remark, without_dead_ends


@dataclass(frozen=True, slots=True)
class Applying:
    """The routes that decisions leave in, the names of the others, and what that took from those left."""

    routes: tuple[ObjectMapping, ...]
    dropped: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()


def applying(mapping: MappingFile, answers: Mapping[str, Any]) -> Applying:
    """What these decisions leave of the mapping. Raises MappingError with all problems."""
    problems = [
        f"decisions.{name}: {answers[name]!r} is not one of {', '.join(map(str, question.alternatives))}"
        for name, question in mapping.questions.items()
        if question.alternatives and answers[name] not in question.alternatives
    ]
    problems += _unanswered(mapping, answers)
    routes: list[ObjectMapping] = []
    dropped: list[ObjectMapping] = []
    for index, route in enumerate(mapping.objects):
        try:
            applies = route.when is None or Condition(route.when).holds({"decisions": dict(answers)})
        except (MappingError, ValueError) as error:
            problems.append(f"objects[{index}].when: {error}")
            continue
        (routes if applies else dropped).append(route)
    if problems:
        raise MappingError("the decisions do not fit the mapping.", problems=problems)
    left, remarks = without_dead_ends(routes, dropped)
    return Applying(tuple(left), tuple(route.name for route in dropped), tuple(remarks))


def _unanswered(mapping: MappingFile, answers: Mapping[str, Any]) -> list[str]:
    """Questions whose answer another decision needs and nobody gave."""
    return [
        f"decisions.{name}: needs an answer, as {question.required_when}"
        for name, question in mapping.questions.items()
        if question.required_when
        and answers[name] is None
        and Condition(question.required_when).holds({"decisions": dict(answers)})
    ]


def with_decisions(route: ObjectMapping, answers: Mapping[str, Any]) -> ObjectMapping:
    """A fallback that is the name of a decision, and `decisions.NAME` in a rule, become the answer."""
    if route.where and "decisions." in route.where:
        route = route.model_copy(update={"where": with_answers(route.where, answers)})
    answered = {name: _answered(entry, answers) for name, entry in route.fields.items()}
    if answered != route.fields:
        route = route.model_copy(update={"fields": answered})
    if answers.get("missing_users") == "queue":
        return _without_fallback(route)
    changed = {
        name: entry.model_copy(update={"fallback": str(answers[entry.fallback or ""])})
        for name, entry in route.fields.items()
        if entry.fallback and answers.get(entry.fallback) is not None
    }
    return route.model_copy(update={"fields": {**route.fields, **changed}}) if changed else route


def _answered(entry: FieldMapping, answers: Mapping[str, Any]) -> FieldMapping:
    """The field mapping with the answer for each `decisions.NAME` in its rule and in arguments of steps."""
    if entry.where and "decisions." in entry.where:
        entry = entry.model_copy(update={"where": with_answers(entry.where, answers)})
    if not any(_decision(arg) for use in entry.steps for arg in use.args.values()):
        return entry
    return entry.model_copy(update={"steps": tuple(_answered_step(use, answers) for use in entry.steps)})


def _answered_step(use: StepUse, answers: Mapping[str, Any]) -> StepUse:
    args = {
        name: answer_to(_decision(arg), answers, f"step {use.name}") if _decision(arg) else arg
        for name, arg in use.args.items()
    }
    return use.model_copy(update={"args": args})


def _decision(argument: Any) -> str:
    """The decision that an argument stands for, "" if it is a plain one."""
    named = isinstance(argument, str) and argument.startswith("decisions.")
    return argument.removeprefix("decisions.") if named else ""


def _without_fallback(route: ObjectMapping) -> ObjectMapping:
    """The route with nobody who stands in where the decision `fallback_user` would."""
    changed = {
        name: entry.model_copy(update={"fallback": None})
        for name, entry in route.fields.items()
        if entry.fallback == "fallback_user"
    }
    return route.model_copy(update={"fields": {**route.fields, **changed}}) if changed else route
