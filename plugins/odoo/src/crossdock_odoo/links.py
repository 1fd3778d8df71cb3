"""Which references lead to a model, and what deleting a record does to what refers to it.

A reference that was declared to refuse or to cascade is hard: the server stops, or takes the referring row
along. Any other is emptied without a word (measured on 18.0).
"""

from typing import NamedTuple

from crossdock_odoo.answers import RefusalError
from crossdock_odoo.client import OdooClient, Row
from crossdock_odoo.objects import is_loadable

_TAKEN = frozenset({("project.task", "project_id"), ("project.task", "parent_id")})
"""References whose records go along by the server's code, not by their declaration (code of 18.0)."""
_MIRRORS = frozenset(
    {
        *(("res.partner.category", "partner_ids"), ("hr.employee.category", "employee_ids")),
        *(("project.tags", "project_ids"), ("project.tags", "task_ids"), ("project.task", "dependent_ids")),
        *(("project.task.type", "project_ids"), ("project.task", "personal_stage_type_ids")),
        *(("res.groups", "users"), ("res.groups", "user_ids"), ("res.company", "user_ids")),
        *(("mail.message", "notified_partner_ids"), ("mail.message", "starred_partner_ids")),
        *(("res.partner", "starred_message_ids"), ("digest.digest", "user_ids")),
        *(("crm.team", "favorite_user_ids"), ("project.project", "favorite_user_ids")),
    }
)
"""The other end of references that the deleted record holds itself, or that the server fills by itself: a
category loses nothing with one of its contacts (fields of 18.0 and 19)."""
_SET_BY_SERVER = frozenset({"message_main_attachment_id"})
_STAMPS = ("create_uid", "write_uid")
_PARTS = frozenset({("product.product", "product_tmpl_id")})
"""Rows that are made with a record and go with it (code of 18.0): of these counts what people made."""


class Link(NamedTuple):
    """A reference of another model. `strict`: whether it counts whoever made the referring record."""

    model: str
    column: str
    hard: bool = False
    strict: bool = False


class Links:
    """The references of one database, by the model that they lead to."""

    def __init__(self, client: OdooClient) -> None:
        self._client = client
        self._links: dict[str, list[Link]] = {}
        self._held: dict[str, bool] = {}

    def refresh(self) -> None:
        """Forget them: the schema was changed."""
        self._links.clear()
        self._held.clear()

    def to(self, model: str) -> tuple[Link, ...]:
        """The stored references to a model, but for those of wizards, which the server sweeps by itself.

        What is only read was filled by the server itself, so it counts only where it is hard.
        """
        if model not in self._links:
            domain = [
                *(["relation", "=", model], ["ttype", "in", ["many2one", "many2many"]]),
                *(["store", "=", True], ["model_id.transient", "=", False], ["name", "not in", _STAMPS]),
            ]
            columns = ["model", "name", "ttype", "on_delete", "readonly"]
            rows = self._client.search_read("ir.model.fields", domain, columns)
            self._links[model] = [link for row in rows if (link := _link(row)) is not None]
        return tuple(self._links[model])

    def drop(self, model: str, link: Link) -> None:
        """Do not look there again: it holds nothing that could be searched."""
        self._links[model] = [known for known in self._links.get(model, ()) if known != link]

    def may_hold(self, model: str) -> bool:
        """Whether a model that the key may not read may have rows: anybody has the right to make some.

        True where the key may not read that either.
        """
        if model not in self._held:
            try:
                self._held[model] = self._has_makers(model)
            except RefusalError:
                self._held[model] = True
        return self._held[model]

    def _has_makers(self, model: str) -> bool:
        domain = [["model_id.model", "=", model], ["perm_create", "=", True]]
        rows = self._client.search_read("ir.model.access", domain, ["group_id"], archived=False)
        groups = [row["group_id"][0] for row in rows if row["group_id"]]
        if len(groups) < len(rows):
            return True  # a rule without a group is everybody's
        field = "group_ids" if self._client.version[0] >= 19 else "groups_id"
        return bool(groups and self._client.search("res.users", [[field, "in", groups]], limit=1))


def _link(row: Row) -> Link | None:
    """A row of ir.model.fields as a link; None for one that never holds a record.

    Rows that are a mere part of a record (settings of a user, resume lines) go along too: of a model that is
    no object of this destination only what people made counts.
    """
    model, column = row["model"], row["name"]
    if (model, column) in _TAKEN or row["on_delete"] == "restrict":
        return Link(model, column, hard=True, strict=True)
    if row["ttype"] == "many2one" and row["on_delete"] == "cascade":
        return Link(model, column, hard=True, strict=is_loadable(model) and (model, column) not in _PARTS)
    if row["readonly"] or (model, column) in _MIRRORS or column in _SET_BY_SERVER:
        return None
    return Link(model, column)
