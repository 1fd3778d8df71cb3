"""The nouns of a migration, as frozen dataclasses. No pydantic, no I/O, no platform in here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from crossdock.capabilities import Capabilities
from crossdock.fieldtypes import FieldType


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select field. `value` is stored, `label` is shown."""

    value: str
    label: str = ""


class Provenance(StrEnum):
    """How a field's type is known; a guess is never left unmarked."""

    PLATFORM = "platform"  # the platform's own metadata says so
    PROFILED = "profiled"  # inferred from sample values
    DECLARED = "declared"  # a person or a mapping says so
    ASSUMED = "assumed"  # documentation or habit; not measured


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """One field of an object.

    `references` names the objects a REFERENCE may point to; `max_length` in characters;
    `filled`: the platform puts something in by itself when a create leaves the field out; `blank` is what
    it keeps where nothing was written, if that is not nothing (0, False): the two are the same there;
    `settings` holds what only the platform's own plugin understands (relation ids, currency, kind).
    """

    name: str
    type: FieldType
    label: str = ""
    required: bool = False
    unique: bool = False
    read_only: bool = False
    multiple: bool = False
    custom: bool = False
    filled: bool = False
    options: tuple[Option, ...] = ()
    references: tuple[str, ...] = ()
    max_length: int | None = None
    default: Any = None
    blank: Any = None
    provenance: Provenance = Provenance.PLATFORM
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    """A kind of record. `count` is the number of live records, None if the platform did not say.

    `match_only` objects can be found but never created by a key (users of most platforms).
    `snapshot`: the list cannot be asked for what changed since a time, or does not show what was
    deleted; a delta reads all of it.
    `requests`: how many requests reading all of it takes, where that is more than its pages (a request a
    record, for instance).
    `settings` is the plugin's own (metadata ids, namespace and code).
    """

    name: str
    fields: tuple[FieldSchema, ...]
    label: str = ""
    label_plural: str = ""
    count: int | None = None
    custom: bool = False
    match_only: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    snapshot: bool = False
    requests: int | None = None

    def field(self, name: str) -> FieldSchema | None:
        """The field of that name, or None."""
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class Artifact:
    """Something that cannot move by itself: a workflow, a robot, a report, an automation.

    `active` matters for automations at a destination: whether it would act by itself while records are
    loaded. `id` is unique among those of its kind.
    """

    kind: str
    name: str
    id: str = ""
    active: bool | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArtifactReport:
    """What looking for one kind of artifact gave: found, none found, or not examined and why."""

    kind: str
    found: tuple[Artifact, ...] = ()
    not_examined: str = ""

    def summary(self) -> str:
        """`3 found`, `none found` or `not examined: why`."""
        if self.not_examined:
            return f"not examined: {self.not_examined}"
        return f"{len(self.found)} found" if self.found else "none found"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a connection. Rates are in calls a minute; `scope` names who shares the budget.

    `batch_size` is the most records one write may carry, `page_size` the most one read returns.
    """

    scope: str
    calls_per_minute: float | None = None
    batch_size: int = 1
    page_size: int = 100


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a connection holds, as found by discover. Nothing in it was guessed without a mark.

    `identity` tells one destination from another (workspace id, database uuid): a confirmation is
    bound to it. `version` is the platform's version or "" if it does not say. `provisionable`: the types
    of field that a destination can be given, `provisionable_several`: those of which one field there can
    hold several values. `artifacts` may be looked for when they are first read, as
    most commands do not need them. `external_id_field`: the text field that a destination provisions on
    every object for `TargetRecord.external_id`. `equivalents`: by kind of artifact or capability what stands
    for it there, in a sentence that tells a person where to build it.
    """

    platform: str
    identity: str
    objects: tuple[ObjectSchema, ...]
    capabilities: Capabilities
    limits: Limits
    version: str = ""
    artifacts: Sequence[ArtifactReport] = ()
    notes: tuple[str, ...] = ()
    provisionable: frozenset[FieldType] = frozenset(FieldType)
    external_id_field: str = ""
    provisionable_several: frozenset[FieldType] = frozenset(FieldType)
    equivalents: Mapping[str, str] = field(default_factory=dict)

    def object(self, name: str) -> ObjectSchema | None:
        """The object of that name, or None."""
        return next((o for o in self.objects if o.name == name), None)


@dataclass(frozen=True, slots=True)
class Record:
    """One source record with canonical values. `key` is the source's own id, unique in its object."""

    object_name: str
    key: str
    values: Mapping[str, Any]
    deleted: bool = False
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A source item that could not become a record; kept and counted, never dropped.

    `queue` names the queue that holds it for a decision; "" means rejected for good.
    """

    object_name: str
    key: str
    reasons: tuple[str, ...]
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A source record that a mapping leaves out on purpose; `rule` is the rule as written there."""

    object_name: str
    key: str
    rule: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Records as extracted, and the cursor to go on after them.

    `total` is the platform's own count for the whole object when it gives one; staging checks it.
    `read_at` is the platform's own time when it answered (never the clock of this machine), None if it
    does not say: the next delta starts from it.
    """

    records: tuple[Record, ...]
    cursor: str
    total: int | None = None
    rejected: tuple[Rejected, ...] = ()
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a target record comes from. `part` tells apart several target records of one source record."""

    tenant: str
    object_name: str
    key: str
    part: str = ""

    def __str__(self) -> str:
        tail = f"#{self.part}" if self.part else ""
        return f"{self.tenant}/{self.object_name}/{self.key}{tail}"


