"""A proposal for the two sides of a labelled case: what the scorer of mapping proposals calls."""

from collections.abc import Mapping
from typing import Any

from crossdock.matching.cases import side_of_case
from crossdock.matching.objects import pair_objects
from crossdock.matching.pairing import pair_fields


def propose_case(source: Mapping[str, Any], destination: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Candidates as `{source, destination, score, chosen}`, the best of each source field first.

    A side is `{object, label, fields: [{name, label, type, options, samples, readonly}]}`, or
    `{system, objects: [{object, label, fields}]}`: then objects are proposed. `score` is how often such a
    proposal is right, 0 to 1.
    """
    if "objects" in source:
        return _objects(source, destination)
    pairing = pair_fields(side_of_case(source), side_of_case(destination))
    return [
        {
            "source": c.source.name,
            "destination": c.destination.name,
            "score": round(c.confidence, 4),
            "chosen": c.chosen,
        }
        for found in pairing.candidates.values()
        for c in found
    ]


def _objects(source: Mapping[str, Any], destination: Mapping[str, Any]) -> list[dict[str, Any]]:
    sources, destinations = ([side_of_case(o) for o in side["objects"]] for side in (source, destination))
    return [
        {
            "source": pair.source.name,
            "destination": pair.destination.name,
            "score": round(pair.confidence, 4),
            "chosen": pair.chosen,
        }
        for found in pair_objects(sources, destinations).values()
        for pair in found
    ]
