"""The gate of a phase: everything it wrote is read back, compared, and kept as the base."""

from dataclasses import dataclass, field, replace

from crossdock.compare import compare
from crossdock.ledger import Entry, PhaseState
from crossdock.loading.context import PhaseContext
from crossdock.model import Finding, FindingKind

_COUNTED = (FindingKind.NEVER_ARRIVED, FindingKind.DIFFERS)


@dataclass
class Settlement:
    """How a phase stands: records read back, and what was found on them."""

    checked: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def failing(self) -> int:
        """Records that did not arrive, or differ."""
        return len({f.target_id for f in self.findings if f.kind in _COUNTED})

    def passes(self, allowance: float) -> bool:
        """True if no more than this share of the records fails."""
        return self.failing <= allowance * self.checked


def settle_phase(context: PhaseContext, page_size: int) -> Settlement:
    """Read back every record that the phase wrote, compare each written field, keep the bases."""
    settlement = Settlement()
    for entries in context.ledger.journal.done(context.run, context.record, page_size):
        _settle(context, [e for e in entries if e.fields], settlement)
    context.ledger.runs.set_phase_state(context.record, PhaseState.SETTLED)
    return settlement


def _settle(context: PhaseContext, entries: list[Entry], settlement: Settlement) -> None:
    targets = context.targets_of_keys([e.link.origin.key for e in entries])
    observed = context.observed([e.link.target_id for e in entries])
    bases = []
    for entry in entries:
        target = targets.get((entry.link.origin.key, entry.link.origin.part))
        observation = observed.get(entry.link.target_id)
        settlement.checked += 1
        if target is not None:
            written = {name: target.values.get(name) for name in entry.fields}
            expected = replace(target, target_id=entry.link.target_id, values=written)
            settlement.findings.extend(compare(expected, observation, None, context.schema))
        if observation is not None:
            read_back = {name: observation.values.get(name) for name in entry.fields}
            bases.append((entry.link, {**(entry.link.base or {}), **read_back}))
    context.ledger.links.set_bases(bases)
