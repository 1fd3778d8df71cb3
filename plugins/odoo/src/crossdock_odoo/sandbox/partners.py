"""Contacts: names, addresses and company data that pass between a company and its people (measured)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from crossdock_odoo.sandbox import access, chatter
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import RedirectWarning, ValidationError
from crossdock_odoo.sandbox.registry import RULES, Ids, Rules, Values
from crossdock_odoo.sandbox.values import named

MODEL = "res.partner"
ADDRESS = ("street", "street2", "zip", "city", "state_id", "country_id")
COMMERCIAL = ("vat", "company_registry", "industry_id")
_IN_LEADS = {"email": "email_from", "phone": "phone"}
_TYPED = ("other", "invoice", "delivery")
_MAIL = re.compile(r"[^\s<>@,;\"]+@[^\s<>@,;\"]+")


def normal_mail(text: Any) -> str | None:
    """The one address in a text, in small letters; None for none or several."""
    found = _MAIL.findall(str(text)) if text else []
    return found[0].lower() if len(found) == 1 else None


def cleaned_website(text: str) -> str:
    """An address of a page with its scheme."""
    return text if urlsplit(text).scheme else f"http://{text}"


def _creating(_env: Env, vals: Values) -> None:
    if vals.get("website"):
        vals["website"] = cleaned_website(str(vals["website"]))
    if vals.get("parent_id"):
        vals["company_name"] = False
    _take_type(vals)


def _take_type(vals: Values) -> None:
    """`company_type` is another face of `is_company`."""
    if "company_type" in vals:
        vals["is_company"] = vals.pop("company_type") == "company"


def _settled(env: Env, key: int, row: Values, _vals: Values) -> None:
    parent = row.get("parent_id")
    if parent:
        _check_parents(env, key, parent)
    above = env.row(MODEL, parent or 0)
    alone = row.get("is_company") or not above
    commercial: int = key if alone else above.get("commercial_partner_id") or parent or key
    row["commercial_partner_id"] = commercial
    own = row if commercial == key else env.row(MODEL, commercial)
    company = own.get("name") if own.get("is_company") else row.get("company_name")
    _set(row, "commercial_company_name", company)
    _set(row, "complete_name", _complete(row, above))
    _set(row, "email_normalized", normal_mail(row.get("email")))
    _set(row, "phone_sanitized", row.get("mobile") or row.get("phone"))
    users = [env.row("res.users", at) for at in env.store.referring("res.users", "partner_id", key)]
    active = [user for user in users if user.get("active")]
    row["partner_share"] = not active or any(user.get("share") for user in active)
    if (
        not row.get("user_id")
        and above.get("user_id")
        and not row.get("is_company")
        and "user_id" not in _vals
    ):
        row["user_id"] = above["user_id"]


def _set(row: Values, name: str, value: Any) -> None:
    if value is None or value == "":
        row.pop(name, None)
    else:
        row[name] = value


def _check_parents(env: Env, key: int, parent: int) -> None:
    seen = {key}
    at: int | None = parent
    while at:
        if at in seen:
            raise ValidationError("You cannot create recursive Partner hierarchies.")
        seen.add(at)
        at = env.row(MODEL, at).get("parent_id")


def _complete(row: Mapping[str, Any], above: Mapping[str, Any]) -> str:
    name = row.get("name") or ""
    if row.get("company_name") or row.get("parent_id"):
        if not name and row.get("type") in _TYPED:
            name = {"other": "Other Address", "invoice": "Invoice Address", "delivery": "Delivery Address"}[
                row["type"]
            ]
        if not row.get("is_company"):
            name = f"{row.get('commercial_company_name') or above.get('name', '')}, {name}"
    return name.strip()


def _created(env: Env, ids: Ids, values: Sequence[Values]) -> None:
    for key, vals in zip(ids, values, strict=True):
        _take_from_parent(env, key, vals)
        if "lang" not in vals and env.row(MODEL, key).get("parent_id"):
            _inherit_language(env, key)
        _give_first_address(env, key)


def _inherit_language(env: Env, key: int) -> None:
    lang = env.row(MODEL, env.row(MODEL, key)["parent_id"]).get("lang")
    if lang:
        env.store.put(MODEL, key, {**env.row(MODEL, key), "lang": lang})


def _take_from_parent(env: Env, key: int, vals: Mapping[str, Any]) -> None:
    """A contact takes the whole address of its parent, if that has one, and the company's numbers."""
    row = env.row(MODEL, key)
    parent = env.row(MODEL, row.get("parent_id", 0))
    if not parent or not (vals.get("parent_id") or vals.get("type") == "contact"):
        return
    changes: Values = {}
    if vals.get("parent_id") and row["commercial_partner_id"] != key:
        above = env.row(MODEL, row["commercial_partner_id"])
        changes |= {name: above.get(name) for name in COMMERCIAL}
    if row.get("type") == "contact" and any(parent.get(name) for name in ADDRESS):
        changes |= {name: parent.get(name) for name in ADDRESS}
    if changes:
        touch(env, key, changes)


