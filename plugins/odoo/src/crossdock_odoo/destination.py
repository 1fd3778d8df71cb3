"""Odoo as a destination: the hooks, each handed to the module that does it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.connection import Connection
from crossdock.hookspecs import hookimpl
from crossdock.model import (
    Artifact,
    Catalog,
    Change,
    LedgerEntry,
    ObjectSchema,
    Observation,
    Receipt,
    Selection,
    TargetRecord,
)
from crossdock_odoo.answers import RefusalError
from crossdock_odoo.automations import Automations
from crossdock_odoo.client import OdooClient
from crossdock_odoo.edition import Edition, examine, irremovable, notes
from crossdock_odoo.equivalents import equivalents
from crossdock_odoo.files import Contents
from crossdock_odoo.foresight import foresee
from crossdock_odoo.identity import Identity
from crossdock_odoo.importfiles import OdooFiles
from crossdock_odoo.load import Loader
from crossdock_odoo.meanings import MEANINGS
from crossdock_odoo.naming import AUTOMATIC, name_for, option_naming
from crossdock_odoo.objects import KEY_FIELD, MATCH_ONLY
from crossdock_odoo.plan import PROVISIONABLE, PROVISIONABLE_SEVERAL
from crossdock_odoo.provision import Provisioner
from crossdock_odoo.reading import Reader
from crossdock_odoo.removal import Remover
from crossdock_odoo.roles import role_report
from crossdock_odoo.rollback import Undoer
from crossdock_odoo.schema import Schemas
from crossdock_odoo.settings import OdooSettings
from crossdock_odoo.tables import Tables

_CAN = (
    Capability.FILES,
    Capability.EXTERNAL_IDS,
    Capability.ATOMIC_BATCH,
    Capability.TRASH,
    Capability.MULTI_REFERENCES,
    Capability.IMPORT_FILES,
)
_CANNOT = (
    Capability.CLIENT_IDS,  # the database numbers records; the external id stands for the target id
    Capability.CREATED_AT,  # create_date is ignored in create, write and load (measured on 18.0)
    Capability.AUTHORS,
    Capability.CONCURRENT_LOAD,  # two connections were sometimes faster, four never (measured on 18.0)
)
_NOTES = (
    "Records cannot keep their creation time and creator here; keep them in fields of their own.",
    "What is put into the trash is archived, and its external id marked: Odoo has no bin.",
    "A lead or an employee with another e-mail or phone than its contact is rejected: Odoo would overwrite"
    " the contact.",
    "No mail is sent by a load; switch outgoing mail servers off as well while it runs.",
)
_NO_EXTERNAL_IDS = (
    "The key may not read external ids (right Administration / Access Rights): nothing can be loaded with it."
)


class OdooDestination:
    """One Odoo database."""

    settings_type: ClassVar[type[OdooSettings]] = OdooSettings
    meanings: ClassVar[Mapping[str, str]] = MEANINGS

    def __init__(self, settings: OdooSettings, connection: Connection) -> None:
        self._client = OdooClient(settings, connection)
        self._schemas, self._tables = Schemas(self._client), Tables(self._client)
        self._identity = Identity(self._client)
        contents = Contents(self._client)
        self._reader = Reader(self._client, self._identity, self._schemas, self._tables, contents)
        remover = Remover(self._client, self._identity, self._reader)
        self._loader = Loader(self._reader, remover, batch_size=settings.batch_size)
        self._automations = Automations(self._client)
        self._undoer = Undoer(self._client, self._identity, self._reader, self._automations, remover)

    @hookimpl
    def discover(self) -> Catalog:
        """Models that can be loaded or matched, with counts and rights; edition, automations, groups."""
        self._schemas.refresh()
        client = self._client
        client.user_id  # noqa: B018 - a wrong key shows here, and not in some later call
        edition = examine(client)
        objects = [found for name in self._schemas.names() if (found := self._object(name)) is not None]
        may_read_ids = client.may("ir.model.data", "read")
        return Catalog(
            platform="odoo",
            identity=client.identity,
            objects=tuple(objects),
            capabilities=self._capabilities(edition),
            limits=client.limits,
            version=client.server_version,
            artifacts=(self._automations.rules(), self._automations.scheduled(), role_report(client)),
            notes=(
                *notes(edition),
                *self._companies(),
                *_NOTES,
                *(() if may_read_ids else (_NO_EXTERNAL_IDS,)),
                *irremovable(client, [o.name for o in objects if not o.match_only]),
                *self._automations.ratings(),
                *self._left_out({o.name for o in objects}),
            ),
            provisionable=PROVISIONABLE,
            provisionable_several=PROVISIONABLE_SEVERAL,
            external_id_field=KEY_FIELD,
            equivalents=equivalents(edition),
        )

    @hookimpl
    def provision(
        self, wanted: Sequence[ObjectSchema], dry_run: bool, pauses: Sequence[Artifact]
    ) -> Iterator[Change]:
        """Add what is missing, see `plan` for the rules; switch automations off, see `automations`."""
        if wanted:
            self._refresh()
            yield from Provisioner(self._client).provision(wanted, dry_run=dry_run)
            self._refresh()
        yield from self._automations.pause(pauses, dry_run=dry_run)

    @hookimpl
    def load(self, object_name: str, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        """Write one batch."""
        yield from self._loader.load(self._schemas.schema(object_name), records)

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read records back."""
        yield from self._reader.observe(self._schemas.schema(object_name), selection)

    @hookimpl
    def rollback(self, entries: Sequence[LedgerEntry], dry_run: bool) -> Iterator[Receipt]:
        """Undo entries."""
        self._identity.forget()
        yield from self._undoer.undo(entries, dry_run=dry_run)
        self._identity.forget()
        if any(entry.change is not None for entry in entries):
            self._refresh()

    @staticmethod
    def naming(kind: str, wanted: str, taken: frozenset[str]) -> str:
        """The name that an object, a field or an option gets here; the same as provision gives it."""
        if kind == "option":
            return option_naming(wanted, taken)
        if kind == "object":
            return name_for(wanted, kind="object", taken=taken).name
        return name_for(wanted, taken=taken | AUTOMATIC).name

    def foresee(self, schema: ObjectSchema, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        """What `load` would answer before it sends anything; for dry runs, which send nothing."""
        yield from foresee(schema, records)

    @staticmethod
    def file_format() -> OdooFiles:
        """The files of its importer."""
        return OdooFiles()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _refresh(self) -> None:
        """Forget the schema: it was, or may have been, changed."""
        self._schemas.refresh()
        self._tables.refresh()
        self._undoer.refresh()

    def _object(self, name: str) -> ObjectSchema | None:
        """A model with its count and whether the key may make records of it; None if it may not read it."""
        try:
            count = self._client.count(name)
        except RefusalError:
            return None
        match_only = name in MATCH_ONLY or not self._client.may(name, "create")
        return replace(self._schemas.schema(name), count=count, match_only=match_only)

    def _left_out(self, names: set[str]) -> Iterator[str]:
        refused = [name for name in self._schemas.names() if name not in names]
        if refused:
            yield f"The key may not read {', '.join(refused)}."

    def _companies(self) -> Iterator[str]:
        rows = self._client.search_read("res.company", [], ["name", "currency_id"])
        shown = ", ".join(f"{r['name']} ({r['currency_id'][1]})" for r in rows)
        yield f"Companies and their currencies: {shown}."
        if len(rows) > 1:
            own = next((r["name"] for r in rows if r["id"] == self._tables.own_company), "")
            yield f"Records that name no company are made in {own}, the one in which the key's user works."

    def _capabilities(self, edition: Edition) -> Capabilities:
        supported = dict.fromkeys(_CAN, Support.YES) | dict.fromkeys(_CANNOT, Support.NO)
        asked = {
            Capability.CREATE_USERS: "res.users",
            Capability.CUSTOM_OBJECTS: "ir.model",
            Capability.CUSTOM_FIELDS: "ir.model.fields",
        }
        for capability, model in asked.items():
            supported[capability] = Support.YES if self._client.may(model, "create") else Support.NO
        # Both are apps of Enterprise (documented).
        apps = {Capability.APPROVALS: "approvals", Capability.SEQUENCES: "marketing_automation"}
        for capability, app in apps.items():
            supported[capability] = Support.YES if app in edition.modules else Support.NO
        return Capabilities(supported)
