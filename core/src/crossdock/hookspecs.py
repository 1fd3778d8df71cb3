"""The eight hooks, in the order in which a run calls them. This file is the contract of a connector.

    hook          side         promise
    discover      both         read-only; what is there, how much, what cannot move
    extract       source       resumable at every batch: a batch carries the cursor after it
    infer_schema  source*      platform metadata first, profiling second, a guess is marked
    transform     transform*   pure; one record gives 0..n target records or one reject
    provision     destination  additive and idempotent; each change says how it is undone
    load          destination  exactly one receipt a target record; idempotent by target id
    reconcile     both         reads back and nothing else; the core compares
    rollback      destination  touches only what the given entries name

    * the core brings a default; a plugin replaces it by having the hook

An implementation is marked with `crossdock.hookimpl` and may leave out arguments it does not need.
Hooks that move data are generators; they are consumed by one thread and closed when it stops.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

import pluggy

from crossdock.filestore import FileStore
from crossdock.ids import IdMap
from crossdock.mapping import ObjectMapping
from crossdock.model import (
    Artifact,
    Batch,
    Catalog,
    Change,
    LedgerEntry,
    LoadPolicy,
    ObjectSchema,
    Observation,
    Receipt,
    Record,
    Rejected,
    Selection,
    Skipped,
    TargetRecord,
)

PROJECT = "crossdock"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class SourceSpec(Protocol):
    """What a source plugin implements: discover, extract and reconcile; infer_schema if it knows better."""

    @hookspec(firstresult=True)
    def discover(self) -> Catalog:
        """Say what the connection holds. Raises AuthError, UnreachableError."""

    @hookspec(firstresult=True)
    def extract(
        self, object_name: str, cursor: str | None, since: datetime | None, files: FileStore
    ) -> Iterator[Batch]:
        """Read the object's records after `cursor` (None: from the start), each exactly once.

        `since` asks for records changed at or after that time, deleted ones included, and is only
        given to a source that declares CHANGED_SINCE, for objects that are no `snapshot`. Without it
        every record is read: what a complete reading no longer gives was deleted. File contents are
        streamed into `files`. Raises CursorLostError if what the cursor counts was replaced.
        """

    @hookspec(firstresult=True)
    def infer_schema(self, object_name: str, sample: Sequence[Record]) -> ObjectSchema:
        """Type the object's fields. Called after discover with the first records."""

    @hookspec(firstresult=True)
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read records a second time, not through extract's own conversion where that can be avoided."""


class TransformSpec(Protocol):
    """What a transform extension may replace."""

    @hookspec(firstresult=True)
    def transform(
        self, records: Sequence[Record], mapping: ObjectMapping, ids: IdMap
    ) -> Sequence[TargetRecord | Rejected | Skipped]:
        """Turn source records into target records. Pure: no I/O, no clock, no randomness."""


class DestinationSpec(Protocol):
    """What a destination plugin implements.

    Besides its hooks it may have plain methods: `naming(kind, wanted, taken)`, the name that
    provision gives a thing; `foresee(schema, records)`, the receipts that load would give before it
    sends anything (a dry run asks for them; `schema` is the object as it is once it is provisioned);
    `file_format()`, the files of its own importer, if it declares IMPORT_FILES (see `crossdock.fileformat`).
    """

    @hookspec(firstresult=True)
    def discover(self) -> Catalog:
        """Say what the connection holds, its automations included. Raises AuthError, UnreachableError."""

    @hookspec(firstresult=True)
    def provision(
        self, wanted: Sequence[ObjectSchema], dry_run: bool, pauses: Sequence[Artifact]
    ) -> Iterator[Change]:
        """Make what is missing for `wanted`, in the right order; with dry_run only say it.

        The keys of a dry run equal those of the run after it. Existing things are left alone.
        `pauses` are active automations of the catalog to be switched off: one change each, of the kind
        PAUSE, with the key `automation:KIND ID`, the kind as its object and the name as its name. Raises
        ConfigError, already in a dry run, for one that cannot be switched off and on again.
        """

    @hookspec(firstresult=True)
    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Iterator[Receipt]:
        """Write one batch. Yields exactly one receipt for each record, matched by its origin.

        Raises BatchRefusedError when the platform kept nothing and names no culprit (the core
        splits), BatchTooLargeError (the core sends less), OutcomeUnknownError (the core looks up).
        A record with the action TRASH or DESTROY carries no values: it is taken away (`updated`; one
        that is gone already `unchanged`). What cannot be destroyed without loss is `rejected`.
        """

    @hookspec(firstresult=True)
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read records back afresh, not through load's own conversion."""

    @hookspec(firstresult=True)
    def rollback(self, entries: Sequence[LedgerEntry], dry_run: bool) -> Iterator[Receipt]:
        """Undo the entries, given newest first. One receipt an entry, matched by its origin.

        Created records are destroyed (not only put in the trash), updated ones get `fields` of
        `before` back, removed ones (`removal`) are taken out of the trash or made again with the id they
        had, schema changes are undone if nothing else uses them. Something that is gone already, or as it was
        before already, is `unchanged`: a dry run after an undo proves it by that. What has to stay because
        something else uses it is `failed`, with a reason that begins `kept: `. A paused automation is
        switched on again; one that somebody changed meanwhile is left alone: `unchanged`, and the reason
        says what was found. Idempotent.
        """
