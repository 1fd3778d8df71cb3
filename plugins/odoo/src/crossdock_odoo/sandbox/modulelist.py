"""The list of modules (`ir.module.module`): versions under their misleading names (measured)."""

from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.registry import RULES, Rules

MODEL = "ir.module.module"


def _on_disk(env: Env, key: int) -> str:
    """`installed_version` is the version on disk, `latest_version` the one in the database."""
    return str(env.row(MODEL, key).get("latest_version") or f"{env.db.version}.0.1.0")


RULES[MODEL] = Rules(computed={"installed_version": _on_disk})
