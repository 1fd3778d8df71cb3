"""Twenty as a destination: the hooks, each handed to the module that does it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.connection import Connection
from crossdock.errors import ConfigError
from crossdock.hookspecs import hookimpl
from crossdock.model import (
    Artifact,
    Catalog,
    Change,
    LedgerEntry,
    ObjectSchema,
    Observation,
    Option,
    Receipt,
    Selection,
    TargetRecord,
)
from crossdock_twenty.automations import Automations
from crossdock_twenty.client import TwentyClient
from crossdock_twenty.equivalents import EQUIVALENTS
from crossdock_twenty.foresight import foresee
from crossdock_twenty.graphql import resolver_name
from crossdock_twenty.importfiles import TwentyFiles
from crossdock_twenty.load import Loader
from crossdock_twenty.meanings import MEANINGS
from crossdock_twenty.naming import name_for, options_for
from crossdock_twenty.plan import AUTOMATIC, PROVISIONABLE
from crossdock_twenty.provision import Provisioner
from crossdock_twenty.reading import Reader
from crossdock_twenty.removal import Remover
from crossdock_twenty.roles import role_report
from crossdock_twenty.rollback import Undoer
from crossdock_twenty.schema import KEY_FIELD, is_loadable, object_schema, standard_application
from crossdock_twenty.settings import TwentySettings

_CAN = (
    Capability.FILES,
    Capability.CLIENT_IDS,
    Capability.EXTERNAL_IDS,
    Capability.ATOMIC_BATCH,
    Capability.TRASH,
    Capability.CREATED_AT,
    Capability.AUTHORS,
    Capability.CUSTOM_OBJECTS,
    Capability.CUSTOM_FIELDS,
    Capability.IMPORT_FILES,
)
_CANNOT = (
    Capability.CREATE_USERS,
    Capability.CONCURRENT_LOAD,
    Capability.MULTI_REFERENCES,
    Capability.APPROVALS,  # its workflows act at once; nobody is asked (documented)
    Capability.SEQUENCES,  # a workflow sends single messages; there are no sequences (documented)
)
_RESOLVERS_A_QUERY = 20  # more different root resolvers are refused (measured)
_NOTES = (
    "Every created record adds a timeline row, made by the server.",
    "updatedAt and updatedBy are set by the server and cannot be kept.",
    "Phone extensions have no place; keep them in a text field.",
)


class TwentyDestination:
    """One Twenty workspace."""

    settings_type: ClassVar[type[TwentySettings]] = TwentySettings
    meanings: ClassVar[Mapping[str, str]] = MEANINGS

    def __init__(self, settings: TwentySettings, connection: Connection) -> None:
        self._settings, self._connection = settings, connection
        self._client = TwentyClient(settings, connection)
        self._reader = Reader(self._client)
        remover = Remover(self._client, self._reader, self._all_schemas)
        self._loader = Loader(self._client, self._reader, remover, phone_region=settings.phone_region)
        self._automations = Automations(self._client)
        self._undoer = Undoer(self._client, self._reader, self._automations, remover)
        self._schemas: dict[str, ObjectSchema] = {}

    @hookimpl
    def discover(self) -> Catalog:
        """Objects that can be loaded or matched, with counts, and workflows and webhooks."""
        nodes = self._client.objects()
        standard = standard_application(nodes)
        wanted = [n for n in nodes if is_loadable(n)]
        counts = self._counts([n["namePlural"] for n in wanted])
        objects = [object_schema(n, standard=standard, count=counts[n["namePlural"]]) for n in wanted]
        supported = dict.fromkeys(_CAN, Support.YES) | dict.fromkeys(_CANNOT, Support.NO)
        return Catalog(
            platform="twenty",
            identity=f"twenty:{self._client.workspace_id}",  # the address of a server may change
            objects=tuple(objects),
            capabilities=Capabilities(supported),
            limits=self._client.limits,
            version=self._client.version(),
            artifacts=(
                self._automations.workflows(frozenset(n["nameSingular"] for n in nodes)),
                self._automations.webhooks(),
                role_report(self._client),
            ),
            notes=_NOTES,
            provisionable=PROVISIONABLE,
            external_id_field=KEY_FIELD,
            equivalents=EQUIVALENTS,
        )

    @hookimpl
    def provision(
        self, wanted: Sequence[ObjectSchema], dry_run: bool, pauses: Sequence[Artifact]
    ) -> Iterator[Change]:
        """Add what is missing, see `plan` for the rules; switch automations off, see `automations`."""
        if wanted:
            self._schemas = {}
            self._undoer.refresh()
            yield from Provisioner(self._client).provision(wanted, dry_run=dry_run)
            self._schemas = {}
        yield from self._automations.pause(pauses, dry_run=dry_run)

    @hookimpl
    def load(self, object_name: str, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        """Write one batch."""
        yield from self._loader.load(self._schema(object_name), records)

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read records back."""
        yield from self._reader.observe(self._schema(object_name), selection)

    @hookimpl
    def rollback(self, entries: Sequence[LedgerEntry], dry_run: bool) -> Iterator[Receipt]:
        """Undo entries."""
        yield from self._undoer.undo(entries, dry_run=dry_run)
        if any(entry.change is not None for entry in entries):
            self._schemas = {}

    @staticmethod
    def naming(kind: str, wanted: str, taken: frozenset[str]) -> str:
        """The name that an object, a field or an option gets here; the same as provision gives it.

        What a new object has by itself is taken before the object is made, as it is afterwards: the
        name of a field must not depend on whether provision ran already.
        """
        if kind == "option":
            return options_for([Option(wanted)], taken=taken)[0].option.value
        if kind == "object":
            return name_for(wanted, kind="object", taken=taken).name
        return name_for(wanted, taken=taken | AUTOMATIC | {KEY_FIELD}).name

    def foresee(self, schema: ObjectSchema, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        """What `load` would answer before it sends anything; for dry runs, which send nothing."""
        yield from foresee(schema, records, phone_region=self._settings.phone_region)

    def file_format(self) -> TwentyFiles:
        """The files of its importer."""
        return TwentyFiles(self._settings.phone_region)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _schema(self, name: str) -> ObjectSchema:
        """The object's schema; read once and again after a schema change."""
        if name not in self._schemas:
            self._schemas = {}
        if name not in self._all_schemas():
            raise ConfigError(
                f"Twenty has no object {name!r}.", hint="Run provision first, or correct the mapping."
            )
        return self._schemas[name]

    def _all_schemas(self) -> Mapping[str, ObjectSchema]:
        """The schemas of all objects by name."""
        if not self._schemas:
            nodes = self._client.objects()
            standard = standard_application(nodes)
            self._schemas = {n["nameSingular"]: object_schema(n, standard=standard) for n in nodes}
        return self._schemas

    def _counts(self, plurals: Sequence[str]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for start in range(0, len(plurals), _RESOLVERS_A_QUERY):
            part = plurals[start : start + _RESOLVERS_A_QUERY]
            asked = " ".join(f"{resolver_name(p)}(first: 1) {{ totalCount }}" for p in part)
            data = self._client.query(f"{{ {asked} }}")
            counts.update({p: int(data[resolver_name(p)]["totalCount"]) for p in part})
        return counts
