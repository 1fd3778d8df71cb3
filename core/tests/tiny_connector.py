"""A sound connector for the tiny platform, and broken ones: each breaks one promise of a destination."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from core.tests.tiny_server import TOKEN
from pydantic import BaseModel, SecretStr

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.connection import Connection
from crossdock.errors import (
    AccessLostError,
    AuthError,
    BatchRefusedError,
    ContractError,
    CrossdockError,
    OutcomeUnknownError,
)
from crossdock.fieldtypes import FieldType
from crossdock.hookspecs import hookimpl
from crossdock.http import HttpClient
from crossdock.model import (
    Action,
    Catalog,
    Change,
    ChangeKind,
    FieldSchema,
    LedgerEntry,
    Limits,
    ObjectSchema,
    Observation,
    Option,
    Outcome,
    Receipt,
    Selection,
    TargetRecord,
)
from crossdock.serial import dump_value, load_value

CAN = (
    *(Capability.CLIENT_IDS, Capability.EXTERNAL_IDS, Capability.ATOMIC_BATCH, Capability.MULTI_REFERENCES),
    *(Capability.CUSTOM_OBJECTS, Capability.CUSTOM_FIELDS),
)
SCALARS = frozenset(FieldType) - {FieldType.FILE, FieldType.AUTHOR, FieldType.UNKNOWN, FieldType.DURATION}


class TinySettings(BaseModel):
    """Where the server is, and how much goes into a batch."""

    url: str
    token: SecretStr
    batch_size: int = 4


class RefusalError(BatchRefusedError):
    """The server refused; `status` is its answer's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class TinyDestination:
    """The sound one."""

    settings_type: ClassVar[type[TinySettings]] = TinySettings

    def __init__(self, settings: TinySettings, connection: Connection) -> None:
        key = settings.token.get_secret_value()
        self.key, self._batch_size, self._worked = key, settings.batch_size, False
        self._taken: set[str] = set()  # by this rollback, or that a dry run would have
        self._http = HttpClient(
            settings.url, connection=connection, headers={"Authorization": f"Bearer {key}"}, secrets=(key,)
        )

    def ask(self, method: str, path: str, body: Any = None, *, safe: bool) -> Any:
        """One request; the JSON of its answer."""
        response = self._http.send(method, path, safe=safe, json=body)
        if response.status_code == 401:
            raise (AccessLostError if self._worked else AuthError)("the server refuses the key.")
        try:
            answer = response.json()
        except ValueError as error:
            if safe:
                raise ContractError("the server answered something that is no JSON.") from error
            raise OutcomeUnknownError("the answer to a write was no JSON.") from error
        if response.status_code != 200:
            raise RefusalError(response.status_code, answer["error"])
        self._worked = True
        return answer

    @hookimpl
    def discover(self) -> Catalog:
        """What is there."""
        return Catalog(
            "tiny",
            "tiny:1",
            tuple(self._schemas().values()),
            Capabilities(dict.fromkeys(CAN, Support.YES)),
            Limits("tiny", batch_size=self._batch_size),
            provisionable=SCALARS,
        )

    def _schemas(self) -> dict[str, ObjectSchema]:
        found = self.ask("GET", "/objects", safe=True)
        return {
            name: ObjectSchema(
                name,
                tuple(_field(n, form) for n, form in known["fields"].items()),
                known["label"],
                count=known["count"],
                custom=bool(known.get("custom")),
                match_only=name == "person",
            )
            for name, known in found.items()
        }

    @hookimpl
    def provision(self, wanted: Sequence[ObjectSchema], dry_run: bool) -> Iterator[Change]:
        """Objects first, then their fields."""
        known = self._schemas()
        for schema in (s for s in wanted if s.name not in known):
            undo = {"object": schema.name}
            if not dry_run:
                self.ask("POST", "/objects", {"name": schema.name, "label": schema.label}, safe=False)
            yield Change(ChangeKind.OBJECT, f"object:{schema.name}", schema.name, schema.name, undo=undo)
        for schema in wanted:
            there = known.get(schema.name, ObjectSchema(schema.name, ()))
            for field in (f for f in schema.fields if there.field(f.name) is None):
                if not dry_run:
                    form = {"name": field.name, "form": _form(field)}
                    self.ask("POST", f"/objects/{schema.name}/fields", form, safe=False)
                undo = {"object": schema.name, "field": field.name}
                key = f"field:{schema.name}.{field.name}"
                yield Change(ChangeKind.FIELD, key, schema.name, field.name, undo=undo)

    @hookimpl
    def load(self, object_name: str, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        """The creates in one request, everything else one by one."""
        creates = [r for r in records if r.action is Action.CREATE]
        yield from self.create(object_name, creates) if creates else ()
        for record in records:
            if record.action is Action.DESTROY:
                yield self._remove(object_name, record)
            elif record.action is not Action.CREATE:
                yield self.update(object_name, record)

    def create(self, object_name: str, records: Sequence[TargetRecord]) -> list[Receipt]:
        """New records, all or none."""
        try:
            self.ask("POST", f"/objects/{object_name}/rows", [_wire(r) for r in records], safe=False)
        except RefusalError as error:
            if len(records) > 1:
                raise
            there = error.status == 409
            outcome = Outcome.UNCHANGED if there else Outcome.REJECTED
            return [Receipt(records[0].origin, outcome, records[0].target_id, (error.message,))]
        return [Receipt(r.origin, Outcome.CREATED, r.target_id) for r in records]

    def update(self, object_name: str, record: TargetRecord) -> Receipt:
        """One record changed."""
        path = f"/objects/{object_name}/rows/{record.target_id}"
        try:
            self.ask("PATCH", path, _wire(record), safe=False)
        except RefusalError as error:
            outcome = Outcome.FAILED if error.status == 404 else Outcome.REJECTED
            return Receipt(record.origin, outcome, record.target_id, (error.message,))
        return Receipt(record.origin, Outcome.UPDATED, record.target_id)

    def _remove(self, object_name: str, record: TargetRecord) -> Receipt:
        origin, target_id = record.origin, record.target_id
        if not self._rows(object_name, {"ids": [target_id]}):
            return Receipt(origin, Outcome.UNCHANGED, target_id)
        for name, schema in self._schemas().items():
            for field in (f.name for f in schema.fields if object_name in f.references):
                if others := self._rows(name, {"field": field, "values": [target_id]}):
                    return Receipt(
                        origin, Outcome.REJECTED, target_id, (f"{len(others)} {name} refer to it",)
                    )
        self.ask("DELETE", f"/objects/{object_name}/rows/{target_id}", safe=False)
        return Receipt(origin, Outcome.UPDATED, target_id)

    def _rows(self, object_name: str, asked: Mapping[str, Any]) -> Any:
        return self.ask("POST", f"/objects/{object_name}/find", dict(asked), safe=True)

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read back."""
        asked: dict[str, Any] = {"ids": list(selection.ids or ())}
        if selection.match is not None:
            asked = {"field": selection.match[0], "values": [dump_value(v) for v in selection.match[1]]}
        elif selection.owned is not None:
            asked = {"owner": selection.owned}
        for row in self._rows(object_name, asked):
            values = {name: load_value(value) for name, value in row["values"].items()}
            yield Observation(object_name, row["id"], values, external_id=row["key"], image=row)

    @hookimpl
    def rollback(self, entries: Sequence[LedgerEntry], dry_run: bool) -> Iterator[Receipt]:
        """One entry after the other."""
        for entry in entries:
            if entry.change is not None:
                yield self._undo_change(entry, entry.change.undo, dry_run)
            else:
                done = self.undo(entry, dry_run)
                self._taken.update({entry.target_id} if done and entry.outcome is Outcome.CREATED else ())
                yield Receipt(entry.origin, Outcome.UPDATED if done else Outcome.UNCHANGED)

    def _undo_change(self, entry: LedgerEntry, undo: Mapping[str, Any], dry_run: bool) -> Receipt:
        """What is used by anything else stays."""
        known, field = self._schemas().get(undo["object"]), undo.get("field")
        if known is None or (field is not None and known.field(field) is None):
            return Receipt(entry.origin, Outcome.UNCHANGED)
        rows = [row for row in self._rows(known.name, {"owner": ""}) if row["id"] not in self._taken]
        users = [row["id"] for row in rows if field is None or (field in row["values"] and not dry_run)]
        if users:
            return Receipt(entry.origin, Outcome.FAILED, "", (f"kept: {len(users)} records use it",))
        if not dry_run:
            tail = "" if field is None else f"/fields/{field}"
            self.ask("DELETE", f"/objects/{known.name}{tail}", safe=False)
        return Receipt(entry.origin, Outcome.UPDATED)

    def undo(self, entry: LedgerEntry, dry_run: bool) -> bool:
        """Take back what was done to one record; False if there is nothing to do."""
        path = f"/objects/{entry.object_name}/rows"
        there = next(iter(self._rows(entry.object_name, {"ids": [entry.target_id]})), None)
        if (there is None) is (entry.removal is None):
            return False
        if dry_run:
            return True
        if entry.removal is not None:
            before = entry.before
            row = {"id": entry.target_id, "key": before["key"], "values": before["values"]}
            self.ask("POST", path, [row], safe=False)
        elif entry.outcome is Outcome.CREATED:
            self.ask("DELETE", f"{path}/{entry.target_id}", safe=False)
        else:
            values = {name: entry.before["values"].get(name) for name in entry.fields}
            body = {"key": entry.before["key"], "values": values}
            self.ask("PATCH", f"{path}/{entry.target_id}", body, safe=False)
        return True

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def _wire(record: TargetRecord) -> dict[str, Any]:
    values = {name: dump_value(value) for name, value in record.values.items()}
    return {"id": record.target_id, "key": record.external_id, "values": values}


def _form(field: FieldSchema) -> dict[str, Any]:
    options = [[o.value, o.label] for o in field.options]
    form = {"type": field.type.value, "label": field.label, "multiple": field.multiple, "options": options}
    return form | {"references": list(field.references)}


def _field(name: str, form: Mapping[str, Any]) -> FieldSchema:
    return FieldSchema(
        name,
        FieldType(form["type"]),
        form.get("label", name),
        multiple=form.get("multiple", False),
        custom=bool(form.get("custom")),
        options=tuple(Option(*o) for o in form.get("options", ())),
        references=tuple(form.get("references", ())),
    )


# --- broken ones ---------------------------------------------------------------------------------


class DropsTheLast(TinyDestination):
    """Says that a whole batch was created, and sends all of it but its last record."""

    def create(self, object_name: str, records: Sequence[TargetRecord]) -> list[Receipt]:
        if len(records) > 1:
            super().create(object_name, records[:-1])
        return [Receipt(r.origin, Outcome.CREATED, r.target_id) for r in records]


class RepeatsOnRetry(TinyDestination):
    """Sends a batch whose answer was lost once more, under new ids."""

    def create(self, object_name: str, records: Sequence[TargetRecord]) -> list[Receipt]:
        try:
            return super().create(object_name, records)
        except OutcomeUnknownError:
            again = [replace(r, target_id=f"{r.target_id[:-4]}beef") for r in records]
            return super().create(object_name, again)


class SwallowsAnError(TinyDestination):
    """Calls an update done that the server refused."""

    def update(self, object_name: str, record: TargetRecord) -> Receipt:
        return replace(super().update(object_name, record), outcome=Outcome.UPDATED, reasons=())


class LiesAboutACount(TinyDestination):
    """Counts one record less than there are."""

    def _schemas(self) -> dict[str, ObjectSchema]:
        found = super()._schemas()
        return {name: replace(s, count=max(0, (s.count or 0) - 1)) for name, s in found.items()}


class LeaksTheKey(TinyDestination):
    """Shows what it sends, for debugging."""

    def ask(self, method: str, path: str, body: Any = None, *, safe: bool) -> Any:
        if "--log-level" in sys.argv:
            sys.stderr.write(f"{method} {path} with {self.key}\n")
        return super().ask(method, path, body, safe=safe)


class ForgetsTheKeyField(TinyDestination):
    """Leaves what a run filled up in somebody else's record, and calls it undone."""

    def undo(self, entry: LedgerEntry, dry_run: bool) -> bool:
        if entry.outcome is Outcome.UPDATED and entry.removal is None and not dry_run:
            return True
        return super().undo(entry, dry_run)


class HidesARefusal(TinyDestination):
    """Takes a record that the server refused for one that was there already."""

    def create(self, object_name: str, records: Sequence[TargetRecord]) -> list[Receipt]:
        try:
            found = super().create(object_name, records)
        except CrossdockError:
            raise
        return [replace(r, outcome=Outcome.UNCHANGED) if r.outcome is Outcome.REJECTED else r for r in found]


BROKEN = {
    "drops": DropsTheLast,
    "repeats": RepeatsOnRetry,
    "swallows": SwallowsAnError,
    "lies": LiesAboutACount,
    "leaks": LeaksTheKey,
    "forgets": ForgetsTheKeyField,
    "hides": HidesARefusal,
}
__all__ = ["BROKEN", "CAN", "TOKEN", "TinyDestination"]
