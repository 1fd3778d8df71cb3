"""What a model does beyond the common: defaults, computed values, and what happens around changes."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock_odoo.sandbox.environment import Env

Values = dict[str, Any]
Ids = Sequence[int]
Changing = Callable[[Env, Ids, Values], None]


@dataclass(slots=True)
class Rules:
    """The rules of one model. Functions that get values before a change may change them."""

    defaults: dict[str, Callable[[Env], Any]] = field(default_factory=dict)
    computed: dict[str, Callable[[Env, int], Any]] = field(default_factory=dict)
    """Values that are not stored, by field."""
    inverse: dict[str, Callable[[Env, int, Any], None]] = field(default_factory=dict)
    """What writing such a value does."""
    named: Callable[[Env, int], str] | None = None
    returned: tuple[str, ...] = ()
    """Values that `create` leaves in what it was given: a second try stumbles over them (measured)."""
    creating: list[Callable[[Env, Values], None]] = field(default_factory=list)
    settled: list[Callable[[Env, int, Values, Values], None]] = field(default_factory=list)
    """Before a new row is stored: id, row (to be completed in place) and the values it was made of."""
    resettled: list[Callable[[Env, int, Values, Values], None]] = field(default_factory=list)
    """The same before a changed row is stored."""
    created: list[Callable[[Env, Ids, Sequence[Values]], None]] = field(default_factory=list)
    writing: list[Changing] = field(default_factory=list)
    written: list[Callable[[Env, Ids, Values, Mapping[int, Mapping[str, Any]]], None]] = field(
        default_factory=list
    )
    """After a write: ids, values, and the rows as they were."""
    unlinking: list[Callable[[Env, Ids], None]] = field(default_factory=list)
    unlinked: list[Callable[[Env, Ids], None]] = field(default_factory=list)
    orphaned: Callable[[Env, int, Values], None] | None = None
    """Completes a row after something it referred to is gone; no write date moves."""
    methods: dict[str, Callable[..., Any]] = field(default_factory=dict)
    """Methods of this model's records: environment, ids, then what the caller gives."""
    model_methods: dict[str, Callable[..., Any]] = field(default_factory=dict)
    """Methods of the model as such: environment, then what the caller gives."""
    searching: Callable[[Env, list[Any]], list[Any]] | None = None
    """What a search adds to its domain."""
    visible: Callable[[Env, int], bool] | None = None
    """Which rows a search may find at all."""
    matching: dict[str, Callable[[Env, str, Any], list[Any]]] = field(default_factory=dict)
    """Domains that stand for a condition on a field that is not stored."""


@dataclass(slots=True)
class Everywhere:
    """What happens around changes of any model: functions that get the model's name first."""

    created: list[Callable[[Env, str, Ids, Sequence[Mapping[str, Any]]], None]] = field(default_factory=list)
    written: list[Callable[[Env, str, Ids, Values, Mapping[int, Mapping[str, Any]]], None]] = field(
        default_factory=list
    )
    unlinked: list[Callable[[Env, str, Ids], None]] = field(default_factory=list)


EVERY = Everywhere()
"""The rules that hold for all models."""

RULES: dict[str, Rules] = defaultdict(Rules)
"""The rules of all models that have some."""


def rules(model: str) -> Rules:
    """The rules of a model; empty ones if it has none."""
    return RULES.get(model) or _NONE


_NONE = Rules()
