"""Views, menus, actions and access rights: what shows and opens the data (measured)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import ValidationError
from crossdock_odoo.sandbox.registry import RULES, Ids, Rules, Values

VIEW, MENU, ACCESS = "ir.ui.view", "ir.ui.menu", "ir.model.access"


def _view(env: Env, _key: int, row: Values, vals: Values) -> None:
    arch = vals.get("arch") or vals.get("arch_base") or row.get("arch_db")
    if not arch:
        return
    row["arch_db"] = arch
    try:
        root = ElementTree.fromstring(str(arch))  # noqa: S314 - nothing external is resolved here
    except ElementTree.ParseError as error:
        raise ValidationError(f"Invalid view {row.get('name')} definition: {error}") from error
    if not row.get("type"):
        parent = env.row(VIEW, row.get("inherit_id", 0))
        row["type"] = parent.get("type") or root.tag
    row.setdefault("mode", "extension" if row.get("inherit_id") else "primary")
    model = env.catalog.find(str(row.get("model")))
    if model is None:
        return
    for node in root.iter("field"):
        name = node.get("name", "")
        if name not in model.fields and not _inside(root, node):
            shown = ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")
            shown = re.sub(r"^<(\w+)", r'<\1 __validate__="1"', shown, count=1)
            raise ValidationError(
                f"Error while validating view near:\n\n{shown}\n"
                f'Field "{name}" does not exist in model "{model.name}"',
                context={
                    "view": f"ir.ui.view({_key},)",
                    "name": row.get("name"),
                    "xmlid": "",
                    "view.model": model.name,
                    "view.parent": "ir.ui.view()",
                    "file": None,
                    "line": 1,
                },
            )


def _inside(root: ElementTree.Element, node: ElementTree.Element) -> bool:
    """Whether a field stands in the list of another field, whose model is another."""
    return any(node in list(field.iter("field"))[1:] for field in root.iter("field"))


def _arch(env: Env, key: int) -> str | None:
    return env.row(VIEW, key).get("arch_db")


def _menu_shown(env: Env, key: int) -> bool:
    """A menu whose action opens a model that is gone is not found, nor one above such menus only."""
    action = env.row(MENU, key).get("action")
    if action:
        model, _, number = str(action).partition(",")
        target = env.row(model, int(number)).get("res_model")
        return target is None or env.has(str(target))
    below = env.store.referring(MENU, "parent_id", key)
    return any(_menu_shown(env, at) for at in below)


def _new_access(env: Env, ids: Ids, _values: Sequence[Values]) -> None:
    """A worker that made an access right for an existing model goes on denying `create` (measured)."""
    for key in ids:
        model = env.row("ir.model", env.row(ACCESS, key).get("model_id", 0)).get("model")
        if model and not env.db.touched and env.row(ACCESS, key).get("perm_create"):
            env.db.stale.add((str(model), env.uid))


def _fresh(env: Env, _ids: Ids, _vals: Values, _before: Mapping[int, Mapping[str, Any]]) -> None:
    env.db.stale.clear()


def _menu_name(env: Env, key: int) -> str:
    row = env.row(MENU, key)
    above = row.get("parent_id")
    return f"{_menu_name(env, above)}/{row['name']}" if above else str(row.get("name", ""))


def _views(env: Env, key: int) -> list[Any]:
    modes = str(env.row("ir.actions.act_window", key).get("view_mode") or "").split(",")
    return [[False, mode] for mode in modes if mode]


RULES[VIEW] = Rules(
    settled=[_view],
    resettled=[_view],
    computed={"arch": _arch, "arch_base": _arch},
    inverse={"arch": lambda _env, _key, _value: None, "arch_base": lambda _env, _key, _value: None},
    defaults={"priority": lambda _env: 16, "active": lambda _env: True},
)
RULES[MENU] = Rules(visible=_menu_shown, named=_menu_name, computed={"complete_name": _menu_name})
RULES[ACCESS] = Rules(created=[_new_access], written=[_fresh], defaults={"active": lambda _env: True})
RULES["ir.actions.act_window"] = Rules(
    computed={"views": _views},
    defaults={
        "type": lambda _env: "ir.actions.act_window",
        "view_mode": lambda _env: "list,form",
        "context": lambda _env: "{}",
    },
)
