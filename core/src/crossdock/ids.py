"""Deterministic target ids, external ids, and the id map that references are resolved through."""

import hashlib
import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from crossdock.model import Origin

_NAMESPACE = uuid.UUID("6f4a1b0e-0d0c-5b0e-9a53-0c5d0c7a11d5")


def target_uuid(project: str, origin: Origin, target_object: str) -> str:
    """UUIDv5 of (project, tenant, object, key, target object, part): the same record, the same id."""
    parts = (project, origin.tenant, origin.object_name, origin.key, target_object, origin.part)
    # uuid.uuid5 as text, without the UUID object: every record needs one at least twice.
    content = _NAMESPACE.bytes + "\x1f".join(parts).encode()
    digest = bytearray(hashlib.sha1(content, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def external_id(project: str, origin: Origin) -> str:
    """What is written into the target record so that it can be found without the ledger."""
    return f"{project}:{origin}"


TENANT_BORDER = "references never cross tenants"
"""What is said of a reference to a record that only another tenant has."""


GONE = "was deleted at the source, so what it refers to there is left over or in the trash"
"""What is said of a reference to a record that was loaded, and is not at the source any more."""


class ReferenceStatus(StrEnum):
    """Why a reference has no target id yet, or that it has one."""

    LOADED = "loaded"
    DELETED = (
        "deleted at the source"  # it has a target id: what is there lies in the trash, or people keep it
    )
    PENDING = "pending"  # a route leads there, and the record has no outcome yet: same or later phase
    HELD = "held"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    FAILED = "failed"
    ABSENT = "absent"  # the source gave no such record
    FOREIGN = "foreign"  # not this tenant's; another tenant has such a record
    UNMAPPED = "unmapped"  # no route leads from that object to the target object


class IdMap(Protocol):
    """Looks up which target record a source record became. All answers are of one tenant."""

    @property
    def project(self) -> str:
        """The project id."""

    @property
    def tenant(self) -> str:
        """The tenant that the records belong to."""

    def target_id(self, object_name: str, key: str, target_object: str) -> str | None:
        """The target id, or None if that record was not loaded."""

    def status(self, object_name: str, key: str, target_object: str) -> ReferenceStatus:
        """Where that record stands on its way to the target object."""

    def source_values(self, object_name: str, key: str) -> Mapping[str, Any] | None:
        """The values of another source record at rest (the name of an author), None if there is none."""

    def fallback(self, match: str, target_object: str) -> str | None:
        """The id of the target record that a fallback names (an e-mail, a name, an id), if it is there."""


@runtime_checkable
class TenantIds(IdMap, Protocol):
    """An id map that knows of the other tenants, to say so when a reference leads to one of them."""

    def holder(self, object_name: str, key: str) -> str:
        """The other tenant that has such a record and this one has not, "" if none has."""
