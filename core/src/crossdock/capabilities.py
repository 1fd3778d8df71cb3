"""What a platform can do, declared by its plugin and verified by the conformance kit.

A capability that nobody declared is `unknown`, which a stage treats as "no" and a report as a question.
"""

from collections.abc import Mapping
from enum import StrEnum


class Support(StrEnum):
    """The answer to "can it?"."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Capability(StrEnum):
    """Named abilities. Sources first, destinations after."""

    CHANGED_SINCE = "changed_since"  # extract can be limited to records changed since a time
    DELETED_VISIBLE = "deleted_visible"  # deleted records can be listed
    STABLE_ORDER = "stable_order"  # paging is complete while records are added
    FILES = "files"  # file contents can be read / written

    CLIENT_IDS = "client_ids"  # the client chooses the record id in the create call itself
    EXTERNAL_IDS = "external_ids"  # an external id is written in the same transaction as the record
    ATOMIC_BATCH = "atomic_batch"  # a batch is kept whole or not at all
    TRASH = "trash"  # deleted records go to a bin, and count for uniqueness there
    CREATED_AT = "created_at"  # the original creation time can be kept
    AUTHORS = "authors"  # the original author can be kept
    CUSTOM_OBJECTS = "custom_objects"  # new kinds of record can be provisioned
    CUSTOM_FIELDS = "custom_fields"  # new fields can be provisioned
    MULTI_REFERENCES = "multi_references"  # one field holds several references
    CREATE_USERS = "create_users"  # users can be created through the key
    CONCURRENT_LOAD = "concurrent_load"  # more than one batch at a time is safe and faster
    APPROVALS = "approvals"  # people can be asked to approve, and work waits for them
    SEQUENCES = "sequences"  # e-mails can be sent by themselves, on a schedule or after an event
    IMPORT_FILES = "import_files"  # its own importer takes files that can be written (see `fileformat`)


class Capabilities:
    """A lookup from capability to support; `caps[Capability.TRASH]` never raises."""

    __slots__ = ("_declared",)

    def __init__(self, declared: Mapping[Capability, Support] | None = None) -> None:
        self._declared = dict(declared or {})

    def __getitem__(self, capability: Capability) -> Support:
        return self._declared.get(capability, Support.UNKNOWN)

    def can(self, capability: Capability) -> bool:
        """True only for a declared yes."""
        return self[capability] is Support.YES

    def as_dict(self) -> dict[str, str]:
        """All capabilities by name, undeclared ones as "unknown"."""
        return {c.value: self[c].value for c in Capability}
