"""Binary fields: kept as files of their own (`ir.attachment` with `res_field`), or in the row itself."""

import base64
from typing import Any

from crossdock_odoo.sandbox import attachments
from crossdock_odoo.sandbox.catalog import Field
from crossdock_odoo.sandbox.columns import content, stored
from crossdock_odoo.sandbox.environment import Env


def keep_binary(env: Env, item: Field, key: int, given: Any) -> None:
    """Write the value of a binary field (base64 text, or nothing)."""
    value = stored(item, given)
    if item.extra.get("attachment", True):
        attachments.keep(env, item, key, value)
        return
    row = {name: old for name, old in env.row(item.model, key).items() if name != item.name}
    env.store.put(item.model, key, {**row, item.name: value})


def binary(env: Env, item: Field, key: int) -> str | None:
    """The value of a binary field as base64 text; its size in words when the context asks for that."""
    if item.extra.get("attachment", True):
        at = attachments.field_file(env, item, key)
        data = attachments.bytes_of(env, at) if at else b""
    else:
        data = content(env.row(item.model, key).get(item.name, ""))
    if not data:
        return None
    return attachments.human(len(data)) if env.flag("bin_size") else base64.b64encode(data).decode()
