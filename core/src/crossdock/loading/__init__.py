"""Loading a phase: what each staged record becomes, in doubt and done, and read back afterwards."""

from crossdock.loading.context import PhaseContext, Transform
from crossdock.loading.doubt import settle_doubt
from crossdock.loading.phase import load_phase
from crossdock.loading.secondpass import load_deferred
from crossdock.loading.settlement import Settlement, settle_phase

__all__ = [
    "PhaseContext",
    "Settlement",
    "Transform",
    "load_deferred",
    "load_phase",
    "settle_doubt",
    "settle_phase",
]
