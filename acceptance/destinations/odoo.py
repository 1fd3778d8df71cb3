"""Odoo by plain HTTP: JSON-RPC without the plugin."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from acceptance.destinations.base import Column, Destination, Made, marked
from acceptance.destinations.odoo_rows import MARK, TRASH, NeutralRows
from acceptance.platforms import Row

MODULE = "__crossdock__"
PERSON = "olga.petrova@romashka.example"  # who edits there: not the user of the key
RIGHTS = (
    *("base.group_user", "base.group_partner_manager", "base.group_system"),
    *("sales_team.group_sale_manager", "project.group_project_manager", "hr.group_hr_manager"),
)
ALL = {"active_test": False, "lang": "en_US"}
SCHEMA = ("ir.model", "ir.ui.", "ir.actions.", "ir.rule", "base.automation")
READING = {
    *("read", "search", "search_read", "search_count", "read_group", "name_search", "name_get"),
    *("fields_get", "default_get", "check_access_rights", "has_access", "get_param", "get_external_id"),
    *("version", "authenticate", "list", "context_get", "check_object_reference", "exists"),
}
SAID = ("event", "email", "message")
WRITING = {"load", "create", "write", "unlink", "message_post", "action_archive", "action_unarchive"}


@dataclass
class Odoo(Destination):
    """A database. `all` and `ours` give its own rows by model, `rows` and `arrived` neutral ones."""

    numbers: dict[str, str] = field(default_factory=dict)

    decisions: ClassVar[Mapping[str, Any]] = {"currency": "RUB"}
    objects_of: ClassVar[Mapping[str, str]] = {
        "company": "res.partner",
        "person": "res.partner",
        "deal": "crm.lead",
        "task": "project.task",
        "project": "project.project",
        "event": "mail.activity",
        "email": "mail.message",
        "message": "mail.message",
        "attachment": "ir.attachment",
        "user": "res.users",
    }
    fields_of: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "company": {
            "name": "name",
            "website": "website",
            "phone": "phone",
            "revenue": "x_revenue",
            "employees": "x_employees",
            "owner": "user_id",
        },
        "person": {"company": "parent_id", "email": "email"},
    }
    faults_of: ClassVar[Mapping[str, Row]] = {
        "create company": {"path": "/jsonrpc", "body": r'"res\.partner",\s*"load".*{value}'},
        "update company": {"path": "/jsonrpc", "body": r'"res\.partner",\s*"load",.*"\.id"'},
        "trash company": {"path": "/jsonrpc", "body": r'"res\.partner",\s*"load",.*"trash:'},
        # What a match key found is read in the same way: of the companies nothing may be there already.
        "read companies back": {"path": "/jsonrpc", "body": rf'"res\.partner",\s*"read",.*"{MARK}"'},
    }

    def settings(self, variable: str) -> Row:
        return {"url": self.url, "database": self.database, "login": "admin", "key": f"env:{variable}"}

    # --- its own rows -----------------------------------------------------------------------------

    @cached_property
    def database(self) -> str:
        """Its name."""
        (name,) = self.rpc("db", "list")
        return str(name)

    def rpc(self, service: str, method: str, *args: Any) -> Any:
        """One request; the result."""
        params = {"service": service, "method": method, "args": list(args)}
        answer = self.ask("POST", "/jsonrpc", {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params})
        assert "error" not in answer, f"{method} {args[3:]}: {answer['error']['data']}"
        return answer["result"]

    def call(self, model: str, method: str, *args: Any, **named: Any) -> Any:
        """One call of a model method, as the user of the key."""
        return self.rpc("object", "execute_kw", self.database, 2, self.token, model, method, args, named)

    def as_person(self, model: str, method: str, *args: Any, **named: Any) -> Any:
        """One call of a model method, as somebody else."""
        uid, secret = self._person
        return self.rpc("object", "execute_kw", self.database, uid, secret, model, method, args, named)

    @cached_property
    def _person(self) -> tuple[int, str]:
        known = {row["login"]: row["id"] for row in self.all("res.users", fields=["login"])}
        person = {"login": PERSON, "name": "Ольга Петрова", "email": PERSON, "groups": list(RIGHTS)}
        answer = self.ask("POST", "/_seed", {"users": [] if PERSON in known else [person]})
        secret = answer["keys"][PERSON]
        return int(self.rpc("common", "authenticate", self.database, PERSON, secret, {})), secret

    def all(self, model: str, domain: Sequence[Any] = (), fields: Sequence[str] = ()) -> list[Row]:
        """The records of a model, archived ones too, by their number."""
        found: list[Row] = self.call(
            model, "search_read", list(domain), fields=list(fields), order="id", context=ALL
        )
        return found

    def ours(self, model: str, source_object: str) -> dict[str, Row]:
        """The records that came from a source object, by the key they have there (and the part)."""
        found: dict[str, Row] = {}
        for row in self.all(model, [[MARK, "like", f":%/{source_object}/%"]]):
            owner, _, source_key = row[MARK].partition(":")[2].partition("/")[2].partition("/")
            if owner == source_object:
                found[source_key] = row | {"target": self.target(model, row["id"])}
        return found

    def target(self, model: str, number: int) -> str:
        """What the product calls a record: its external id, or the number of one that was there before."""
        return self.targets(model).get(number, str(number))

    def number(self, model: str, target: str) -> int:
        """The number of a record that the product calls `target`."""
        if target.isdecimal():
            return int(target)
        domain = [["module", "=", MODULE], ["name", "=", target], ["model", "=", model]]
        (row,) = self.call("ir.model.data", "search_read", domain, fields=["res_id"])
        return int(row["res_id"])

    def targets(self, model: str) -> dict[int, str]:
        """What the product calls its records of a model, by their number."""
        domain = [["module", "=", MODULE], ["model", "=", model]]
        rows = self.call("ir.model.data", "search_read", domain, fields=["name", "res_id"])
        return {row["res_id"]: row["name"] for row in rows}

    def schema(self, model: str) -> dict[str, Row]:
        """The fields of a model by name."""
        found: dict[str, Row] = self.call(model, "fields_get", [], context=ALL)
        return found

    # --- neutral rows -----------------------------------------------------------------------------

    def rows(self, kind: str) -> list[Row]:
        return NeutralRows(self).of(kind)

    def arrived(self, kind: str, source_object: str, tenant: str = "") -> dict[str, Row]:
        """What was said or done stands beside each record that it is about: `about` names them all."""
        found: dict[str, Row] = {}
        for key, row in marked(self.rows(kind), source_object, tenant).items():
            same = found.setdefault(key.partition("#")[0] if kind in SAID else key, row)
            if same is not row:
                assert (same["created"], same["author_account"]) == (row["created"], row["author_account"])
                same["about"] = sorted({*same["about"], *row["about"]})
        return found

    def trash(self, kind: str) -> list[Row]:
        model = self.objects_of[kind]
        if MARK not in self.schema(model):
            return []
        rows = self.all(model, [[MARK, "=like", f"{TRASH}%"], ["active", "=", False]], ["name"])
        return [{"id": self.target(model, row["id"]), "name": row["name"]} for row in rows]

    def made(self, label: str) -> Made:
        (model,) = self.call("ir.model", "search_read", [["name", "=", label]], fields=["model"])
        return Made(model["model"], self._columns(model["model"]))

    def fields(self, kind: str) -> dict[str, Column]:
        return self._columns(self.objects_of[kind])

    def _columns(self, model: str) -> dict[str, Column]:
        """The fields that were added to a model, or make it up: several of its own have the same label."""
        return {
            each["string"]: Column(name, each["type"], dict(each.get("selection") or ()))
            for name, each in self.schema(model).items()
            if each.get("manual") and name != MARK
        }

    def made_rows(self, made: Made) -> list[Row]:
        return NeutralRows(self).by_label(made)

    def has(self, object_name: str) -> bool:
        return bool(self.call("ir.model", "search_count", [["model", "=", object_name]]))

    def content(self, attachment: Row) -> bytes:
        (row,) = self.call("ir.attachment", "read", [attachment["number"]], fields=["datas"])
        return base64.b64decode(row["datas"] or "")

    # --- what people do ---------------------------------------------------------------------------

    def make(self, kind: str, **values: Any) -> str:
        more = {"company": {"is_company": True}}.get(kind, {})
        return str(self.as_person(self.objects_of[kind], "create", self._wire(kind, values) | more))

    def edit(self, kind: str, identifier: str, **values: Any) -> None:
        model = self.objects_of[kind]
        self.as_person(model, "write", [self.number(model, identifier)], self._wire(kind, values))

    def remove(self, kind: str, identifier: str) -> None:
        model = self.objects_of[kind]
        self.as_person(model, "unlink", [self.number(model, identifier)])

    def destroy(self, kind: str, identifier: str) -> None:
        self.remove(kind, identifier)

    def account(self, email: str) -> None:
        """An administrator makes the user; as is usual, without a word to anybody."""
        quiet = {"no_reset_password": True}
        self.as_person("res.users", "create", {"name": email, "login": email, "email": email}, context=quiet)

    def _wire(self, kind: str, values: Mapping[str, Any]) -> Row:
        """Neutral values as the model takes them."""
        found: Row = {}
        for name, value in values.items():
            column = self.fields_of[kind].get(name, name)
            found[column] = self.user(value) if name == "owner" else value
        return found

    def user(self, email: str) -> int:
        """The number of a user."""
        (row,) = self.call("res.users", "search_read", [["email", "=", email]], fields=["id"], context=ALL)
        return int(row["id"])

    # --- the request log --------------------------------------------------------------------------

    def written(self, log: Sequence[Row], kind: str = "") -> list[Row]:
        model = self.objects_of[kind] if kind else ""
        return [
            entry
            for entry in log
            for place, method in (_operation(entry),)
            if method in WRITING and not place.startswith(SCHEMA) and model in ("", place)
        ]

    def trashing(self, log: Sequence[Row]) -> list[Row]:
        """An archiving goes through the import, like everything else."""
        return [entry for entry in log if _operation(entry)[1] in ("unlink", "load", "write")]

    def shaped(self, log: Sequence[Row]) -> list[Row]:
        return [
            entry
            for entry in log
            for place, method in (_operation(entry),)
            if method in WRITING and place in ("ir.model", "ir.model.fields", "ir.model.fields.selection")
        ]

    def changing(self, log: Sequence[Row]) -> list[Row]:
        return [entry for entry in log if _operation(entry)[1] not in READING]

    def mails(self) -> dict[str, int]:
        """How many e-mails would have been sent, by address and subject."""
        found: dict[str, int] = self.dump()["outbox"]
        return found

    # --- the dump ---------------------------------------------------------------------------------

    def count(self, dump: Any, kind: str) -> int:
        rows = self.records(dump)[self.objects_of[kind]]
        if kind == "company":
            rows = [row for row in rows if row.get("is_company")]
        return len([row for row in rows if not str(row.get(MARK) or "").startswith(TRASH)])

    def settled(self, dump: Any) -> Any:
        """Who changed a restored record when, and the counters of side effects, are left out."""
        kept = {name: value for name, value in dump.items() if name != "effects"}
        kept["records"] = {
            model: [{k: v for k, v in row.items() if k not in ("write_date", "write_uid")} for row in rows]
            for model, rows in dump["records"].items()
        }
        return kept

    def records(self, dump: Any) -> Any:
        return {model: rows for model, rows in dump["records"].items() if model != "base.automation"}


def _operation(entry: Row) -> tuple[str, str]:
    """Model and method of a request."""
    model, _, method = (entry["operation"] or "").rpartition(".")
    return model, method
