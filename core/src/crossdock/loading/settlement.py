"""The gate of a phase: everything it wrote is read back, compared, and kept as the base."""

from collections import Counter
from dataclasses import dataclass, field, replace

from crossdock.compare import compare
from crossdock.ledger import Entry, PhaseState
from crossdock.loading.context import PhaseContext
from crossdock.loading.merging import onto_existing
from crossdock.model import FindingKind

_COUNTED = (FindingKind.NEVER_ARRIVED, FindingKind.DIFFERS)


@dataclass
class Settlement:
    """How a phase stands: records read back, how many of them fail, and what was found by kind."""

    checked: int = 0
    failing: int = 0
    kinds: Counter[FindingKind] = field(default_factory=Counter)

    def passes(self, allowance: float) -> bool:
        """True if no more than this share of the records fails."""
        return self.failing <= allowance * self.checked


def settle_phase(context: PhaseContext, page_size: int, allowance: float = 0.0) -> Settlement:
    """Read back every record that the phase wrote, compare each written field, keep the bases.

    The findings replace those of an earlier try. The phase is settled only if it passes: one that
    did not is read back again by the next start.
    """
    settlement = Settlement()
    context.ledger.findings.clear(context.run, context.record)
    for entries in context.ledger.journal.done(context.run, context.record, page_size):
        _settle(context, [e for e in entries if e.fields], settlement)
    if settlement.passes(allowance):
        context.ledger.runs.set_phase_state(context.record, PhaseState.SETTLED)
    return settlement


def _settle(context: PhaseContext, entries: list[Entry], settlement: Settlement) -> None:
    targets = context.targets_of_keys([e.link.origin.key for e in entries])
    observed = context.observed([e.link.target_id for e in entries])
    bases, findings = [], []
    for entry in entries:
        target = targets.get((entry.link.origin.key, entry.link.origin.part))
        observation = observed.get(entry.link.target_id)
        settlement.checked += 1
        if target is not None:
            written = {name: target.values.get(name) for name in entry.fields}
            if observation is not None:
                written = onto_existing(written, entry.link, observation.values)
            expected = replace(target, target_id=entry.link.target_id, values=written)
            findings.append(compare(expected, observation, None, context.schema))
        if observation is not None:
            read_back = {name: observation.values.get(name) for name in entry.fields}
            bases.append((entry.link, {**(entry.link.base or {}), **read_back}))
    context.ledger.links.set_bases(bases)
    settlement.failing += sum(any(f.kind in _COUNTED for f in found) for found in findings)
    settlement.kinds.update(f.kind for found in findings for f in found)
    context.ledger.findings.add(context.run, (f for found in findings for f in found), context.record)
