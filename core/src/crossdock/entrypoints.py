"""Which plugins are installed, and importing exactly the one that is asked for.

stevedore finds and imports. Its disk cache may be older than what is installed, so its answer is held
against `importlib.metadata`, which has the last word.
"""

import difflib
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, metadata
from typing import Any

from stevedore.driver import DriverManager
from stevedore.exception import NoMatches

from crossdock.errors import CrossdockError, PluginError
from crossdock.redaction import redact


class Role(StrEnum):
    """What a plugin is for; each role has its entry-point group."""

    SOURCE = "source"
    DESTINATION = "destination"
    TRANSFORM = "transform"
    MAPPING = "mapping"
    SANDBOX = "sandbox"

    @property
    def group(self) -> str:
        """The entry-point group in which plugins of this role are listed."""
        return f"crossdock.{'sandboxe' if self is Role.SANDBOX else self.value}s"


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """An installed plugin, known from its entry point alone."""

    name: str
    role: Role
    distribution: str
    version: str


def list_plugins(role: Role | None = None) -> list[PluginInfo]:
    """All installed plugins, or those of one role, by role and name; imports none of them."""
    roles = [role] if role else list(Role)
    infos = {_info(point, r) for r in roles for point in entry_points(group=r.group)}
    order = list(Role)
    return sorted(infos, key=lambda i: (order.index(i.role), i.name, i.distribution))


def load_plugin(role: Role, name: str) -> Any:
    """Import what the entry point of that name names (a class, or a mapping's function).

    Raises PluginError: none of that name, several, or one that cannot be imported.
    """
    point = _only(role, name)
    try:
        return _imported(point)
    except CrossdockError:
        raise
    except Exception as error:
        info = _info(point, role)
        raise PluginError(
            f"the {role} plugin {name!r} ({info.distribution} {info.version}) cannot be imported from "
            f"{point.value}: {type(error).__name__}: {redact(str(error))}.",
            hint=f"Install it again with what it needs: {_command(point, role, error)}",
        ) from error


def lacking_extra(info: PluginInfo, error: BaseException | None) -> bool:
    """Whether a plugin failed for want of what an extra of its package brings, named after its role.

    A connector is whole without its sandbox: `pip install "crossdock-NAME[sandbox]"` adds it.
    """
    if not isinstance(error, ModuleNotFoundError):
        return False
    try:
        offered = metadata(info.distribution).get_all("Provides-Extra") or ()
    except PackageNotFoundError:
        return False
    return info.role.value in offered


def _command(point: EntryPoint, role: Role, error: Exception) -> str:
    info = _info(point, role)
    if lacking_extra(info, error):
        return f'pip install "{info.distribution}[{role}]"'
    return f"pip install --upgrade {info.distribution}"


def _only(role: Role, name: str) -> EntryPoint:
    # An editable installation may show the same entry point twice.
    points = {(_distribution(p), p.value): p for p in entry_points(group=role.group, name=name)}
    if not points:
        raise _missing(role, name)
    if len(points) > 1:
        owners = " and ".join(sorted(f"{owner} ({value})" for owner, value in points))
        raise PluginError(
            f"the {role} plugin {name!r} is ambiguous: it comes from {owners}.",
            hint="Uninstall one of them: pip uninstall NAME",
        )
    return next(iter(points.values()))


def _imported(point: EntryPoint) -> Any:
    try:
        manager = DriverManager[Any](point.group, point.name, on_missing_entrypoints_callback=None)
        found = manager[point.name]
        if found.entry_point.value == point.value:
            return found.plugin
    except (NoMatches, ImportError, AttributeError):
        pass  # stevedore's cache is stale, or the plugin is broken: the next line tells
    return point.load()


def _missing(role: Role, name: str) -> PluginError:
    names = sorted({p.name for p in entry_points(group=role.group)})
    others = [r for r in Role if r is not role and any(p.name == name for p in entry_points(group=r.group))]
    near = difflib.get_close_matches(name, names, n=1)
    also = f" {name!r} is installed as {' and '.join(others)} only." if others else ""
    guess = f" Did you mean {near[0]!r}?" if near else ""
    return PluginError(
        f"there is no {role} plugin {name!r}; installed: {', '.join(names) or 'none'}.{also}{guess}",
        hint="" if others else f"To install it: pip install crossdock-{name}",
    )


def _info(point: EntryPoint, role: Role) -> PluginInfo:
    version = point.dist.version if point.dist else ""
    return PluginInfo(point.name, role, _distribution(point), version)


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "unknown"
