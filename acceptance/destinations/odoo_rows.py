"""Rows of Odoo in neutral form."""

import html
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Protocol

from acceptance.destinations.base import Column, Made, Money
from acceptance.platforms import Row

MARK, TRASH = "x_crossdock_key", "trash:"
NOT_THERE = (TRASH, "half:")  # what lies in the stand-in for a trash, and what is only half made


class Database(Protocol):
    """What is asked of a database."""

    objects_of: ClassVar[Mapping[str, str]]

    def all(self, model: str, domain: Sequence[Any] = (), fields: Sequence[str] = ()) -> list[Row]:
        """The records of a model, archived ones too, by their number."""

    def schema(self, model: str) -> dict[str, Row]:
        """The fields of a model by name."""

    def targets(self, model: str) -> dict[int, str]:
        """What the product calls its records of a model, by their number."""


class NeutralRows:
    """Turns the rows of one moment into neutral ones: users and external ids are read once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._named: dict[str, dict[int, str]] = {}
        self._schemas: dict[str, dict[str, Row]] = {}
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
            self._named[model] = self._database.targets(model)
        return self._named[model].get(number, str(number))

    @cached_property
    def _firms(self) -> set[int]:
        """The numbers of the companies."""
        return {row["id"] for row in self._database.all("res.partner", DOMAINS["company"], ["name"])}

    def firm(self, value: Any) -> str | None:
        """The company that a many2one leads to; None for a person."""
        return self.end("res.partner", value) if value and value[0] in self._firms else None

    def ends(self, model: str, row: Row, prefix: str) -> list[str]:
        """The records that the many2ones with such a name lead to."""
        if model not in self._schemas:
            self._schemas[model] = self._database.schema(model)
        schema = self._schemas[model]
        found = {n: schema[n]["relation"] for n in row if n.startswith(prefix) and "relation" in schema[n]}
        return sorted(self.target(relation, row[n][0]) for n, relation in found.items() if row[n])

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
        # Of whom it is; where that is a person, the company has a field of its own.
        "company": of.end("res.partner", row.get("x_company")) or of.firm(row["partner_id"]),
        "owner": of.user(row["user_id"]),
    }


def task(of: NeutralRows, row: Row) -> Row:
    """Nobody can be made the maker of a task there: who was it at the source is a name, in `author`."""
    return {
        "subject": row["name"],
        "people": sorted(of.users[user] for user in row["user_ids"]),
        "about": of.ends("project.task", row, "x_about_"),
        "files": [],
    }


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