class Action(StrEnum):
    """What a destination is asked to do with a target record."""

    CREATE = "create"
    UPDATE = "update"
    RESTORE = "restore"  # take it out of the trash, then update
    TRASH = "trash"  # its source record was deleted: put it into the trash
    DESTROY = "destroy"  # its source record was deleted: remove it for good


REMOVALS = frozenset({Action.TRASH, Action.DESTROY})
"""Actions that take a record away; they carry no values, and their receipt is `updated`."""


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """A record as the destination shall hold it, in canonical values.

    `target_id` is the deterministic id (UUIDv5) for a create, the found id for an update.
    A REFERENCE value is the target id (str) of the record it points to. `external_id` holds
    "<project>:<origin>" and is written into the record in the same call. `deferred` names fields
    left out because they point to a record that is loaded later; `notes` says what a rule of the
    mapping changed or left out, one sentence each. `flags`: by field, what the report says of this
    record because the field has a value.
    """

    object_name: str
    origin: Origin
    target_id: str
    external_id: str
    values: Mapping[str, Any]
    action: Action = Action.CREATE
    deferred: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    flags: Mapping[str, str] = field(default_factory=dict)


class Outcome(StrEnum):
    """How a target record ended (first five) or a source record (all).

    FILED: it was written into a file for the destination's own importer; nobody knows yet that it is there.
    """

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    FAILED = "failed"
    LOADED = "loaded"
    MERGED = "merged"
    SKIPPED = "skipped"
    HELD = "held"
    FILED = "filed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The destination's answer for one target record (or one undone ledger entry).

    `normalised` names fields that the platform forces into another form, by a declared rule.
    """

    origin: Origin
    outcome: Outcome
    target_id: str = ""
    reasons: tuple[str, ...] = ()
    normalised: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observation:
    """One record as read back. On a destination `id` is the target id, on a source the key.

    `image` is the platform's own form of the record, enough for rollback to restore it.
    `external_id` is what this project wrote to own it ("" on records it does not own).
    """

    object_name: str
    id: str
    values: Mapping[str, Any]
    trashed: bool = False
    external_id: str = ""
    image: Mapping[str, Any] = field(default_factory=dict)
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records reconcile shall read back: exactly one of the three is set.

    ids: by target id (destination) or key (source), trash included.
    match: by match key: field name and the canonical values to look for, trash included.
    owned: every record whose external id starts with this prefix, live ones only. "" on a source: all.
    """

    ids: tuple[str, ...] | None = None
    match: tuple[str, tuple[Any, ...]] | None = None
    owned: str | None = None


class ChangeKind(StrEnum):
    """What provision adds; PAUSE: an automation that it switches off."""

    OBJECT = "object"
    FIELD = "field"
    OPTION = "option"
    RELATION = "relation"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Change:
    """One addition to the destination's schema, or a paused automation, and how to undo it.

    `key` is stable over runs (`field:company.inn`, `automation:KIND ID`). `undo` is enough for rollback
    even if the process died right after making the change: it names things, it does not need their ids.
    `reason` says why a name differs from the wanted one, or why the change is needed.
    """

    kind: ChangeKind
    key: str
    object_name: str
    name: str
    label: str = ""
    reason: str = ""
    undo: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What rollback undoes: a record that was created or updated, or a schema change.

    For an update `before` is the platform's image of the record and `fields` names what was
    written. `was_trashed`: the run took it out of the trash, so it goes back there. `removal`: the run
    put it into the trash or destroyed it; it is brought back as `before` shows it, with the id it had.
    `base` holds the written fields as they were read back (files: what the file store still has); for an
    update as they had been read back before it, as far as they had.
    """

    origin: Origin
    object_name: str
    target_id: str
    outcome: Outcome
    fields: tuple[str, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    was_trashed: bool = False
    change: Change | None = None
    removal: Action | None = None
    base: Mapping[str, Any] = field(default_factory=dict)


class FindingKind(StrEnum):
    """What a comparison of source and destination can find."""

    NEVER_ARRIVED = "never arrived"
    DIFFERS = "differs"
    EDITED_THERE = "edited there since"
    NORMALISED = "normalised"
    EXTRA = "extra"
    DELETED_THERE = "deleted there"
    DELETED_AT_SOURCE = "deleted at source"
    CHANGED_AT_SOURCE = "changed at source since"
    CROSSES_TENANTS = "crosses tenants"
    DIFFERS_FROM_BEFORE = "differs from before"  # after a rollback


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference, on one field of one record (or on the whole record: field_name "")."""

    kind: FindingKind
    object_name: str
    target_id: str
    origin: Origin | None = None
    field_name: str = ""
    expected: Any = None
    actual: Any = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LoadPolicy:
    """How to load: `run` names the run, `project` owns the records."""

    run: str
    project: str
