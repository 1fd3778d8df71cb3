"""Plugins, opened and called. The only module that touches a hook relay.

`Source` and `Destination` are typed facades, one method a hook, each around one plugin object: a wrong
plugin is refused when it is opened, a broken promise when it happens. `Transform` is the core's default
under the extensions that a project names.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from pydantic import BaseModel

from crossdock import promises
from crossdock.checks import empty_manager, hooks_of, problems, register, settings_type_of
from crossdock.connection import Connection
from crossdock.entrypoints import PluginInfo, Role, lacking_extra, list_plugins, load_plugin
from crossdock.errors import CrossdockError, PluginError
from crossdock.filestore import FileStore
from crossdock.hookspecs import hookimpl
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
from crossdock.redaction import quote
from crossdock.secrets import resolve_settings

__all__ = [
    "Destination",
    "PluginInfo",
    "PluginReport",
    "Role",
    "Source",
    "Transform",
    "check_plugins",
    "list_plugins",
    "load_plugin",
    "open_destination",
    "open_source",
    "open_transform",
]


class _CoreSource:
    """What the core brings for sources; called last, so that a plugin's own hook replaces it."""

    @hookimpl(trylast=True)
    def infer_schema(self, object_name: str, sample: Sequence[Record]) -> ObjectSchema:
        from crossdock.schema import infer

        return infer(object_name, sample)


class _CoreTransform:
    """What the core brings for transform; imported at the first record."""

    @hookimpl(trylast=True)
    def transform(
        self, records: Sequence[Record], mapping: ObjectMapping, ids: IdMap
    ) -> Sequence[TargetRecord | Rejected | Skipped]:
        from crossdock.transform import transform

        return transform(records, mapping, ids)


class _Platform:
    """One plugin object behind its hooks: a context manager that closes it. Raises PluginError."""

    role: Role

    def __init__(self, plugin: object, *, name: str = "") -> None:
        self.plugin = plugin
        self.name = name or type(plugin).__name__
        manager = empty_manager(self.role)
        if self.role is Role.SOURCE:
            manager.register(_CoreSource())
        register(manager, self.role, plugin, self.name)
        self._hook: Any = manager.hook

    def discover(self) -> Catalog:
        """What the connection holds. Raises AuthError, UnreachableError."""
        return promises.one(self.name, "discover", Catalog, self._hook.discover)

    def reconcile(self, object_name: str, selection: Selection) -> Generator[Observation, None, None]:
        """Records read back."""
        return promises.stream(
            self.name,
            "reconcile",
            Observation,
            lambda: self._hook.reconcile(object_name=object_name, selection=selection),
        )

    def close(self) -> None:
        """Close the plugin object, if it can be closed."""
        with promises.translated(self.name, "close"):
            close = getattr(self.plugin, "close", None)
            if close is not None:
                close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Source(_Platform):
    """A source plugin. Iterators are consumed by one thread and closed with `contextlib.closing`."""

    role = Role.SOURCE

    def extract(
        self, object_name: str, cursor: str | None = None, since: datetime | None = None, *, files: FileStore
    ) -> Generator[Batch, None, None]:
        """The object's records after `cursor`. Raises ContractError if the cursor does not move on."""
        raw = promises.stream(
            self.name,
            "extract",
            Batch,
            lambda: self._hook.extract(object_name=object_name, cursor=cursor, since=since, files=files),
        )
        with closing(raw):
            yield from promises.batches(self.name, object_name, cursor, raw)

    def infer_schema(self, object_name: str, sample: Sequence[Record]) -> ObjectSchema:
        """The object's typed fields: the plugin's word, else the core's profiling."""
        return promises.one(
            self.name,
            "infer_schema",
            ObjectSchema,
            lambda: self._hook.infer_schema(object_name=object_name, sample=sample),
        )


