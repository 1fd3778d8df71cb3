"""Rights: which groups may read, write, create and unlink the rows of a model (measured)."""

from crossdock_odoo.sandbox.catalog import Field
from crossdock_odoo.sandbox.environment import ADMIN, Env
from crossdock_odoo.sandbox.errors import AccessError

WORDS = {"read": "access", "write": "modify", "create": "create", "unlink": "delete"}
_CLOSED = frozenset({"res.users.apikeys"})
"""Models whose rows are made and removed by their own methods only."""


def groups_of(env: Env, uid: int) -> frozenset[int]:
    """The groups of a user; implied ones are written out there."""
    return frozenset(env.row("res.users", uid).get("groups_id", ()))


def allowed(env: Env, model: str, mode: str) -> bool:
    """Whether the caller may do this with rows of the model."""
    if env.root:
        return True
    if mode not in WORDS:
        return False
    if env.uid == ADMIN and env.db.rights.get(model, {}).get(mode) is False:
        return False
    if mode == "create" and (model, env.uid) in env.db.stale:
        return False
    groups = groups_of(env, env.uid)
    return any(group is None or group in groups for group in _granting(env, model, mode))


def check(env: Env, model: str, mode: str) -> None:
    """Raise AccessError, in the server's words, when the caller may not."""
    if allowed(env, model, mode):
        return
    label = env.model(model).label
    granting = sorted({full_name(env, group) for group in _granting(env, model, mode) if group is not None})
    if granting and not (env.db.rights.get(model, {}).get(mode) is False and env.uid == ADMIN):
        listed = "".join(f"\n\t- {name}" for name in granting)
        middle = f"This operation is allowed for the following groups:{listed}"
    else:
        middle = "No group currently allows this operation."
    raise AccessError(
        f"You are not allowed to {WORDS[mode]} '{label}' ({model}) records.\n\n{middle}\n\n"
        "Contact your administrator to request access if necessary."
    )


def _granting(env: Env, model: str, mode: str) -> list[int | None]:
    """The groups that have the right; None stands for everybody."""
    if model in _CLOSED and mode != "read":
        return []
    key = model_id(env, model)
    rows = (env.row("ir.model.access", at) for at in env.store.referring("ir.model.access", "model_id", key))
    active = [row for row in rows if row.get("active", True) and row.get(f"perm_{mode}")]
    return [row.get("group_id") for row in active]


def model_id(env: Env, model: str) -> int:
    """The id of a model's own row; 0 if it has none."""
    found = env.store.links["ir.model", "model"].get(model) or ()
    return min(found, default=0)


def full_name(env: Env, group: int) -> str:
    """A group with its application in front."""
    row = env.row("res.groups", group)
    name = str(row.get("name", ""))
    category = env.row("ir.module.category", row.get("category_id", 0))
    return f"{category['name']}/{name}" if category else name


def sees(env: Env, item: Field) -> bool:
    """Whether the caller is in one of the groups that a field is for."""
    if env.root or not item.groups:
        return True
    return in_groups(env, env.uid, item.groups)


def in_groups(env: Env, uid: int, names: str) -> bool:
    """Whether a user is in one of these groups (external ids, with commas between)."""
    mine = groups_of(env, uid)
    return any(group_id(env, name.strip()) in mine for name in names.split(",") if not name.startswith("!"))


def group_id(env: Env, name: str) -> int:
    """A group by its external id; 0 if there is none."""
    return reference(env, name)[1]


def reference(env: Env, name: str) -> tuple[str, int]:
    """Model and id of an external id; no model and 0 if there is none."""
    module, _, short = name.partition(".")
    for key in env.store.links["ir.model.data", "name"].get(short) or ():
        row = env.row("ir.model.data", key)
        if row.get("module") == module and env.exists(row["model"], row.get("res_id", 0)):
            return row["model"], row["res_id"]
    return "", 0
