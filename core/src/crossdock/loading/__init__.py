"""Loading a phase: what each staged record becomes, in doubt and done, and read back afterwards."""

from crossdock.loading.context import PhaseContext, Transform
from crossdock.loading.doubt import settle_doubt
from crossdock.loading.duplicates import Part, SharedKeys, find_groups, loaded_in, waiting_lines
from crossdock.loading.phase import load_phase
from crossdock.loading.reading import Reading, of_delta, of_retry, unresolved_keys, waiting_keys
from crossdock.loading.release import bonds, held_fields, release, settle_release_doubt
from crossdock.loading.removal import (
    deleted_keys,
    remove_deleted,
    settle_removal,
    settle_removal_doubt,
    vanished_keys,
)
from crossdock.loading.secondpass import load_deferred
from crossdock.loading.settlement import Settlement, settle_phase

__all__ = [
    "Part",
    "PhaseContext",
    "Reading",
    "Settlement",
    "SharedKeys",
    "Transform",
    "bonds",
    "deleted_keys",
    "find_groups",
    "held_fields",
    "load_deferred",
    "load_phase",
    "loaded_in",
    "of_delta",
    "of_retry",
    "release",
    "remove_deleted",
    "settle_doubt",
    "settle_phase",
    "settle_release_doubt",
    "settle_removal",
    "settle_removal_doubt",
    "unresolved_keys",
    "vanished_keys",
    "waiting_keys",
    "waiting_lines",
]
