"""One batch of target records into Twenty.

Whatever the server would refuse is rejected here, before anything is sent. Then the creates go in one
request, and updates one by one. Nothing is yielded before the creates are through, so that a refused
batch leaves no receipts behind.
"""

import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crossdock.errors import OutcomeUnknownError
from crossdock.model import Action, ObjectSchema, Outcome, Receipt, TargetRecord
from crossdock.values import StoredFile
from crossdock_twenty.answers import DUPLICATE, GoneError, RefusalError
from crossdock_twenty.client import TwentyClient
from crossdock_twenty.fieldtypes import Encoded, encode_record
from crossdock_twenty.reading import Reader
from crossdock_twenty.removal import Remover
from crossdock_twenty.schema import KEY_FIELD

_REMOVALS = frozenset({Action.TRASH, Action.DESTROY})
_ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".tar", ".bz2", ".xz")
_SHEETS = (".xls", ".xlsx", ".xlsm", ".ods", ".csv", ".tsv")
_SLIDES = (".ppt", ".pptx", ".odp", ".key")
_DOCUMENTS = (".doc", ".docx", ".odt", ".pdf", ".rtf", ".txt", ".md", ".html", ".htm", ".xml", ".json")


@dataclass(frozen=True, slots=True)
class _Ready:
    """A record with its wire form."""

    record: TargetRecord
    encoded: Encoded

    def receipt(self, outcome: Outcome, *reasons: str) -> Receipt:
        record = self.record
        return Receipt(record.origin, outcome, record.target_id, reasons, self.encoded.normalised)


class Loader:
    """Writes batches of one workspace."""

    def __init__(self, client: TwentyClient, reader: Reader, remover: Remover, *, phone_region: str) -> None:
        self._client, self._reader, self._region = client, reader, phone_region
        self._remover = remover

    def load(self, schema: ObjectSchema, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        """Write the records; exactly one receipt each.

        Raises RefusalError (a BatchRefusedError) for a refused batch of several, BatchTooLargeError,
        OutcomeUnknownError.
        """
        yield from self._remover.remove(schema, [r for r in records if r.action in _REMOVALS])
        records = [r for r in records if r.action not in _REMOVALS]
        ready = [_Ready(r, self._encode(schema, r)) for r in records]
        good = [r for r in ready if not r.encoded.reasons]
        creates = [r for r in good if r.record.action is Action.CREATE]
        receipts = self._create(schema, [r for r in creates if not r.encoded.files])
        yield from (r.receipt(Outcome.REJECTED, *r.encoded.reasons) for r in ready if r.encoded.reasons)
        yield from receipts
        for item in creates:
            if item.encoded.files:
                yield from self._create_with_files(schema, item)
        for item in good:
            if item.record.action is not Action.CREATE:
                yield self._update(schema, item)

    def _encode(self, schema: ObjectSchema, record: TargetRecord) -> Encoded:
        creating = record.action is Action.CREATE
        encoded = encode_record(schema, record.values, creating=creating, phone_region=self._region)
        key = schema.field(KEY_FIELD)
        if key is not None and record.external_id:
            encoded.wire[key.settings["column"]] = record.external_id
        if creating:
            encoded.wire["id"] = record.target_id
            self._categorise(schema, encoded)
        return encoded

    def _categorise(self, schema: ObjectSchema, encoded: Encoded) -> None:
        """Set the category of an attachment: the server does not derive it (measured)."""
        category = schema.field("fileCategory")
        if encoded.files and category is not None and "fileCategory" not in encoded.wire:
            first = next(iter(encoded.files.values()))[0]
            wanted = file_category(first.name, first.media_type)
            if wanted in [o.value for o in category.options]:
                encoded.wire["fileCategory"] = wanted

    def _create(self, schema: ObjectSchema, items: Sequence[_Ready]) -> list[Receipt]:
        if not items:
            return []
        try:
            made = set(
                self._client.create(schema.name, schema.settings["plural"], [i.encoded.wire for i in items])
            )
        except RefusalError as error:
            if len(items) > 1:
                raise
            return [self._refused(schema, items[0], error)]
        lost = [i.record.target_id for i in items if i.record.target_id not in made]
        if lost:
            raise OutcomeUnknownError(
                f"Twenty did not confirm {len(lost)} of {len(items)} new {schema.name} records: {lost[0]} ..."
            )
        return [i.receipt(Outcome.CREATED) for i in items]

    def _refused(self, schema: ObjectSchema, item: _Ready, error: RefusalError) -> Receipt:
        if not error.message.startswith(DUPLICATE):
            return item.receipt(Outcome.REJECTED, error.message)
        # The record itself may be there already: a batch that was sent before. Reading tells.
        own, trashed = self._reader.presence(schema, item.record.target_id)
        if own and not trashed:
            return item.receipt(Outcome.UNCHANGED)
        if own:
            return item.receipt(Outcome.REJECTED, f"record {item.record.target_id} is in the trash")
        other = error.conflicting_id or self._reader.rival(schema, item.encoded.wire)
        tail = f" (it is used by {schema.name} {other})" if other else ""
        return item.receipt(Outcome.REJECTED, error.message + tail)

    def _create_with_files(self, schema: ObjectSchema, item: _Ready) -> list[Receipt]:
        try:
            uploaded = self._upload(schema, item.encoded.files)
        except RefusalError as error:
            return [item.receipt(Outcome.REJECTED, error.message)]
        wire = {**item.encoded.wire, **uploaded}
        return self._create(schema, [replace(item, encoded=replace(item.encoded, wire=wire))])

    def _upload(
        self, schema: ObjectSchema, files: Mapping[str, tuple[StoredFile, ...]]
    ) -> dict[str, list[dict[str, Any]]]:
        by_column = {f.settings["column"]: f.settings["id"] for f in schema.fields}
        return {
            column: [
                {"fileId": self._client.upload(file, by_column[column]), "label": file.name or "file"}
                for file in stored
            ]
            for column, stored in files.items()
        }

    def _update(self, schema: ObjectSchema, item: _Ready) -> Receipt:
        record, plural = item.record, schema.settings["plural"]
        try:
            wire = {**item.encoded.wire, **self._upload(schema, item.encoded.files)}
            if record.action is Action.RESTORE:
                wire["deletedAt"] = None  # in the same call: a refused update leaves it in the trash
            self._client.update(schema.name, plural, record.target_id, wire)
        except GoneError:
            return item.receipt(Outcome.FAILED, f"{schema.name} {record.target_id} does not exist any more")
        except RefusalError as error:
            other = f" (it is used by {error.conflicting_id})" if error.conflicting_id else ""
            return item.receipt(Outcome.REJECTED, error.message + other)
        return item.receipt(Outcome.UPDATED)


def file_category(name: str, media_type: str) -> str:
    """One of Twenty's file categories, by extension first, then by media type."""
    lower = name.lower()
    for category, endings in (
        ("ARCHIVE", _ARCHIVES),
        ("SPREADSHEET", _SHEETS),
        ("PRESENTATION", _SLIDES),
        ("TEXT_DOCUMENT", _DOCUMENTS),
    ):
        if lower.endswith(endings):
            return category
    media = mimetypes.guess_type(lower)[0] or media_type
    main = media.split("/")[0]
    return {"image": "IMAGE", "audio": "AUDIO", "video": "VIDEO", "text": "TEXT_DOCUMENT"}.get(main, "OTHER")
