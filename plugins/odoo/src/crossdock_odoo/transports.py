"""The two ways of a call: JSON-RPC up to Odoo 18, JSON-2 from 19. Both carry named arguments.

JSON-RPC takes the first arguments of an ORM method by place: overrides of a method name them as they like
(`vals`, `values`; measured on 18.0), and `create` wants its records there. From 19 on all overrides name them
as the ORM does (by its public source), so that the names do for JSON-2.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from crossdock.errors import AuthError, ConfigError
from crossdock.http import HttpClient
from crossdock_odoo.answers import ON_A_PLAN, read

Kwargs = Mapping[str, Any]

_BY_PLACE: dict[str, tuple[str, ...]] = {
    "check_access_rights": ("operation", "raise_exception"),
    "create": ("vals_list",),
    "default_get": ("fields",),
    "fields_get": ("allfields",),
    "has_access": ("operation",),
    "load": ("fields", "data"),
    "read": ("fields",),
    "search": ("domain",),
    "search_count": ("domain",),
    "search_read": ("domain", "fields"),
    "write": ("vals",),
}


class Transport(Protocol):
    """Carries calls of one database."""

    @property
    def user_id(self) -> int:
        """The id of the user that the key belongs to. Raises AuthError."""

    def call(self, model: str, method: str, ids: Sequence[int] | None, kwargs: Kwargs, *, safe: bool) -> Any:
        """Call a method; `ids` None for one of the model itself. Raises what `answers` classifies."""


class JsonRpc:
    """`POST /jsonrpc`; stateless: database, user and key go along with every call."""

    def __init__(self, http: HttpClient, database: str, login: str, key: str) -> None:
        self._http, self._login, self._key = http, login, key
        self._database = database
        self._numbers = itertools.count(1)
        self._user_id: int | None = None

    @property
    def user_id(self) -> int:
        """The user's id, asked for once. Raises AuthError for a wrong login or key."""
        if self._user_id is None:
            found = self.service("common", "authenticate", [self._database, self._login, self._key, {}])
            if not found:
                raise AuthError(
                    f"Odoo does not accept the login {self._login!r} with this key.",
                    hint=f"Check `login` and `key`: the key must belong to that user. {ON_A_PLAN}",
                )
            self._user_id = int(found)
        return self._user_id

    def call(self, model: str, method: str, ids: Sequence[int] | None, kwargs: Kwargs, *, safe: bool) -> Any:
        """Call a method through execute_kw."""
        named = dict(kwargs)
        places: list[Any] = [] if ids is None else [list(ids)]
        for name in _BY_PLACE.get(method, ()):
            if name not in named:
                break
            places.append(named.pop(name))
        user = self.user_id
        args = [self._database, user, self._key, model, method, places, named]
        return self.service("object", "execute_kw", args, safe=safe)

    def service(self, service: str, method: str, args: Sequence[Any], *, safe: bool = True) -> Any:
        """Call a method of one of the three services (common, object, db)."""
        params = {"service": service, "method": method, "args": list(args)}
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": next(self._numbers)}
        return read(self._http.send("POST", "/jsonrpc", safe=safe, json=body), safe=safe)


class Json2:
    """`POST /json/2/MODEL/METHOD` with a bearer key (documented for 19; assumed, not measured)."""

    def __init__(self, http: HttpClient, database: str, key: str) -> None:
        self._http = http
        self._headers = {"Authorization": f"bearer {key}"}
        if database:
            self._headers["X-Odoo-Database"] = database
        self._user_id: int | None = None

    @property
    def user_id(self) -> int:
        """The user's id, asked for once. Raises AuthError."""
        if self._user_id is None:
            context = self.call("res.users", "context_get", None, {}, safe=True)
            if not isinstance(context, Mapping) or not context.get("uid"):
                raise ConfigError("Odoo did not say which user the key belongs to.")
            self._user_id = int(context["uid"])
        return self._user_id

    def call(self, model: str, method: str, ids: Sequence[int] | None, kwargs: Kwargs, *, safe: bool) -> Any:
        """Call a method with named arguments."""
        body = dict(kwargs) if ids is None else {"ids": list(ids), **kwargs}
        path = f"/json/2/{model}/{method}"
        return read(self._http.send("POST", path, safe=safe, json=body, headers=self._headers), safe=safe)
