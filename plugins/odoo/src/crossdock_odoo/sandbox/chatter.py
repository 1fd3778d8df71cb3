"""Conversations: messages, followers, and what creating and changing a record says in them (measured)."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any
from uuid import uuid4

from crossdock_odoo.sandbox.access import reference
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import UserError
from crossdock_odoo.sandbox.mailing import address, partner_of, send, sender
from crossdock_odoo.sandbox.registry import EVERY, RULES, Ids, Rules, Values
from crossdock_odoo.sandbox.values import named, value

MESSAGE, FOLLOWER = "mail.message", "mail.followers"
CREATED: dict[str, tuple[str, Callable[[Env, int], str]]] = {}
"""By model: the subtype and text of the message that a new record gets, where it is not the common one."""
_RESPONSIBLE = {"project.task": "user_ids"}
_NO_NOTE = frozenset({"crm.team.member"})


def subtype(env: Env, name: str) -> int:
    """A message subtype by its external id."""
    return reference(env, name)[1]


def subscribe(env: Env, model: str, key: int, partner: int) -> bool:
    """Make a partner a follower; False if it is one already."""
    if not partner:
        return False
    for at in env.store.referring(FOLLOWER, "res_id", key):
        row = env.row(FOLLOWER, at)
        if row.get("res_model") == model and row.get("partner_id") == partner:
            return False
    row = {"res_model": model, "res_id": key, "partner_id": partner}
    kinds = [subtype(env, "mail.mt_comment")]
    env.store.put(
        FOLLOWER, env.store.next_id(FOLLOWER), {**row, "subtype_ids": [one for one in kinds if one]}
    )
    return True


def post(env: Env, model: str, key: int, vals: Values) -> int:
    """Put a message into a record's conversation; its id. No access check, no e-mail."""
    author = vals.get("author_id", sender(env))
    row: Values = {
        "model": model,
        "res_id": key,
        "message_type": "notification",
        "author_id": author or None,
        "email_from": address(env, author) if author else None,
        "date": env.second,
        "body": "",
        "message_id": message_id(env, model, key),
        "reply_to": address(env, author) if author else None,
        "email_add_signature": True,
        "record_name": named(env, model, key) or None,
    } | vals
    row |= {"create_uid": env.uid, "create_date": env.now, "write_uid": env.uid, "write_date": env.now}
    at = env.store.next_id(MESSAGE)
    env.store.put(MESSAGE, at, row)
    return at


def message_id(_env: Env, model: str, key: int) -> str:
    """A new id of a message in the world of e-mail."""
    return f"<{uuid4().int % 10**15}.{uuid4().int % 10**10}-openerp-{key}-{model}@odoo.example>"


def _created(env: Env, model: str, ids: Ids, values: Sequence[Mapping[str, Any]]) -> None:
    if not env.model(model).thread:
        return
    quiet = env.flag("tracking_disable")
    for key, vals in zip(ids, values, strict=True):
        if _subscribing(env, model):
            subscribe(env, model, key, sender(env))
        if not quiet or model == "project.task":
            assigned(env, model, key, vals)
        if not quiet and not env.flag("mail_create_nolog") and model not in _NO_NOTE:
            kind, text = CREATED.get(model, ("mail.mt_note", _creation_text(model)))
            note = kind == "mail.mt_note"
            body = {
                "body": text(env, key),
                "subtype_id": subtype(env, kind) or None,
                "is_internal": note or None,
            }
            post(
                env, model, key, body | ({"record_name": None, "email_add_signature": False} if note else {})
            )


def _subscribing(env: Env, model: str) -> bool:
    """Who makes a record follows it; a task always, a project never (measured)."""
    if model in ("project.task", "project.project"):
        return model == "project.task"
    return not env.flag("tracking_disable") and not env.flag("mail_create_nosubscribe")


def _creation_text(model: str) -> Callable[[Env, int], str]:
    return lambda env, _key: f"<p>{escape(env.model(model).label)} created</p>"


def assigned(env: Env, model: str, key: int, vals: Mapping[str, Any]) -> None:
    """Who becomes responsible follows the record, and is told by e-mail unless the context forbids it."""
    name = _RESPONSIBLE.get(model, "user_id")
    item = env.model(model).fields.get(name)
    if item is None or not vals.get(name) or item.relation != "res.users" or not item.tracking:
        return
    found = value(env, model, key, name)
    users = found if isinstance(found, list) else [found] if found else []
    for uid in users:
        if not env.row("res.users", uid).get("active"):
            continue
        partner = partner_of(env, uid)
        if not env.flag("tracking_disable"):
            subscribe(env, model, key, partner)
        if uid != env.uid and not env.flag("mail_auto_subscribe_no_notify"):
            send(env, [partner], f"You have been assigned to {named(env, model, key)}")


def _written(env: Env, model: str, ids: Ids, vals: Values, before: Mapping[int, Mapping[str, Any]]) -> None:
    shape = env.model(model)
    if not shape.thread or env.flag("tracking_disable"):
        return
    for key in ids:
        row = env.row(model, key)
        changed = [name for name in shape.fields if _tracked(env, model, name, row, before[key])]
        if changed and not env.flag("mail_notrack"):
            track(env, model, key, changed, before[key])
        name = _RESPONSIBLE.get(model, "user_id")
        if name in vals and row.get(name) != before[key].get(name):
            assigned(env, model, key, vals)


def _first(env: Env, model: str, key: int) -> int | None:
    """The first message of a conversation: later ones answer it."""
    keys = [
        at for at in env.store.referring(MESSAGE, "res_id", key) if env.row(MESSAGE, at).get("model") == model
    ]
    return min(keys, default=None)


