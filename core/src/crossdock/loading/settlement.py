"""The gate of a phase: everything it wrote is read back, compared, and kept as the base."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crossdock.compare import compare, given_way
from crossdock.equality import is_empty
from crossdock.ids import GONE, TENANT_BORDER
from crossdock.ledger import Entry, LinkState, PhaseState
from crossdock.loading.changing import agreed
from crossdock.loading.context import PhaseContext
from crossdock.loading.joining import MERGED, leaves
from crossdock.loading.merging import onto_existing
from crossdock.model import Finding, FindingKind, Observation, Outcome, TargetRecord

_COUNTED = (FindingKind.NEVER_ARRIVED, FindingKind.DIFFERS)


@dataclass
class Settlement:
    """How a phase stands: records read back, and how many of them fail."""

    checked: int = 0
    failing: int = 0

    def passes(self, allowance: float) -> bool:
        """True if no more than this share of the records fails."""
        return self.failing <= allowance * self.checked


@dataclass(frozen=True, slots=True)
class _Page:
    """Written entries, what was to be sent for them by (key, part), and what is there now by target id."""

    entries: Sequence[Entry]
    targets: Mapping[tuple[str, str], TargetRecord]
    observed: Mapping[str, Observation]


def settle_phase(context: PhaseContext, page_size: int, allowance: float = 0.0) -> Settlement:
    """Read back every record that the phase wrote, compare each written field, keep the bases.

    The findings replace those of an earlier try. The phase is settled only if it passes: one that
    did not is read back again by the next start.
    """
    settlement = Settlement()
    context.ledger.findings.clear(context.run, context.record)
    for entries in context.ledger.journal.done(context.run, context.record, page_size):
        page = _page_of(context, [e for e in entries if e.fields or _was_merged(e) or _was_there(context, e)])
        _settle(context, page, settlement)
        _keep_agreed(context, page)
        _name_given_way(context, page)
    _name_deleted(context)
    if settlement.passes(allowance):
        context.ledger.runs.set_phase_state(context.record, PhaseState.SETTLED)
    return settlement


def _name_deleted(context: PhaseContext) -> None:
    """The records that were left out because somebody deleted them there are findings."""
    keys = [line.key for line in context.ledger.books.lines(context.record, Outcome.SKIPPED)]
    staged = context.staging.get(context.tenant, context.mapping.source, keys)
    there = sorted(key for key, found in staged.items() if not found.record.deleted)
    links = context.ledger.links.of_keys(context.tenant, context.mapping.source, context.schema.name, there)
    found = [
        Finding(FindingKind.DELETED_THERE, link.target_object, link.target_id, link.origin)
        for link in links
        if link.state is LinkState.DELETED_THERE
    ]
    context.ledger.findings.add(context.run, found, context.record)


def _page_of(context: PhaseContext, entries: list[Entry]) -> _Page:
    targets = context.targets_of_keys([e.link.origin.key for e in entries])
    return _Page(entries, targets, context.observed([e.link.target_id for e in entries]))


def _settle(context: PhaseContext, page: _Page, settlement: Settlement) -> None:
    entries, targets, observed = [e for e in page.entries if e.fields], page.targets, page.observed
    bases, findings = [], []
    filled = context.ledger.links.added_fields(context.schema.name, [e.link.target_id for e in entries])
    for entry in entries:
        target = targets.get((entry.link.origin.key, entry.link.origin.part))
        observation = observed.get(entry.link.target_id)
        settlement.checked += 1
        names = _own_fields(entry, target, filled.get(entry.link.target_id, set()))
        if target is not None:
            written = {name: target.values.get(name) for name in names}
            if observation is not None:
                written = onto_existing(written, entry.link, observation.values)
            expected = replace(target, target_id=entry.link.target_id, values=written)
            findings.append([*compare(expected, observation, None, context.schema), *_noted(expected)])
        if observation is not None:
            read_back = dict.fromkeys(entry.fields)
            read_back |= {name: observation.values.get(name) for name in names}
            read_back |= _agreed(context, entry, target, observation)
            bases.append((entry.link, {**(entry.link.base or {}), **read_back}))
    context.ledger.links.set_bases(bases)
    settlement.failing += sum(any(f.kind in _COUNTED for f in found) for found in findings)
    context.ledger.findings.add(context.run, (f for found in findings for f in found), context.record)


def _keep_agreed(context: PhaseContext, page: _Page) -> None:
    """Keep what was there before, also where nothing had to be written: people may change it later."""
    bases = []
    for entry in page.entries:
        target = page.targets.get((entry.link.origin.key, entry.link.origin.part))
        observation = page.observed.get(entry.link.target_id)
        if not entry.fields and observation is not None:
            more = _agreed(context, entry, target, observation)
            bases += [(entry.link, {**(entry.link.base or {}), **more})] if more else []
    context.ledger.links.set_bases(bases)


def _agreed(
    context: PhaseContext, entry: Entry, target: TargetRecord | None, observation: Observation
) -> dict[str, Any]:
    if target is None or _was_merged(entry) or not _was_there(context, entry):
        return {}
    found = agreed(context, target, entry.link, observation)
    return {name: value for name, value in found.items() if name not in entry.fields}


def _was_there(context: PhaseContext, entry: Entry) -> bool:
    """Whether the record was there before, and this project writes into it."""
    return entry.link.made_by is None and not leaves(context)


def _was_merged(entry: Entry) -> bool:
    return any(reason.startswith(f"{MERGED} ") for reason in entry.reasons)


def _name_given_way(context: PhaseContext, page: _Page) -> None:
    """Each value of a merged record that the record it went into does not hold is a finding."""
    found: list[Finding] = []
    for entry in filter(_was_merged, page.entries):
        target = page.targets.get((entry.link.origin.key, entry.link.origin.part))
        if target is not None:
            observation = page.observed.get(entry.link.target_id)
            found += given_way(target, observation, entry.fields, context.schema)
    context.ledger.findings.add(context.run, found, context.record)


def _own_fields(entry: Entry, target: TargetRecord | None, filled: set[str]) -> list[str]:
    """The written fields without those that it left empty and a record that was merged into it filled."""
    if entry.link.made_by is None or target is None:
        return list(entry.fields)
    return [n for n in entry.fields if n not in filled or not is_empty(target.values.get(n))]


def _noted(target: TargetRecord) -> list[Finding]:
    """What a rule of the mapping changed or left out in the written fields, one finding each."""
    found = []
    place = (target.object_name, target.target_id, target.origin)
    for note in target.notes:
        name, _, told = note.partition(": ")
        if name in target.values:
            found.append(Finding(_kind(told), *place, name, note=told))
    return found


def _kind(told: str) -> FindingKind:
    if told.endswith(GONE):
        return FindingKind.DELETED_AT_SOURCE
    return FindingKind.CROSSES_TENANTS if TENANT_BORDER in told else FindingKind.NORMALISED