class Destination(_Platform):
    """A destination plugin. Iterators are consumed by one thread and closed with `contextlib.closing`."""

    role = Role.DESTINATION

    def provision(
        self, wanted: Sequence[ObjectSchema], dry_run: bool = False, pauses: Sequence[Artifact] = ()
    ) -> Generator[Change, None, None]:
        """What is missing for `wanted`, made or (dry_run) only said, and `pauses` switched off.

        Raises ContractError for a key twice, ConfigError if something cannot be paused.
        """
        raw = promises.stream(
            self.name,
            "provision",
            Change,
            lambda: self._hook.provision(wanted=wanted, dry_run=dry_run, pauses=pauses),
        )
        with closing(raw):
            yield from promises.pauses(self.name, pauses, promises.changes(self.name, raw))

    def load(
        self, object_name: str, records: Sequence[TargetRecord], policy: LoadPolicy
    ) -> Generator[Receipt, None, None]:
        """One batch written. Raises ContractError unless each record gets exactly one receipt.

        The check for missing receipts comes at the end: consume it whole.
        """
        raw = promises.stream(
            self.name,
            "load",
            Receipt,
            lambda: self._hook.load(object_name=object_name, records=records, policy=policy),
        )
        with closing(raw):
            once = promises.receipts(self.name, "load", (record.origin for record in records), raw)
            yield from promises.loaded(self.name, once)

    def rollback(
        self, entries: Sequence[LedgerEntry], dry_run: bool = False
    ) -> Generator[Receipt, None, None]:
        """Entries undone, newest first. Raises ContractError unless each gets exactly one receipt."""
        raw = promises.stream(
            self.name, "rollback", Receipt, lambda: self._hook.rollback(entries=entries, dry_run=dry_run)
        )
        with closing(raw):
            yield from promises.receipts(self.name, "rollback", (entry.origin for entry in entries), raw)


class Transform:
    """The core's transform under the given extensions; the first one that answers is taken."""

    def __init__(self, extensions: Mapping[str, object] | None = None) -> None:
        manager = empty_manager(Role.TRANSFORM)
        manager.register(_CoreTransform())
        for name, extension in (extensions or {}).items():
            register(manager, Role.TRANSFORM, extension, name)
        self.name = ", ".join(extensions or {}) or "core"
        self._hook: Any = manager.hook

    def __call__(
        self, records: Sequence[Record], mapping: ObjectMapping, ids: IdMap
    ) -> Sequence[TargetRecord | Rejected | Skipped]:
        """Source records as target records, rejects or skips. Raises ContractError for anything else."""
        answer: Sequence[TargetRecord | Rejected | Skipped] = promises.one(
            self.name,
            "transform",
            Sequence,  # type: ignore[type-abstract]
            lambda: self._hook.transform(records=records, mapping=mapping, ids=ids),
        )
        return answer


def open_source(platform: str, settings: Mapping[str, Any] | BaseModel, connection: Connection) -> Source:
    """Find, check and make a source. `settings` are raw keys, or ready settings of the plugin's type.

    Raises PluginError, ConfigError, SecretError. Nothing is sent.
    """
    return Source(_instance(Role.SOURCE, platform, settings, connection), name=platform)


def open_destination(
    platform: str, settings: Mapping[str, Any] | BaseModel, connection: Connection
) -> Destination:
    """Find, check and make a destination; as `open_source`."""
    return Destination(_instance(Role.DESTINATION, platform, settings, connection), name=platform)


def open_transform(extensions: Sequence[str] = ()) -> Transform:
    """The transform with the named extensions. An extension is a class without arguments, or an object."""
    loaded = {name: load_plugin(Role.TRANSFORM, name) for name in extensions}
    return Transform({name: found() if isinstance(found, type) else found for name, found in loaded.items()})


def _instance(
    role: Role, platform: str, settings: Mapping[str, Any] | BaseModel, connection: Connection
) -> object:
    found = load_plugin(role, platform)
    register(empty_manager(role), role, found, platform)
    settings_type = settings_type_of(found, platform)
    if not isinstance(settings, settings_type):
        raw = settings.model_dump() if isinstance(settings, BaseModel) else settings
        settings = resolve_settings(settings_type, raw, where=platform)
    try:
        return found(settings, connection)
    except CrossdockError:
        raise
    except Exception as error:
        raise PluginError(
            f"the {role} plugin {platform!r} cannot be made: {type(error).__name__}: {quote(str(error))}.",
            hint="It has to take (settings, connection) and to open nothing yet.",
        ) from error


@dataclass(frozen=True, slots=True)
class PluginReport:
    """One plugin, imported and checked: its hooks in run order, and what is wrong with it.

    `lacking`: what it was not installed with and may do without, and the command that brings it.
    """

    info: PluginInfo
    hooks: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    lacking: str = ""


def check_plugins() -> list[PluginReport]:
    """Import every installed plugin, one by one, and say what fits and what does not."""
    return [_report(info) for info in list_plugins()]


def _report(info: PluginInfo) -> PluginReport:
    try:
        found = load_plugin(info.role, info.name)
    except CrossdockError as error:
        if lacking_extra(info, error.__cause__):
            return PluginReport(info, lacking=f"not installed: {error.hint}")
        return PluginReport(info, problems=(str(error),))
    if info.role in (Role.MAPPING, Role.SANDBOX):
        return PluginReport(info)
    return PluginReport(info, hooks_of(info.role, found), problems(info.role, found, info.name))
