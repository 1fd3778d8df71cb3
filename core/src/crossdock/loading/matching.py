"""Finds records that exist at the destination already, by match key, before anything is written."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.equality import is_blank, normalise
from crossdock.loading.context import LoadDestination, PhaseContext
from crossdock.mapping import ObjectMapping
from crossdock.model import ObjectSchema, Observation, Selection, TargetRecord
from crossdock.values import Link, PersonName


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where records are looked for by match key: a route, its target's schema, the destination."""

    mapping: ObjectMapping
    schema: ObjectSchema
    destination: LoadDestination


def match_value(
    target: TargetRecord, key: tuple[str, ...], schema: ObjectSchema
) -> tuple[Hashable, ...] | None:
    """The value of a match key in one form, None if a part of it is empty."""
    return key_value(target.values, key, schema)


def first_match(
    target: TargetRecord, keys: Sequence[tuple[str, ...]], schema: ObjectSchema
) -> tuple[tuple[str, ...], tuple[Hashable, ...]] | None:
    """The first match key that this record fills, with its value: what makes two records duplicates."""
    for key in keys:
        value = match_value(target, key, schema)
        if value is not None:
            return key, value
    return None


def find_existing(
    context: PhaseContext | Lookup, targets: Sequence[TargetRecord]
) -> dict[str, list[Observation]]:
    """Observations that a target's match keys find, by target id; keys are tried in their order.

    Trashed records are among them. A target that no key finds is absent.
    """
    found: dict[str, list[Observation]] = {}
    for key in context.mapping.match:
        waiting = [t for t in targets if t.target_id not in found]
        wanted = {t.target_id: match_value(t, key, context.schema) for t in waiting}
        values = {t.target_id: t.values[key[0]] for t in waiting if wanted[t.target_id] is not None}
        if not values:
            continue
        by_value = _look_up(context, key, list(values.values()))
        for target_id in values:
            if hits := by_value.get(wanted[target_id]):
                found[target_id] = hits
    return found


def _look_up(
    context: PhaseContext | Lookup, key: tuple[str, ...], values: Sequence[Any]
) -> dict[Hashable | None, list[Observation]]:
    selection = Selection(match=(key[0], tuple(values)))
    by_value: dict[Hashable | None, list[Observation]] = {}
    for observation in context.destination.reconcile(context.schema.name, selection):
        value = key_value(observation.values, key, context.schema)
        if value is not None:
            by_value.setdefault(value, []).append(observation)
    return by_value


def key_value(
    values: Mapping[str, Any], key: tuple[str, ...], schema: ObjectSchema
) -> tuple[Hashable, ...] | None:
    """The value of a match key among these values in one form, None if a part of it is empty."""
    parts = []
    for name in key:
        field, value = schema.field(name), values.get(name)
        # No is an answer, also where the platform keeps it for nothing; any other blank tells nobody apart.
        if field is None or (is_blank(value, field) and not isinstance(value, bool)):
            return None
        parts.append(_comparable(normalise(value, field)))
    return tuple(parts)


def _comparable(value: Any) -> Any:
    """The form in which match values are compared: of several the first, case and outer spaces ignored.

    Of a web address also the scheme and `www.`, of a name how its parts are cut: two systems seldom
    agree on those, and none of them tells one company or person from another.
    """
    if isinstance(value, tuple) and value:
        value = value[0]
    if isinstance(value, Link):
        host_and_path = value.url.strip().casefold().partition("://")
        return (host_and_path[2] or host_and_path[0]).removeprefix("www.").rstrip("/")
    if isinstance(value, PersonName):
        value = " ".join(filter(None, (value.first, value.middle, value.last)))
    return " ".join(value.casefold().split()) if isinstance(value, str) else value
