"""The only module of this plugin that speaks HTTP: calls of model methods, and who and what answers.

Every call carries the context that keeps the server quiet: no mail, no tracking, no invitation.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from crossdock.connection import Connection
from crossdock.errors import AccessLostError, AuthError, ConfigError, ContractError
from crossdock.http import HttpClient
from crossdock.model import Limits
from crossdock_odoo.answers import RightsError, classify, read
from crossdock_odoo.settings import OdooSettings
from crossdock_odoo.transports import Json2, JsonRpc, Transport

Domain = Sequence[Any]
Condition = list[Any]
Row = dict[str, Any]

QUIET: Mapping[str, Any] = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_activity_quick_update": True,
    "no_reset_password": True,
    "lang": "en_US",
}
"""Keeps mails, notes and invitations from being made (counted with a mail sink on 18.0)."""

IN_UTC: Mapping[str, Any] = {"tz": "UTC"}
"""A load reads times in this zone, and without it in that of the key's user (measured on 18.0). New
contacts, users and employees get it as their own, if they are not given one."""

ALL: Mapping[str, Any] = {"active_test": False}
"""Makes archived records visible."""

PAGE = 500
_JSON2_FROM = 19
_OLDEST = 16


class OdooClient:
    """Calls of one database. Raises AuthError for a key that never worked, AccessLostError afterwards."""

    def __init__(self, settings: OdooSettings, connection: Connection) -> None:
        self._settings = settings
        self._key = settings.key.get_secret_value()
        self.host = urlsplit(settings.url).netloc
        self.files = connection.files
        self.limits = Limits(
            scope=f"odoo:{self.host}/{settings.database}",
            calls_per_minute=settings.calls_per_minute,
            batch_size=settings.batch_size,
            page_size=PAGE,
        )
        self._http = HttpClient(
            settings.url,
            connection=connection,
            secrets=(self._key,),
            limits=self.limits if settings.calls_per_minute else None,
            timeout=settings.timeout,
            classify=classify,
            verify=settings.ca_file,
        )
        self._worked = False

    @functools.cached_property
    def server_version(self) -> str:
        """The version as the server writes it: `18.0`, `17.0+e`, `saas~18.2+e`."""
        return str(self._about["server_version"])

    @functools.cached_property
    def version(self) -> tuple[int, int]:
        """Major and minor version. Raises ConfigError for one before 16, and for no Odoo at all."""
        found = re.search(r"(\d+)\.(\d+)", self.server_version)
        if found is None:
            raise ContractError(f"Odoo says its version is {self.server_version!r}.")
        version = int(found[1]), int(found[2])
        if version[0] < _OLDEST:
            raise ConfigError(f"Odoo {self.server_version} is older than {_OLDEST}, the first supported one.")
        return version

    @functools.cached_property
    def database(self) -> str:
        """The database's name. Raises ConfigError if the settings leave it open and the server too."""
        if self._settings.database:
            return self._settings.database
        try:
            names = self._rpc("").service("db", "list", [])
        except (AuthError, ConfigError, RightsError):
            names = None
        if isinstance(names, list) and len(names) == 1:
            return str(names[0])
        known = f"it has {', '.join(map(str, names))}" if names else "it does not list them"
        raise ConfigError(
            f"which database of {self.host} is meant? {known}.", hint="Set `database` of the connection."
        )

    @functools.cached_property
    def identity(self) -> str:
        """Tells this database from others: `odoo:<its uuid>/<its name>`, with the host where a key may
        not read the uuid. Copies of a database have the uuid of the original (measured)."""
        try:
            found = self.search_read("ir.config_parameter", [["key", "=", "database.uuid"]], ["value"])
        except RightsError:
            found = []
        return f"odoo:{found[0]['value'] if found else self.host}/{self.database}"

    @property
    def user_id(self) -> int:
        """The id of the user that the key belongs to. Raises AuthError, AccessLostError."""
        try:
            found = self._transport.user_id
        except AuthError as error:
            raise self._refused_key(error) from error
        self._worked = True  # nobody is told without a key that is accepted
        return found

    def call(
        self,
        model: str,
        method: str,
        ids: Sequence[int] | None = None,
        /,
        *,
        safe: bool = False,
        context: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Call a method of a model, named arguments only. `ids`: None for a method of the model itself.

        `safe`: repeating it changes nothing. `context` is put on top of the quiet one. Raises RefusalError,
        GoneError, RightsError, BatchTooLargeError, OutcomeUnknownError.
        """
        arguments = {**kwargs, "context": {**QUIET, **(context or {})}}
        try:
            answer = self._transport.call(model, method, ids, arguments, safe=safe)
        except AuthError as error:
            raise self._refused_key(error) from error
        self._worked = True
        return answer

    def search(
        self,
        model: str,
        domain: Domain,
        *,
        limit: int | None = None,
        order: str = "id",
        archived: bool = True,
    ) -> list[int]:
        """Ids of the records that a domain finds, archived ones among them."""
        context = {"active_test": not archived}
        found = self.call(
            model, "search", safe=True, context=context, domain=list(domain), limit=limit, order=order
        )
        return [int(i) for i in found]

    def search_read(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        limit: int | None = None,
        order: str = "id",
        archived: bool = True,
        context: Mapping[str, Any] | None = None,
    ) -> list[Row]:
        """Records that a domain finds with these fields and `id`; many2one come as [id, name]."""
        found: list[Row] = self.call(
            model,
            "search_read",
            safe=True,
            context={"active_test": not archived, **(context or {})},
            domain=list(domain),
            fields=list(fields),
            limit=limit,
            order=order,
        )
        return found

    def read(self, model: str, ids: Sequence[int], fields: Sequence[str]) -> list[Row]:
        """The records that exist among these ids, many2one as a bare id or False."""
        if not ids:
            return []
        found: list[Row] = self.call(
            model, "read", ids, safe=True, context=ALL, fields=list(fields), load=None
        )
        return found

    def count(self, model: str, domain: Domain = (), *, archived: bool = True) -> int:
        """How many records a domain finds."""
        context = {"active_test": not archived}
        return int(self.call(model, "search_count", safe=True, context=context, domain=list(domain)))

    def fields_get(self, model: str, attributes: Sequence[str] = ()) -> dict[str, Row]:
        """Metadata of the fields of a model by name."""
        wanted = list(attributes) or None
        found: dict[str, Row] = self.call(model, "fields_get", safe=True, attributes=wanted)
        return found

    def may(self, model: str, operation: str) -> bool:
        """Whether the key's user may read, create, write or unlink records of a model."""
        if self.version[0] >= 18:
            return bool(self.call(model, "has_access", [], safe=True, operation=operation))
        return bool(  # up to 17 (documented; measured on 18.0, which still has it)
            self.call(model, "check_access_rights", safe=True, operation=operation, raise_exception=False)
        )

    def load(
        self,
        model: str,
        fields: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        context: Mapping[str, Any] | None = None,
    ) -> Row:
        """Odoo's import: `{ids: [...] or False, messages: [...]}`. All of the rows or none of them."""
        data = [list(row) for row in rows]
        answer = self.call(model, "load", context=context, fields=list(fields), data=data)
        if not isinstance(answer, dict) or "ids" not in answer:
            raise ContractError(f"Odoo answered a load of {model} without ids.")
        return answer

    def create(
        self, model: str, rows: Sequence[Mapping[str, Any]], *, context: Mapping[str, Any] | None = None
    ) -> list[int]:
        """Make records, all or none; their ids in the order of `rows`."""
        made = self.call(model, "create", context=context, vals_list=[dict(row) for row in rows])
        if not isinstance(made, list) or len(made) != len(rows):
            raise ContractError(f"Odoo answered a create of {len(rows)} {model} with other ids.")
        return [int(i) for i in made]

    def write(
        self,
        model: str,
        ids: Sequence[int],
        values: Mapping[str, Any],
        *,
        safe: bool = False,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the same values into records. Raises ConfigError without ids, GoneError.

        A null id among them would make the server do nothing and say yes (measured).
        """
        self.call(model, "write", _known(ids, "write"), safe=safe, context=context, vals=dict(values))

    def unlink(self, model: str, ids: Sequence[int], *, context: Mapping[str, Any] | None = None) -> None:
        """Remove records for good, all or none. Raises ConfigError without ids, GoneError."""
        self.call(model, "unlink", _known(ids, "unlink"), context=context)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @functools.cached_property
    def _transport(self) -> Transport:
        protocol = self._settings.protocol
        if protocol == "auto":
            protocol = "json2" if self.version[0] >= _JSON2_FROM else "jsonrpc"
        if protocol == "json2":
            return Json2(self._http, self._settings.database, self._key)
        return self._rpc(self.database)

    def _rpc(self, database: str) -> JsonRpc:
        return JsonRpc(self._http, database, self._settings.login, self._key)

    @functools.cached_property
    def _about(self) -> Mapping[str, Any]:
        """What the server says of itself without a key."""
        if self._settings.protocol != "json2":
            try:
                found = self._rpc("").service("common", "version", [])
            except ConfigError:
                if self._settings.protocol == "jsonrpc":
                    raise
            else:
                return _about(found)
        # JSON-RPC is to be taken out of later versions (documented); this path is there from 19 on.
        found = read(self._http.send("GET", "/web/version", safe=True), safe=True)
        return _about({"server_version": found.get("version")} if isinstance(found, Mapping) else found)

    def _refused_key(self, error: AuthError) -> AuthError | AccessLostError:
        return AccessLostError(error.message, hint=error.hint) if self._worked else error


def _about(found: Any) -> Mapping[str, Any]:
    if isinstance(found, Mapping) and found.get("server_version"):
        return found
    raise ContractError("the server does not say its version.", hint="Check that the address is Odoo's.")


def _known(ids: Sequence[int], method: str) -> list[int]:
    if not ids or not all(type(i) is int and i > 0 for i in ids):
        raise ConfigError(f"{method} was called with the ids {list(ids)}.")
    return list(ids)
