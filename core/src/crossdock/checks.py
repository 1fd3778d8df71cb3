"""Whether a plugin fits this crossdock: its hooks, their arguments, its settings and its API version."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any, Final

import pluggy
from pydantic import BaseModel

from crossdock.entrypoints import Role
from crossdock.errors import PluginError
from crossdock.hookspecs import PROJECT, DestinationSpec, SourceSpec, TransformSpec

API_VERSION: Final = "0.1"
"""The version of the hooks and of the names a connector may import; a plugin may declare `crossdock_api`."""

REQUIRED: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.SOURCE: ("discover", "extract", "reconcile"),
    Role.DESTINATION: ("discover", "provision", "load", "reconcile", "rollback"),
    Role.TRANSFORM: ("transform",),
}
"""The hooks that a plugin of a role must have; the others have a default in the core."""

_SPECS: Final[Mapping[Role, type]] = {
    Role.SOURCE: SourceSpec,
    Role.DESTINATION: DestinationSpec,
    Role.TRANSFORM: TransformSpec,
}


def empty_manager(role: Role) -> pluggy.PluginManager:
    """A plugin manager that knows the hooks of one role and holds no plugin."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(_SPECS[role])
    return manager


def register(manager: pluggy.PluginManager, role: Role, plugin: object, name: str) -> None:
    """Check a plugin's version and hooks and register it. Raises PluginError for the first fault."""
    check_api_version(plugin, name)
    try:
        manager.register(plugin)
    except pluggy.PluginValidationError as error:
        raise PluginError(
            f"the {role} plugin {name!r} has a hook that cannot be called: {_last_line(error)}.",
            hint="A hook may leave out arguments, but names each as crossdock.hookspecs does.",
        ) from error
    _check_spelling(manager, role, plugin, name)
    _check_required(manager, role, plugin, name)


def problems(role: Role, plugin: object, name: str) -> tuple[str, ...]:
    """All faults of a plugin class, as far as one does not hide another."""
    checks: list[Callable[[], object]] = [lambda: register(empty_manager(role), role, plugin, name)]
    if role is not Role.TRANSFORM:
        checks.append(lambda: settings_type_of(plugin, name))
    found = []
    for check in checks:
        try:
            check()
        except PluginError as error:
            found.append(str(error))
    return tuple(found)


def hooks_of(role: Role, plugin: object) -> tuple[str, ...]:
    """The hooks that a plugin implements, in run order; empty if it cannot be registered."""
    manager = empty_manager(role)
    try:
        manager.register(plugin)
    except pluggy.PluginValidationError:
        return ()
    return tuple(name for name in _hook_names(role) if name in _implemented(manager, plugin))


def check_api_version(plugin: object, name: str) -> None:
    """Refuse a plugin made for hooks that this crossdock does not have: before 1.0 each minor counts."""
    wanted = str(getattr(plugin, "crossdock_api", API_VERSION))
    major, minor = _numbers(wanted, name)
    our_major, our_minor = _numbers(API_VERSION, name)
    fits = major == our_major and (minor == our_minor if major == 0 else minor <= our_minor)
    if not fits:
        raise PluginError(
            f"the plugin {name!r} is made for hooks of version {wanted}, this crossdock has {API_VERSION}.",
            hint=f"Install a matching version: pip install --upgrade crossdock-{name} crossdock",
        )


def settings_type_of(plugin: object, name: str) -> type[BaseModel]:
    """The plugin's settings type. Raises PluginError if it is not a pydantic model."""
    settings_type = getattr(plugin, "settings_type", None)
    if isinstance(settings_type, type) and issubclass(settings_type, BaseModel):
        return settings_type
    found = "is missing" if settings_type is None else f"is {settings_type!r}"
    raise PluginError(
        f"the `settings_type` of the plugin {name!r} {found}.",
        hint="It has to be a class derived from pydantic.BaseModel.",
    )


def _check_spelling(manager: pluggy.PluginManager, role: Role, plugin: object, name: str) -> None:
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        wrong = sorted(_implemented(manager, plugin) - set(_hook_names(role)))
        near = difflib.get_close_matches(wrong[0], _hook_names(role), n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Its hooks: {', '.join(_hook_names(role))}."
        raise PluginError(
            f"the {role} plugin {name!r} marks {', '.join(wrong)} as a hook, which a {role} does not have.",
            hint=hint,
        ) from error


def _check_required(manager: pluggy.PluginManager, role: Role, plugin: object, name: str) -> None:
    missing = [hook for hook in REQUIRED[role] if hook not in _implemented(manager, plugin)]
    if not missing:
        return
    unmarked = [hook for hook in missing if callable(getattr(plugin, hook, None))]
    raise PluginError(
        f"the {role} plugin {name!r} lacks the required hooks: {', '.join(missing)}.",
        hint=f"Mark {', '.join(unmarked)} with @hookimpl." if unmarked else "See crossdock.hookspecs.",
    )


def _implemented(manager: pluggy.PluginManager, plugin: object) -> set[str]:
    return {caller.name for caller in manager.get_hookcallers(plugin) or ()}


def _hook_names(role: Role) -> tuple[str, ...]:
    spec: Any = _SPECS[role]
    return tuple(name for name in vars(spec) if hasattr(vars(spec)[name], f"{PROJECT}_spec"))


def _last_line(error: Exception) -> str:
    return str(error).strip().splitlines()[-1].rstrip(".")


def _numbers(text: str, name: str) -> tuple[int, int]:
    try:
        major, minor = (int(part) for part in text.split(".")[:2])
    except ValueError:
        raise PluginError(
            f"the plugin {name!r} declares crossdock_api = {text!r}.", hint='It looks like "0.1".'
        ) from None
    return major, minor
