"""One ELMA365 company behind a connection: its applications and their lists, each looked up once."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from crossdock.connection import Connection
from crossdock.errors import ConfigError
from crossdock.model import Limits
from crossdock_elma365.client import AnswerError, Elma365Client, Json, Read
from crossdock_elma365.directories import groups, tasks, users
from crossdock_elma365.files import FileReader
from crossdock_elma365.listing import Listing
from crossdock_elma365.schema import Application, application
from crossdock_elma365.settings import Elma365Settings
from crossdock_elma365.signatures import with_signatures

_SYSTEM_PREFIX = "_system"  # the platform's own directories; `_clients` and the like hold a customer's data


class Company:
    """Reads applications and makes listings. No request is sent before something is asked for."""

    def __init__(self, settings: Elma365Settings, connection: Connection, limits: Limits) -> None:
        self.settings = settings
        self.closed: frozenset[str] = frozenset()  # objects that are read from files instead
        self.client = Elma365Client(settings, connection, limits)
        self.files = FileReader(self.client, settings.zone, self.user_name)
        own = (users(), groups(), tasks())
        self._known: dict[str, Application] = {app.name: app for app in own}

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def user_name(self, identifier: str) -> str:
        """What a user is called; the id of one that the token may not see."""
        return self._user_names.get(identifier, identifier)

    @cached_property
    def _user_names(self) -> dict[str, str]:
        known = (user for user in self.users if user.get("__id") and user.get("__name"))
        return {str(user["__id"]): str(user["__name"]) for user in known}

    @cached_property
    def users(self) -> tuple[Json, ...]:
        """Every user in the platform's own form."""
        return tuple(row for page in self.listing(users()).pages() for row in page.rows)

    @cached_property
    def listed(self) -> tuple[Json, ...]:
        """What the scheme lists: {namespace, code, name, type, __deletedAt} of every application."""
        found: list[Json] = []
        for space in self.client.items(Read.NAMESPACES):
            code = str(space["code"])
            for app in self.client.items(Read.APPLICATIONS, namespace=code):
                found.append({**app, "namespace": app.get("namespace") or code})
        return tuple(found)

    def names(self) -> tuple[str, ...]:
        """The applications to read: those of the settings, else all that are not the platform's own."""
        chosen = self.settings.applications or [_name(app) for app in self.listed if not _left_out(app)]
        return tuple(name for name in chosen if name not in self.closed)

    def left_out(self) -> tuple[str, ...]:
        """Applications that the scheme lists and that are not read, with the reason."""
        chosen = set(self.names())
        rest = [app for app in self.listed if _name(app) not in chosen]
        return tuple(f"{_name(app)} ({_left_out(app) or 'not chosen in applications'})" for app in rest)

    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of the applications to read."""
        return tuple(dict.fromkeys(name.partition(".")[0] for name in self.names()))

    def application(self, name: str) -> Application:
        """The application behind an object name. Raises ConfigError if the platform has none."""
        if name not in self._known:
            namespace, _, code = name.partition(".")
            if not code:
                raise ConfigError(f"{name!r} is no object of ELMA365.", hint="It looks like namespace.code.")
            try:
                scheme = self.client.one(Read.APPLICATION, "application", namespace=namespace, code=code)
            except AnswerError as error:
                raise ConfigError(
                    f"ELMA365 has no application {name} that the token may see ({error.message})",
                    hint="Correct `applications`, or the rights of the token's user.",
                ) from error
            whole = {"namespace": namespace, "code": code, **scheme}
            made = application(whole, self.client.statuses(namespace, code))
            self._known[name] = with_signatures(made)
        return self._known[name]

    def applications(self, names: Iterable[str] | None = None) -> Sequence[Application]:
        """All applications to read, in the order of the scheme or the settings."""
        return [self.application(name) for name in (self.names() if names is None else names)]

    def listing(self, app: Application) -> Listing:
        """The list of an application's records."""
        return Listing(self.client, app, self.settings.page_size)


def _name(app: Json) -> str:
    return f"{app['namespace']}.{app['code']}"


def _left_out(app: Json) -> str:
    if app.get("__deletedAt"):
        return "deleted"
    return "the platform's own" if str(app["namespace"]).startswith(_SYSTEM_PREFIX) else ""
