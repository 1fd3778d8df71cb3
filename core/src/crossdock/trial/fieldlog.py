"""What becomes of each field in a dry run: counts and a few examples, in bounded memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.compare import same
from crossdock.equality import is_empty
from crossdock.fieldpaths import source_values, uses_of
from crossdock.mapping import ObjectMapping
from crossdock.model import (
    Action,
    Observation,
    Outcome,
    Receipt,
    Record,
    Rejected,
    Skipped,
    TargetRecord,
)
from crossdock.shown import shown
from crossdock.targetpaths import whole_field

EXAMPLES = 3
"""Of each kind, for each field."""

_RULES = 20  # different sentences that are kept for a field; what comes after them is counted as others
_OTHERS = "others"
_CHARACTERS = 200  # of a value in an example

CONVERTED, NORMALISED, REJECTED, UPDATED = "converted", "normalised", "rejected", "updated"


@dataclass
class FieldResult:
    """One target field of one route. `kinds` counts what happened, `rules` by which rule or why."""

    filled: int = 0
    empty: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    rules: dict[str, Counter[str]] = field(default_factory=dict)
    examples: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def note(self, kind: str, rule: str, key: str, source: Any, target: Any) -> None:
        """Count one value, and keep it as an example if there are not enough yet."""
        self.kinds[kind] += 1
        rules = self.rules.setdefault(kind, Counter())
        rules[rule if rule in rules or len(rules) < _RULES else _OTHERS] += 1
        examples = self.examples.setdefault(kind, [])
        if len(examples) < EXAMPLES:
            told = {"key": key, "source": shown(source)[:_CHARACTERS], "target": shown(target)[:_CHARACTERS]}
            examples.append({"rule": rule, **told})


class FieldLog:
    """Collects the results of all fields, by source object, target object and field."""

    def __init__(self) -> None:
        self._results: dict[tuple[str, str, str], FieldResult] = {}

    def loaded(self, record: TargetRecord, receipt: Receipt, before: Observation | None) -> None:
        """Take in what became of a target record; `before` is the record there that it changes."""
        for name, rule in receipt.normalised.items():
            value = record.values.get(name)
            self._of(record, name).note(NORMALISED, rule, record.origin.key, value, value)
        if receipt.outcome is Outcome.REJECTED:
            self._refused(record, receipt.reasons)
        elif before is not None and record.action is not Action.CREATE:
            for name, value in record.values.items():
                old = before.values.get(name)
                self._of(record, name).note(UPDATED, "", record.origin.key, old, value)

    def _refused(self, record: TargetRecord, reasons: Sequence[str]) -> None:
        for reason in reasons:
            name, why = _split(reason, record.values)
            value = record.values.get(name)
            self._of(record, name).note(REJECTED, why, record.origin.key, value, None)

    def transformed(
        self, route: ObjectMapping, record: Record, outcomes: Sequence[TargetRecord | Rejected | Skipped]
    ) -> None:
        """Take in what a source record was turned into."""
        for outcome in outcomes:
            if isinstance(outcome, TargetRecord):
                self._values(route, record, outcome)
            elif isinstance(outcome, Rejected):
                for reason in outcome.reasons:
                    name, why = _split(reason, route.fields)
                    value = _source(route, name, record)
                    self._result(route, name).note(REJECTED, why, record.key, value, None)

    def _values(self, route: ObjectMapping, record: Record, target: TargetRecord) -> None:
        for name, value in target.values.items():
            result, source = self._result(route, name), _source(route, name, record)
            if is_empty(value):
                result.empty += 1
                continue
            result.filled += 1
            if _changed(route, name, source, value):
                result.note(CONVERTED, _rule(route, name), record.key, source, value)
        for note in target.notes:
            name, why = _split(note, target.values)
            source, value = _source(route, name, record), target.values.get(name)
            self._result(route, name).note(NORMALISED, why, record.key, source, value)

    def _of(self, record: TargetRecord, name: str) -> FieldResult:
        place = (record.origin.object_name, record.object_name, name)
        return self._results.setdefault(place, FieldResult())

    def _result(self, route: ObjectMapping, name: str) -> FieldResult:
        return self._results.setdefault((route.source, route.target, name), FieldResult())

    def as_data(self, routes: Sequence[ObjectMapping]) -> list[dict[str, Any]]:
        """Every field as plain data, in the order of the mapping; "" stands for the record as a whole."""
        kinds = (CONVERTED, NORMALISED, REJECTED, UPDATED)
        places = [
            (r.source, r.target, whole_field(r.target_schema, name)) for r in routes for name in r.fields
        ]
        listed = {place: number for number, place in reversed(list(enumerate(places)))}
        return [
            {
                "source": source,
                "target": target,
                "field": name,
                "filled": result.filled,
                "empty": result.empty,
                **{kind: result.kinds[kind] for kind in kinds},
                "rules": {kind: dict(rules) for kind, rules in sorted(result.rules.items())},
                "examples": dict(sorted(result.examples.items())),
            }
            for (source, target, name), result in sorted(
                self._results.items(), key=lambda item: (listed.get(item[0], len(places)), item[0])
            )
        ]


def _split(sentence: str, known: Mapping[str, Any]) -> tuple[str, str]:
    """`field: why` as its two parts, if it begins with a field; else the whole record ("")."""
    name, colon, why = sentence.partition(": ")
    return (name, why) if colon and name in known else ("", sentence)


def _source(route: ObjectMapping, name: str, record: Record) -> Any:
    """The values of the source fields that a target field is made of: one as it is, several as a tuple."""
    values = [value for value in source_values(route, name, record).values() if not is_empty(value)]
    return values[0] if len(values) == 1 else tuple(values) or None


def _changed(route: ObjectMapping, name: str, source: Any, value: Any) -> bool:
    schema = route.target_schema.field(name) if route.target_schema else None
    return not (schema is not None and same(source, value, schema)) and shown(source) != shown(value)


def _rule(route: ObjectMapping, name: str) -> str:
    """The rule of the mapping that makes a field's value another one."""
    rules: dict[str, None] = {}
    for use in uses_of(route, name):
        if use.constant:
            rules["constant"] = None
        if use.template is not None:
            rules[f"template {use.template}"] = None
        rules.update((f"step {step.name}", None) for step in use.steps)
        if use.values is not None:
            rules["value map"] = None
        if use.author:
            rules["author"] = None
        elif use.reference:
            rules[f"reference to {use.reference}"] = None
        if use.default is not None:
            rules["default"] = None
    field_schema = route.target_schema.field(name) if route.target_schema else None
    implicit = f"as {field_schema.type}" if field_schema else "converted"
    return ", ".join(rules) or implicit
