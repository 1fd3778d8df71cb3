"""How people see a new model: a list, a form, an action and a menu entry, each with an external id.

The external id is written in the same call (`load`), so that a second call finds the same things and a
rollback takes them away. A field cannot be deleted as long as a view shows it (measured on 18.0), so it is
taken out of these views first. Lists are called `tree` up to 17, and the chatter is a tag of its own from 18
on (documented).
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from crossdock.errors import ConfigError
from crossdock_odoo.answers import RefusalError
from crossdock_odoo.client import OdooClient, Row
from crossdock_odoo.edition import LIST_VIEW, since
from crossdock_odoo.naming import ACTIVE_FIELD, NAME_FIELD
from crossdock_odoo.objects import KEY_FIELD

MODULE = "__crossdock__"
"""The module of every external id that this connector writes."""

ROOT = "menu_root"
ROOT_LABEL = "Migrated data"

VIEW, ACTION, MENU = "ir.ui.view", "ir.actions.act_window", "ir.ui.menu"
_COLUMNS = 8  # of a list; more do not fit a screen
_OLD_CHATTER = """<div class="oe_chatter"><field name="message_follower_ids"/><field name="activity_ids"/>
<field name="message_ids"/></div>"""
_MESSAGES = "message_ids"  # a model with conversations has it
_LAST = "200"  # behind the menus of the apps


class Presentation:
    """Views, action and menu entry of the models that this connector made."""

    def __init__(self, client: OdooClient) -> None:
        self._client = client

    def show(self, labels: Mapping[str, str]) -> None:
        """Make what is missing so that people can open these models, whose entries are called so.

        Raises ConfigError if Odoo refuses.
        """
        if not labels:
            return
        version, fields = self._client.version, self._fields(labels)
        views = []
        for model in labels:
            names = [name for name, one in fields[model].items() if one["manual"] and name != KEY_FIELD]
            form, listed = _form(names, fields[model], version), _list(names, fields[model], version)
            views.append([self._id("view_list", model), f"{model}.list", model, listed])
            views.append([self._id("view_form", model), f"{model}.form", model, form])
        self._load(VIEW, ["id", "name", "model", "arch"], views)
        mode = f"{since(LIST_VIEW, version)},form"
        rows = [[self._id("action", model), label, model, mode] for model, label in labels.items()]
        actions = self._load(ACTION, ["id", "name", "res_model", "view_mode"], rows)
        root = f"{MODULE}.{ROOT}"
        if not self._found([ROOT]):
            self._load(MENU, ["id", "name", "sequence"], [[root, ROOT_LABEL, _LAST]])
        entries = [
            [self._id("menu", model), label, root, f"{ACTION},{action}"]
            for (model, label), action in zip(labels.items(), actions, strict=True)
        ]
        self._load(MENU, ["id", "name", "parent_id/id", "action"], entries)

    def shown(self, models: Collection[str]) -> set[str]:
        """Those that have a menu entry of this connector, or an action that somebody made."""
        if not models:
            return set()
        entries = {f"menu_{model}": model for model in models}
        actions = [f"action_{model}" for model in models]
        found = self._external([*entries, *actions])
        shown = {entries[row["name"]] for row in found if row["name"] in entries}
        mine = [row["res_id"] for row in found if row["name"] not in entries]
        domain = [["res_model", "in", sorted(models)], ["id", "not in", mine]]
        return shown | {row["res_model"] for row in self._client.search_read(ACTION, domain, ["res_model"])}

    def leave_out(self, fields: Mapping[str, Collection[str]]) -> None:
        """Take fields out of the views that this connector made; their names by model."""
        ids = self.own(VIEW, fields)
        rows = []
        for view in self._client.read(VIEW, sorted(ids), ["model", "arch_db"]):
            names = "|".join(map(re.escape, fields[view["model"]]))
            arch = re.sub(rf'<field\b[^<>]*\bname="(?:{names})"[^<>]*/>', "", view["arch_db"])
            if arch != view["arch_db"]:
                rows.append([str(view["id"]), arch])
        if rows and not self._client.load(VIEW, [".id", "arch"], rows)["ids"]:
            raise RefusalError("The views that show it could not be changed.")

    def own(self, kind: str, models: Iterable[str]) -> set[int]:
        """The ids of the views or actions of these models that this connector made."""
        return {res_id for other, res_id in self._found(_names(models)) if other == kind}

    def hide(self, models: Iterable[str]) -> None:
        """Remove menu entries, actions and views of models, and the menu above if nothing is left in it.

        A menu whose model is gone is hidden from a search (measured), so this comes first.
        """
        found = self._found(_names(models))
        for kind in (MENU, ACTION, VIEW):
            ids = [res_id for other, res_id in found if other == kind]
            if there := self._client.search(kind, [["id", "in", ids]]) if ids else []:
                self._client.unlink(kind, there)
        root = [res_id for _, res_id in self._found([ROOT])]
        if root and not self._client.count(MENU, [["parent_id", "in", root]]):
            self._client.unlink(MENU, root)

    def _fields(self, models: Iterable[str]) -> dict[str, dict[str, Row]]:
        """What a screen needs to know of the fields of models: `type` and `manual`, in the order they were
        made."""
        fields: dict[str, dict[str, Row]] = {model: {} for model in models}
        domain = [["model", "in", list(fields)], "|", ["state", "=", "manual"], ["name", "=", _MESSAGES]]
        for row in self._client.search_read("ir.model.fields", domain, ["model", "name", "ttype", "state"]):
            one = {"type": row["ttype"], "manual": row["state"] == "manual"}
            fields[row["model"]][row["name"]] = one
        return fields

    def _id(self, kind: str, model: str) -> str:
        # The part behind the module must not have a dot (measured); the names of new models have none.
        return f"{MODULE}.{kind}_{model}"

    def _found(self, names: Iterable[str]) -> list[tuple[str, int]]:
        """Model and database id of the things with these external ids."""
        return [(row["model"], row["res_id"]) for row in self._external(names)]

    def _external(self, names: Iterable[str]) -> list[Row]:
        domain = [["module", "=", MODULE], ["name", "in", list(names)]]
        return self._client.search_read("ir.model.data", domain, ["name", "model", "res_id"])

    def _load(self, model: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
        """The ids of the rows. If Odoo refuses them, each is tried alone, so that the right one is named."""
        try:
            answer = self._client.load(model, columns, rows)
            if answer["ids"]:
                return [int(i) for i in answer["ids"]]
            said = "; ".join(str(m.get("message")) for m in answer["messages"])
        except RefusalError as error:
            said = error.message
        if len(rows) == 1:
            raise _refused(model, rows, said)
        return [made for row in rows for made in self._load(model, columns, [row])]


def _names(models: Iterable[str]) -> list[str]:
    """The external ids of what this connector makes of models."""
    return [f"{kind}_{model}" for model in models for kind in ("menu", "action", "view_form", "view_list")]


def _refused(model: str, rows: Sequence[Sequence[str]], said: str) -> ConfigError:
    return ConfigError(
        f"Odoo refuses to add {model} {rows[0][0]}: {said}",
        hint="The models and fields are there; the same command tries again.",
    )


def _form(names: Sequence[str], held: dict[str, dict[str, Any]], version: tuple[int, int]) -> str:
    """A form with the name as its title, every field in two columns, and long texts below."""
    long = [n for n in names if held[n]["type"] in ("html", "text", "one2many")]
    short = [n for n in names if n not in (*long, NAME_FIELD, ACTIVE_FIELD)]
    lines = ["<form><sheet>"]
    if ACTIVE_FIELD in names:
        lines.append(f'<field name="{ACTIVE_FIELD}" invisible="1"/>')
    lines.append(f'<div class="oe_title"><h1><field name="{NAME_FIELD}"/></h1></div><group>')
    for part in (short[0::2], short[1::2]):
        lines.append("<group>" + "".join(_field(n, held[n]["type"]) for n in part) + "</group>")
    lines.append("</group>")
    for name in long:
        lines.append(f'<group><field name="{name}"/></group>')
    chatter = "<chatter/>" if version >= (18, 0) else _OLD_CHATTER
    if _MESSAGES not in held:
        chatter = ""
    return "".join([*lines, "</sheet>", chatter, "</form>"])


def _list(names: Sequence[str], held: dict[str, dict[str, Any]], version: tuple[int, int]) -> str:
    shown = [n for n in names if held[n]["type"] not in ("html", "text", "binary", "one2many", "json")]
    shown = [n for n in shown if n not in (NAME_FIELD, ACTIVE_FIELD)][: _COLUMNS - 1]
    tag = since(LIST_VIEW, version)
    cells = "".join(_field(n, held[n]["type"]) for n in [NAME_FIELD, *shown])
    return f"<{tag}>{cells}</{tag}>"


def _field(name: str, kind: str) -> str:
    widget = ' widget="many2many_tags"' if kind == "many2many" else ""
    return f'<field name="{name}"{widget}/>'
