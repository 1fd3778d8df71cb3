"""Odoo by plain HTTP: JSON-RPC without the plugin."""

import base64
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from acceptance.destinations.base import Column, Destination, Made, Money, marked
from acceptance.platforms import Row

MARK, MODULE, TRASH = "x_crossdock_key", "__crossdock__", "trash:"
NOT_THERE = (TRASH, "half:")  # what lies in the stand-in for a trash, and what is only half made
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
        # By number, not by a match key: that is what is read back after a write.
        "read companies back": {
            "path": "/jsonrpc",
            "body": r'"res\.partner",\s*"search_read".*\["id",\s*"in"',
        },
    }
    writes_of: ClassVar[Mapping[str, str]] = {"update company": "res.partner.load"}

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
        return self._targets(model).get(number, str(number))

    def number(self, model: str, target: str) -> int:
        """The number of a record that the product calls `target`."""
        if target.isdecimal():
            return int(target)
        domain = [["module", "=", MODULE], ["name", "=", target], ["model", "=", model]]
        (row,) = self.call("ir.model.data", "search_read", domain, fields=["res_id"])
        return int(row["res_id"])

    def _targets(self, model: str) -> dict[int, str]:
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


class NeutralRows:
    """Turns the rows of one moment into neutral ones: users and external ids are read once."""

    def __init__(self, database: Odoo) -> None:
        self._database = database
        self._named: dict[str, dict[int, str]] = {}
        users = database.all("res.users", fields=["login", "email", "partner_id"])
        self.users = {row["id"]: row["email"] or row["login"] for row in users}
        self.people = {row["partner_id"][0]: self.users[row["id"]] for row in users}

    def of(self, kind: str) -> list[Row]:
        """All rows of a kind that do not lie in what stands in for a trash."""
        if kind == "event":  # those that are over are messages, those to come are activities
            return self._of("message", "mail.message") + self._of(kind, "mail.activity")
        return self._of(kind, self._database.objects_of[kind])

    def _of(self, kind: str, model: str) -> list[Row]:
        domain: list[Any] = [list(each) for each in DOMAINS.get(kind, ())]
        schema = self._database.schema(model)
        if kind == "person":
            domain.append(["id", "not in", list(self.people)])
        left_out = ("sel_groups_", "in_group_")  # boxes of a form, no fields
        fields = [n for n in schema if schema[n]["type"] != "binary" and not n.startswith(left_out)]
        rows = self._database.all(model, domain, fields)
        return [
            {"number": row["id"], **NEUTRAL[kind](self, row), **self.origin(row), **self.mark(model, row)}
            for row in rows
            if not str(row.get(MARK) or "").startswith(NOT_THERE)
        ]

    def by_label(self, made: Made) -> list[Row]:
        """All rows of an object, their values by label."""
        schema = self._database.schema(made.name)
        columns = [each.name for each in made.fields.values()]
        money = [schema[name]["currency_field"] for name in columns if schema[name].get("currency_field")]
        rows = self._database.all(made.name, (), [*columns, *money, MARK])
        name = "x_name" if "x_name" in schema else "name"
        return [
            {label: self.value(each, schema[each.name], row) for label, each in made.fields.items()}
            | {"name": row.get(name)}
            | self.mark(made.name, row)
            for row in rows
            if not str(row.get(MARK) or "").startswith(NOT_THERE)
        ]

    def money(self, row: Row, name: str, currency_name: str) -> Money | None:
        """An amount and its currency; None for a field that is not there."""
        held = row.get(currency_name)
        return Money(amount(row[name]), held[1]) if held and name in row else None

    def mark(self, model: str, row: Row) -> Row:
        """What every neutral row has."""
        return {"id": self.target(model, row["id"]), "crossdock": row.get(MARK) or ""}

    def origin(self, row: Row) -> Row:
        """When and by whom a record was made at the source, as fields say that are there for it."""
        own = {
            "created": moment(row.get("x_source_created_at")),
            "author": row.get("x_source_author") or None,
        }
        return {name: value for name, value in own.items() if value}

    def target(self, model: str, number: int) -> str:
        """What the product calls a record."""
        if model not in self._named:
            self._named[model] = self._database._targets(model)
        return self._named[model].get(number, str(number))

    def end(self, model: str, value: Any) -> str | None:
        """The record that a many2one leads to."""
        return self.target(model, value[0]) if value else None

    def user(self, value: Any) -> str | None:
        """The e-mail of the user that a many2one leads to."""
        return self.users.get(value[0]) if value else None

    def value(self, column: Column, schema: Row, row: Row) -> Any:
        """The neutral value of a field."""
        value = row.get(column.name)
        match column.type:
            case "boolean":
                return value
            case "integer" | "float":
                return value
            case "many2one" if schema["relation"] == "res.users":
                return self.user(value)
            case "many2one":
                return self.end(schema["relation"], value)
            case "many2many" | "one2many":
                return [self.target(schema["relation"], each) for each in value or ()]
            case "selection":
                return column.options.get(value or "")
            case "datetime":
                return moment(value)
            case "monetary":
                return self.money(row, column.name, schema["currency_field"]) if value else None
        return value or None


