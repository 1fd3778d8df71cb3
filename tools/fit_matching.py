"""Fit the weights of the field matching to labelled cases and store them with the hash of the cases.

    python tools/fit_matching.py CASE.json... [--store]

A case is {"source": side, "destination": side, "gold": [[source, destination]...], "optional": [...]}; see
`crossdock.matching.cases.side_of_case`. Every case is used twice, once with the technical names of the
source hidden. The threshold and the calibration come from proposals about a case that the weights were not
fitted on. Without --store only the figures are printed.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import crossdock.matching as package
from crossdock.matching.assignment import assign
from crossdock.matching.cases import side_of_case
from crossdock.matching.features import NAMES
from crossdock.matching.model import Model, bounded
from crossdock.matching.pairing import evidence_of, leads_of
from crossdock.matching.regression import fit

RIDGE = 1.0
CALIBRATION_RIDGE = 0.5
THRESHOLDS = [t / 10 for t in range(-25, 16)]
AS_GOOD = 0.003
"""Of thresholds whose results differ by no more (a few pairs among a thousand) the highest is taken:
no pair is better than a wrong one."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A case as the fit sees it: the evidence of its pairs, which are right, which do not count."""

    case: int
    evidence: dict[tuple[int, int], tuple[float, ...]]
    right: set[tuple[int, int]]
    defensible: set[tuple[int, int]]
    read_only: set[int]
    mapped: set[int]
    fields: int


Made = tuple[list[float], bool]
"""A proposal: its two leads, and whether it is right."""


def labelled(number: int, case: dict[str, Any], *, hide_names: bool) -> Labelled:
    """A case, read; with `hide_names` its source fields have no names but numbers."""
    own = {f["name"]: i for i, f in enumerate(case["source"]["fields"])}
    there = {f["name"]: i for i, f in enumerate(case["destination"]["fields"])}
    source = case["source"]
    if hide_names:
        source = {**source, "fields": [{**f, "name": f"f{i:03d}"} for i, f in enumerate(source["fields"])]}
    destination = side_of_case(case["destination"])
    found = evidence_of(side_of_case(source), destination)
    right = {(own[a], there[b]) for a, b in case["gold"]}
    return Labelled(
        number,
        {pair: e.numbers for pair, e in found.items()},
        right,
        {(own[a], there[b]) for a, b in case.get("optional", ())} - right,
        {j for j, f in enumerate(destination.fields) if f.read_only},
        {i for i, _ in right},
        len(own),
    )


def weights_of(cases: Sequence[Labelled]) -> tuple[float, ...]:
    """The weights fitted to these cases; defensible pairs are left out of it."""
    rows, right = [], []
    for case in cases:
        for pair, numbers in case.evidence.items():
            if pair not in case.defensible:
                rows.append(numbers)
                right.append(pair in case.right)
    return tuple(fit(rows, right, RIDGE))


def proposals(case: Labelled, weights: tuple[float, ...], threshold: float) -> list[Made]:
    """What is proposed for a case, as far as it counts."""
    by = Model(weights, threshold, (0, 0, 0))
    logits = {pair: by.logit(numbers) for pair, numbers in case.evidence.items()}
    leads, there = (leads_of(logits, side, threshold) for side in (0, 1))
    made = []
    for pair in assign({pair: logit - threshold for pair, logit in logits.items()}).items():
        if pair[1] in case.read_only or (pair in case.defensible and pair[0] not in case.mapped):
            continue
        is_right = pair in case.right or pair in case.defensible
        made.append(([bounded(leads[pair]), bounded(there[pair])], is_right))
    return made


def f1(case: Labelled, made: Sequence[Made]) -> float:
    """The harmonic mean of precision and recall."""
    hits = sum(is_right for _, is_right in made)
    return 2 * hits / (len(made) + len(case.mapped)) if made or case.mapped else 1.0


def fitted(cases: list[Labelled]) -> dict[str, Any]:
    """Weights from all cases, threshold and calibration from each one left out."""
    left_out = {
        number: weights_of([c for c in cases if c.case != number]) for number in {c.case for c in cases}
    }
    scores = {
        t: sum(f1(c, proposals(c, left_out[c.case], t)) for c in cases) / len(cases) for t in THRESHOLDS
    }
    enough = max(scores.values()) - AS_GOOD
    threshold = max(t for t in THRESHOLDS if scores[t] >= enough)
    made = [p for c in cases for p in proposals(c, left_out[c.case], threshold)]
    calibration = fit([row for row, _ in made], [is_right for _, is_right in made], CALIBRATION_RIDGE)
    return {
        "f1_left_out": round(scores[threshold], 4),
        "evidence": list(NAMES),
        "weights": [round(w, 4) for w in weights_of(cases)],
        "threshold": threshold,
        "calibration": [round(w, 4) for w in calibration],
    }


def main() -> None:
    """Read the cases, fit, print, and store if told to."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("cases", nargs="+", type=Path)
    parser.add_argument("--store", action="store_true", help="write weights.json of the package")
    options = parser.parse_args()
    contents = sorted(path.read_bytes() for path in options.cases)
    digest = hashlib.sha256(b"\0".join(contents)).hexdigest()
    cases = [
        labelled(i, json.loads(content), hide_names=hide)
        for i, content in enumerate(contents)
        for hide in (False, True)
    ]
    result = {"fitted_on": {"cases": len(contents), "sha256": digest}, **fitted(cases)}
    text = json.dumps(result, indent=1, ensure_ascii=False)
    print(text)  # noqa: T201
    if options.store:
        target = Path(str(package.__file__)).with_name("weights.json")
        target.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