def _give_first_address(env: Env, key: int) -> None:
    """The address of the first contact of a parent without one becomes the parent's."""
    row = env.row(MODEL, key)
    parent_id = row.get("parent_id", 0)
    parent = env.row(MODEL, parent_id)
    if not parent or not (parent.get("is_company") or not parent.get("parent_id")):
        return
    mine = any(row.get(name) for name in ADDRESS)
    children = [
        at for at in env.store.referring(MODEL, "parent_id", parent_id) if env.row(MODEL, at).get("active")
    ]
    if mine and not any(parent.get(name) for name in ADDRESS) and len(children) == 1:
        touch(env, parent_id, {name: row.get(name) for name in ADDRESS})


def touch(env: Env, key: int, changes: Mapping[str, Any]) -> None:
    """Change a contact the way the server's own rules do: its write date moves."""
    row = {**env.row(MODEL, key), **changes, "write_uid": env.uid, "write_date": env.now}
    env.store.put(MODEL, key, row)


def _writing(env: Env, ids: Ids, vals: Values) -> None:
    if vals.get("active") is False:
        _refuse_users(env, ids, "archive", "You first need to archive their associated user.")
    if vals.get("website"):
        vals["website"] = cleaned_website(str(vals["website"]))
    if vals.get("parent_id"):
        vals["company_name"] = False
    _take_type(vals)


def _written(env: Env, ids: Ids, vals: Values, before: Mapping[int, Mapping[str, Any]]) -> None:
    for key in ids:
        if {"parent_id", "is_company", "name", "company_name"} & vals.keys():
            _rename_children(env, key)
        _take_from_parent(env, key, vals)
        _give_to_children(env, key, vals)
        row = env.row(MODEL, key)
        news = [name for name in _IN_LEADS if name in vals and row.get(name) != before[key].get(name)]
        if news and env.has("crm.lead"):
            _tell_leads(env, key, news)


def _rename_children(env: Env, key: int) -> None:
    """Names of contacts show their company; the change is the database's own, no write date moves."""
    for at in env.store.referring(MODEL, "parent_id", key):
        row = dict(env.row(MODEL, at))
        _settled(env, at, row, {"user_id": None})
        env.store.put(MODEL, at, row)
        _rename_children(env, at)


def _give_to_children(env: Env, key: int, vals: Mapping[str, Any]) -> None:
    """What was written goes to the contacts below; an archived one is left alone (measured)."""
    row = env.row(MODEL, key)
    company = {name: row.get(name) for name in COMMERCIAL if name in vals}
    if company and row["commercial_partner_id"] == key:
        _give_numbers(env, key, company)
    address = {name: row.get(name) for name in ADDRESS if name in vals}
    for at in _children(env, key) if address else ():
        # Measured: an address that came from above is not passed on.
        if env.row(MODEL, at).get("type") == "contact":
            touch(env, at, address)