DOMAINS: Mapping[str, Sequence[Sequence[Any]]] = {
    "company": [["is_company", "=", True]],
    "person": [["is_company", "=", False]],
    "attachment": [["res_field", "=", False]],
}


def company(of: NeutralRows, row: Row) -> Row:
    return {
        "name": row["name"],
        "website": row["website"] or "",
        "street": row["street"] or "",
        "phones": (row.get("x_phones") or "").split("\n"),
        "employees": row.get("x_employees"),
        "revenue": of.money(row, "x_revenue", "x_revenue_currency"),
        "owner": of.user(row["user_id"]),
        "inn": row["vat"] or None,
    }


def person(of: NeutralRows, row: Row) -> Row:
    return {
        "name": row["name"],
        "email": row["email"] or "",
        "phone": row["phone"] or "",
        "phones": (row.get("x_phones") or "").split("\n"),
        "position": row["function"] or None,
        "company": of.end("res.partner", row["parent_id"]),
    }


STAGES = {"New": "new", "Qualified": "qualification", "Proposition": "proposal", "Won": "won"}


def deal(of: NeutralRows, row: Row) -> Row:
    return {
        "name": row["name"],
        "description": plain(row["description"] or ""),
        "stage": "lost" if not row["active"] else STAGES.get(row["stage_id"] and row["stage_id"][1]),
        "amount": of.money(row, "expected_revenue", "company_currency"),
        "company": of.end("res.partner", row.get("x_company")),
        "owner": of.user(row["user_id"]),
    }


def task(of: NeutralRows, row: Row) -> Row:
    return {"subject": row["name"], "people": sorted(of.users[user] for user in row["user_ids"])}


def message(of: NeutralRows, row: Row) -> Row:
    return {
        "subject": row["subject"] or None,
        "body": row["body"],
        "created": moment(row["date"]),
        "author_account": of.people.get(row["author_id"][0]) if row["author_id"] else None,
        "about": [of.target(row["model"], row["res_id"])] if row["model"] else [],
        "files": [of.target("ir.attachment", each) for each in row["attachment_ids"]],
    }


def activity(of: NeutralRows, row: Row) -> Row:
    return {
        "subject": row["summary"] or None,
        "body": row["note"],
        "due": row["date_deadline"],
        "done": row["date_done"] or None,
        "author_account": of.user(row["user_id"]),
        "about": [of.target(row["res_model"], row["res_id"])],
        "files": [of.target("ir.attachment", each) for each in row["attachment_ids"]],
    }


def attachment(of: NeutralRows, row: Row) -> Row:
    on = of.target(row["res_model"], row["res_id"]) if row["res_model"] and row["res_id"] else None
    return {"name": row["name"], "on": on, "checksum": row["checksum"], "about": row["description"] or None}


def user(of: NeutralRows, row: Row) -> Row:
    return {"email": of.users[row["id"]], "active": row["active"]}


NEUTRAL: Mapping[str, Any] = {
    "company": company,
    "person": person,
    "deal": deal,
    "task": task,
    "email": message,
    "message": message,
    "event": activity,
    "attachment": attachment,
    "user": user,
}


def moment(text: Any) -> str | None:
    """A time of Odoo, which is in UTC, in the neutral form."""
    return f"{text.replace(' ', 'T')}Z" if text else None


def plain(markup: str) -> str | None:
    """The text of an HTML field, which holds nothing but a paragraph for each line."""
    text = re.sub(r"</p>\s*<p>", "\n", markup)
    return html.unescape(re.sub(r"</?p>", "", text)) or None


def amount(value: Any) -> Decimal:
    """A number of Odoo as an amount with two digits."""
    return Decimal(str(value)).quantize(Decimal("0.01"))
