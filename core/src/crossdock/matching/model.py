"""The fitted numbers: weights of the evidence, the threshold of a proposal, and its calibration.

They are data (`weights.json`), written by `tools/fit_matching.py` together with the hash of the labelled
cases that they were fitted on.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crossdock.matching.features import NAMES
from crossdock.matching.regression import probability

FARTHEST = 6.0
"""A lead over the next best candidate beyond this adds nothing."""


@dataclass(frozen=True, slots=True)
class Model:
    """`weights`: the constant and one a number of the evidence. `threshold`: the log-odds that a proposal
    needs. `calibration`: the constant, and the weights of the two leads."""

    weights: tuple[float, ...]
    threshold: float
    calibration: tuple[float, float, float]

    def logit(self, numbers: Sequence[float]) -> float:
        """The log-odds that a pair with this evidence is right."""
        total = self.weights[0]
        for weight, number in zip(self.weights[1:], numbers, strict=True):
            if number:
                total += weight * number
        return total

    def weight_of(self, name: str) -> float:
        """The weight of one piece of evidence, by its name among `features.NAMES`."""
        return self.weights[1 + NAMES.index(name)]

    def confidence(self, lead: float, lead_there: float) -> float:
        """How often a pair like this one is right. `lead`: over the next best candidate of the source field
        and over the threshold; `lead_there`: the same for the destination field."""
        constant, by_lead, by_lead_there = self.calibration
        return probability(constant + by_lead * bounded(lead) + by_lead_there * bounded(lead_there))


def bounded(lead: float) -> float:
    """A lead, no greater than counts."""
    return max(-FARTHEST, min(FARTHEST, lead))


@cache
def model() -> Model:
    """The model that comes with the package. Raises ValueError if it was fitted to other evidence."""
    found = json.loads(files("crossdock.matching").joinpath("weights.json").read_text(encoding="utf-8"))
    if tuple(found["evidence"]) != NAMES:
        raise ValueError("weights.json was fitted to other evidence; run tools/fit_matching.py again")
    constant, by_lead, by_lead_there = found["calibration"]
    return Model(tuple(found["weights"]), found["threshold"], (constant, by_lead, by_lead_there))