def _give_numbers(env: Env, key: int, company: Mapping[str, Any]) -> None:
    """A company's numbers are those of all generations that are no company (measured)."""
    for at in _children(env, key):
        if not env.row(MODEL, at).get("is_company"):
            _give_numbers(env, at, company)
            touch(env, at, company)


def _children(env: Env, key: int) -> list[int]:
    found = env.store.referring(MODEL, "parent_id", key)
    return [at for at in found if env.row(MODEL, at).get("active")]


def _tell_leads(env: Env, key: int, names: Sequence[str]) -> None:
    """A new e-mail or phone of a contact is written into all its leads (measured)."""
    partner = env.row(MODEL, key)
    for at in env.store.referring("crm.lead", "partner_id", key):
        row = env.row("crm.lead", at)
        news = {_IN_LEADS[name]: partner[name] for name in names if partner.get(name)}
        changed = [name for name, given in news.items() if row.get(name) != given]
        if not changed:
            continue
        after = {**row, **news, "write_uid": env.uid, "write_date": env.now}
        after["email_normalized"] = normal_mail(after.get("email_from"))
        after["phone_sanitized"] = after.get("mobile") or after.get("phone")
        env.store.put("crm.lead", at, after)
        # Measured: what follows from other values is noted whatever the context says.
        chatter.track(env, "crm.lead", at, changed, row)


def _refuse_users(env: Env, ids: Ids, word: str, advice: str) -> None:
    users = [
        uid
        for key in ids
        for uid in env.store.referring("res.users", "partner_id", key)
        if env.row("res.users", uid).get("active")
    ]
    if not users:
        return
    names = ", ".join(named(env, "res.users", uid) for uid in users)
    text = f"You cannot {word} contacts linked to an active user.\n{advice}\n\nLinked active users : {names}"
    if not access.allowed(env, "res.users", "write"):
        raise ValidationError(text)
    action: dict[str, Any] = {
        "type": "ir.actions.act_window",
        "res_model": "res.users",
        "context": {"create": False},
    }
    action |= {"view_mode": "form", "views": [[163, "form"]], "res_id": users[0]}
    raise RedirectWarning(text, action, "Go to users")


def _unlinking(env: Env, ids: Ids) -> None:
    _refuse_users(env, ids, "delete", "You should rather archive them after archiving their associated user.")


def _company_type(env: Env, key: int) -> str:
    return "company" if env.row(MODEL, key).get("is_company") else "person"


def _formatted(env: Env, key: int) -> str | None:
    row = env.row(MODEL, key)
    return f'"{row.get("name", "")}" <{row["email"]}>' if row.get("email") else None


def _named(env: Env, key: int) -> str:
    row = env.row(MODEL, key)
    return str(row.get("complete_name") or row.get("name") or "")


def _images(env: Env, ids: Ids, values: Sequence[Values]) -> None:
    for key, vals in zip(ids, values, strict=True):
        resize(env, MODEL, key, vals)


def resize(env: Env, model: str, key: int, vals: Mapping[str, Any]) -> None:
    """Keep a picture in its smaller sizes too. Assumed: the sandbox keeps them as they are."""
    from crossdock_odoo.sandbox.binaries import keep_binary

    if "image_1920" not in vals:
        return
    for size in ("image_1024", "image_512", "image_256", "image_128"):
        item = env.model(model).fields.get(size)
        if item is not None and item.store:
            keep_binary(env, item, key, vals["image_1920"])


RULES[MODEL] = Rules(
    defaults={
        "lang": lambda env: env.context.get("lang") or "en_US",
        "tz": lambda env: env.context.get("tz"),
    },
    creating=[_creating],
    settled=[_settled],
    resettled=[_settled],
    created=[_created, _images],
    writing=[_writing],
    written=[_written, lambda env, ids, vals, _before: _images(env, ids, [vals] * len(ids))],
    unlinking=[_unlinking],
    orphaned=lambda env, key, row: _settled(env, key, row, {"user_id": None}),
    computed={"company_type": _company_type, "email_formatted": _formatted},
    named=_named,
)