def _tracked(env: Env, model: str, name: str, row: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    item = env.model(model).fields[name]
    return bool(item.tracking) and not item.many and item.store and row.get(name) != before.get(name)


def track(env: Env, model: str, key: int, changed: Sequence[str], before: Mapping[str, Any]) -> None:
    """Say in a record's conversation which fields changed, from what to what."""
    own = TRACKED.get(model)
    kind = own(env, key, changed) if own else "mail.mt_note"
    note = {"is_internal": True} if kind == "mail.mt_note" else {}
    answered = {"record_name": None} if note else {"parent_id": _first(env, model, key)}
    shape = {"subtype_id": subtype(env, kind) or None, **note, **answered}
    at = post(env, model, key, shape)
    for name in changed:
        row: Values = {"mail_message_id": at, "field_id": _field_id(env, model, name)}
        row |= {"create_date": env.now, "write_date": env.now, "create_uid": env.uid, "write_uid": env.uid}
        row |= {"old_value_char": _shown(env, model, name, before.get(name))}
        row |= {"new_value_char": _shown(env, model, name, env.row(model, key).get(name))}
        env.store.put("mail.tracking.value", env.store.next_id("mail.tracking.value"), row)


def _shown(env: Env, model: str, name: str, plain: Any) -> str | None:
    item = env.field(model, name)
    if plain is None:
        return None
    if item.type == "many2one" and item.relation in env.catalog.models:
        return named(env, item.relation, plain)
    return str(plain)


def _field_id(env: Env, model: str, name: str) -> int | None:
    keys = env.store.links["ir.model.fields", "model"].get(model) or ()
    return next((key for key in sorted(keys) if env.row("ir.model.fields", key).get("name") == name), None)


TRACKED: dict[str, Callable[[Env, int, Sequence[str]], str]] = {}
"""By model: the subtype of the message about a change."""


def message_post(
    env: Env,
    model: str,
    ids: Any,
    body: str = "",
    subject: str | None = None,
    message_type: str = "notification",
    email_from: str | None = None,
    author_id: int | None = None,
    parent_id: int | None = None,
    subtype_xmlid: str | None = None,
    subtype_id: int | None = None,
    partner_ids: Sequence[int] = (),
    attachment_ids: Sequence[int] = (),
    body_is_html: bool = False,
    date: str | None = None,
    **_more: Any,
) -> int:
    """Post a message as a person would; followers are told by e-mail if it is a comment."""
    [key] = ids if isinstance(ids, list | tuple) else [ids]
    author = author_id or sender(env)
    if not env.row("res.partner", author).get("email") and not email_from:
        raise UserError("Unable to send message, please configure the sender's email address.")
    kind = subtype_id or subtype(env, subtype_xmlid or "mail.mt_note")
    vals: Values = {
        "body": body if body_is_html or not body else f"<p>{escape(body, quote=False)}</p>",
        "message_type": message_type,
        "author_id": author,
        "email_from": email_from or address(env, author),
        "subtype_id": kind or None,
        "subject": subject or None,
        "parent_id": parent_id or _first(env, model, key),
    }
    vals |= {"date": date} if date else {}
    at = post(env, model, key, vals)
    row = env.row(MESSAGE, at)
    env.store.put(
        MESSAGE,
        at,
        {**row, "attachment_ids": list(attachment_ids) or None, "partner_ids": list(partner_ids) or None},
    )
    _relink(env, model, key, attachment_ids)
    recipients = set(partner_ids)
    if kind == subtype(env, "mail.mt_comment"):
        recipients |= set(followers(env, model, key))
    send(env, sorted(recipients - {author}), subject or named(env, model, key))
    return at


def followers(env: Env, model: str, key: int) -> list[int]:
    """The partners that follow a record."""
    rows = (env.row(FOLLOWER, at) for at in env.store.referring(FOLLOWER, "res_id", key))
    return [row["partner_id"] for row in rows if row.get("res_model") == model]


def _relink(env: Env, model: str, key: int, files: Sequence[int]) -> None:
    for at in files:
        row = env.row("ir.attachment", at)
        if row and row.get("res_model") == "mail.compose.message":
            env.store.put("ir.attachment", at, {**row, "res_model": model, "res_id": key})


def message_subscribe(
    env: Env, model: str, ids: Any, partner_ids: Sequence[int] | None = None, **_more: Any
) -> bool:
    """Make partners followers; nobody is told."""
    for key in ids if isinstance(ids, list | tuple) else [ids]:
        for partner in partner_ids or ():
            subscribe(env, model, key, partner)
    return True


THREAD: dict[str, Callable[..., Any]] = {
    "message_post": message_post,
    "message_subscribe": message_subscribe,
}
"""Methods of models that have a conversation."""


def _creating_message(env: Env, vals: Values) -> None:
    author = vals.get("author_id") or (None if "author_id" in vals else sender(env))
    vals.setdefault("author_id", author or False)
    if author and not vals.get("email_from"):
        vals["email_from"] = address(env, int(author)) or False
    model, key = vals.get("model"), vals.get("res_id")
    if not vals.get("message_id"):
        vals["message_id"] = message_id(env, str(model or "private"), int(key or 0))
    vals.setdefault("reply_to", vals.get("email_from") or False)
    if model and key and "record_name" not in vals and env.has(model) and env.exists(model, int(key)):
        vals["record_name"] = named(env, model, int(key))


RULES[MESSAGE] = Rules(creating=[_creating_message], defaults={"date": lambda env: env.second})
EVERY.created.append(_created)
EVERY.written.append(_written)
