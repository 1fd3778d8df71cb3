"""Checks that a plugin keeps a hook's promises while the core consumes what the hook yields.

A pluggy wrapper sees nothing inside a generator, so these guards stand around the generator itself:
they translate foreign exceptions, close it whatever happens, and count what comes out.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, TypeVar

from crossdock.errors import ConfigError, ContractError, CrossdockError
from crossdock.model import Artifact, Batch, Change, ChangeKind, Origin, Outcome, Receipt, Record, Rejected
from crossdock.redaction import quote, redact

Item = TypeVar("Item")

_END: Final[Any] = object()
_WRITTEN = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED)
_LOADED = (*_WRITTEN, Outcome.REJECTED, Outcome.FAILED)


@contextmanager
def translated(plugin: str, hook: str) -> Iterator[None]:
    """Turn every exception that is not crossdock's into a ContractError naming plugin and hook."""
    try:
        yield
    except CrossdockError:
        raise
    except Exception as error:
        raise _failed(plugin, hook, error) from error


def one(plugin: str, hook: str, kind: type[Item], call: Callable[[], Any]) -> Item:
    """The answer of a hook that gives one thing, of the right kind. Raises ContractError."""
    with translated(plugin, hook):
        answer = call()
    if not isinstance(answer, kind):
        raise _broken(plugin, hook, f"gave {type(answer).__name__} where {kind.__name__} belongs")
    return answer


def stream(plugin: str, hook: str, kind: type[Item], call: Callable[[], Any]) -> Generator[Item, None, None]:
    """What a generator hook yields, each of the right kind; the generator is closed in any case."""
    with translated(plugin, hook):
        answer = call()
    if not isinstance(answer, Iterable):
        raise _broken(plugin, hook, f"gave {type(answer).__name__} where an iterator belongs")
    items = iter(answer)
    try:
        while True:
            # As `translated` does it, without a context manager for each item.
            try:
                item = next(items, _END)
            except CrossdockError:
                raise
            except Exception as error:
                raise _failed(plugin, hook, error) from error
            if item is _END:
                return
            if not isinstance(item, kind):
                raise _broken(plugin, hook, f"yielded {type(item).__name__} where {kind.__name__} belongs")
            yield item
    finally:
        with translated(plugin, hook):
            getattr(items, "close", _nothing)()


def receipts(
    plugin: str, hook: str, origins: Iterable[Origin], given: Iterator[Receipt]
) -> Iterator[Receipt]:
    """Exactly one receipt for each origin. Raises ContractError naming the record."""
    open_ones = Counter(origins)
    asked = frozenset(open_ones)
    for receipt in given:
        if receipt.origin not in asked:
            raise _broken(plugin, hook, f"gave a receipt for {receipt.origin}, which it was not handed")
        if not open_ones[receipt.origin]:
            raise _broken(plugin, hook, f"gave a second receipt for {receipt.origin}")
        open_ones[receipt.origin] -= 1
        yield replace(receipt, reasons=_told(receipt.reasons)) if receipt.reasons else receipt
    missing = [str(origin) for origin, count in open_ones.items() if count]
    if missing:
        raise _broken(plugin, hook, f"gave no receipt for {_some(missing)}")


def loaded(plugin: str, given: Iterator[Receipt]) -> Iterator[Receipt]:
    """Receipts of load whose outcome is one of its five, with a target id if something is there."""
    for receipt in given:
        if receipt.outcome not in _LOADED:
            raise _broken(plugin, "load", f"gave the outcome {receipt.outcome} for {receipt.origin}")
        if receipt.outcome in _WRITTEN and not receipt.target_id:
            raise _broken(plugin, "load", f"says {receipt.outcome} without a target id for {receipt.origin}")
        yield receipt


def batches(plugin: str, object_name: str, start: str | None, given: Iterator[Batch]) -> Iterator[Batch]:
    """Batches of that object whose cursor moves on with each batch that holds something."""
    seen = {start}
    for batch in given:
        items: tuple[Record | Rejected, ...] = (*batch.records, *batch.rejected)
        for item in items:
            if item.object_name != object_name:
                raise _broken(plugin, "extract", f"mixed {item.object_name} {item.key} into {object_name}")
        if batch.cursor in seen and items:
            raise _broken(
                plugin, "extract", f"gave the cursor {quote(batch.cursor)!r} of {object_name} twice"
            )
        seen.add(batch.cursor)
        rejected = tuple(replace(each, reasons=_told(each.reasons)) for each in batch.rejected)
        yield replace(batch, rejected=rejected) if rejected else batch


def changes(plugin: str, given: Iterator[Change]) -> Iterator[Change]:
    """Changes with a key of their own each: the ledger knows them by it."""
    seen: set[str] = set()
    for change in given:
        if change.key in seen:
            raise _broken(plugin, "provision", f"gave the change {change.key} twice")
        seen.add(change.key)
        yield change


def pauses(plugin: str, wanted: Iterable[Artifact], given: Iterator[Change]) -> Iterator[Change]:
    """Changes among which each automation to be paused has its own. Raises ConfigError, ContractError.

    A plugin whose hook leaves the argument out cannot pause: that shows here.
    """
    open_ones = {f"automation:{artifact.kind} {artifact.id}": artifact for artifact in wanted}
    for change in given:
        if change.kind is ChangeKind.PAUSE and open_ones.pop(change.key, None) is None:
            raise _broken(plugin, "provision", f"paused {change.key}, which it was not asked to")
        yield change
    if open_ones:
        names = ", ".join(f"{artifact.kind} {artifact.name}" for artifact in open_ones.values())
        raise ConfigError(
            f"{plugin} cannot pause {names}.",
            hint="Switch it off there by hand, or decide `keep` under `automations:` in mapping.yaml.",
        )


def _failed(plugin: str, hook: str, error: Exception) -> ContractError:
    return ContractError(
        f"the plugin {plugin!r} failed in its hook {hook}: {type(error).__name__}: {quote(str(error))}.",
        hint="This is a fault of the plugin; report it with the log.",
    )


def _broken(plugin: str, hook: str, what: str) -> ContractError:
    return ContractError(
        f"the plugin {plugin!r} breaks the promise of its hook {hook}: it {what}.",
        hint="This is a fault of the plugin; report it.",
    )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _told(reasons: Iterable[str]) -> tuple[str, ...]:
    """Reasons for people, secrets taken out: a plugin may quote what the platform said."""
    return tuple(map(redact, reasons))


def _nothing() -> None:
    """Iterators that are no generators have nothing to close."""
