"""Users and groups (measured): a user is a contact that may log in; groups bring those that they imply."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from crossdock_odoo.sandbox import access
from crossdock_odoo.sandbox.commands import apply_many
from crossdock_odoo.sandbox.environment import ADMIN, ROOT, Env
from crossdock_odoo.sandbox.errors import UserError, ValidationError
from crossdock_odoo.sandbox.mailing import address, queue, send
from crossdock_odoo.sandbox.partners import normal_mail
from crossdock_odoo.sandbox.pictures import give_picture
from crossdock_odoo.sandbox.registry import RULES, Ids, Rules, Values
from crossdock_odoo.sandbox.values import named, value

MODEL, GROUP = "res.users", "res.groups"
TYPES = ("base.group_user", "base.group_portal", "base.group_public")
_DEFAULT_USER = "base.default_user"


def implied(env: Env, groups: Sequence[int]) -> list[int]:
    """The groups and all that they imply."""
    found = list(dict.fromkeys(groups))
    for key in found:
        found += [one for one in env.row(GROUP, key).get("implied_ids", ()) if one not in found]
    return found


def _default_groups(env: Env, *, since: int = 0, before: int = 100) -> list[list[Any]] | None:
    """Those of the template: in a new database the administrators of every application (measured).

    None outside of the series in which the field has the name that it is asked for by.
    """
    if not since <= env.db.version < before:
        return None
    template = access.reference(env, _DEFAULT_USER)[1]
    return [[6, 0, list(env.row(MODEL, template).get("groups_id", ()))]]


def _creating(_env: Env, vals: Values) -> None:
    vals.setdefault("company_id", 1)
    vals.setdefault("company_ids", [[6, 0, [vals["company_id"] or 1]]])


def _settled(env: Env, _key: int, row: Values, vals: Values) -> None:
    row.setdefault("notification_type", "email")
    row["share"] = False
    name = env.row("res.partner", row.get("partner_id", 0)).get("name", "")
    if "signature" not in vals:
        row["signature"] = f'<p data-o-mail-quote="1">--<br data-o-mail-quote="1">{name}</p>'
    password = vals.get("new_password")
    if password:
        row["password"] = password


def complete_groups(env: Env, ids: Ids) -> None:
    """Write out the implied groups of users, and what follows from them."""
    for key in ids:
        row = env.row(MODEL, key)
        groups = sorted(implied(env, row.get("groups_id", ())))
        types = [one for one in (access.group_id(env, name) for name in TYPES) if one in groups]
        if len(types) > 1:
            raise ValidationError("The user cannot have more than one user types.")
        share = access.group_id(env, TYPES[0]) not in groups
        env.store.put(MODEL, key, {**row, "groups_id": groups or None, "share": share})
        partner = row.get("partner_id", 0)
        if env.row("res.partner", partner):
            outside = share or not row.get("active", True)
            env.store.put(
                "res.partner", partner, {**env.row("res.partner", partner), "partner_share": outside}
            )


def _created(env: Env, ids: Ids, values: Sequence[Values]) -> None:
    complete_groups(env, ids)
    for key, vals in zip(ids, values, strict=True):
        row = env.row(MODEL, key)
        partner = row["partner_id"]
        contact = env.row("res.partner", partner)
        if contact.get("active") != row.get("active", True):
            env.store.put("res.partner", partner, {**contact, "active": row.get("active", True)})
        if not row["share"] and not vals.get("image_1920") and not _has_picture(env, partner):
            give_picture(env, "res.partner", partner, str(contact.get("name", "")))
        quiet = env.flag("no_reset_password") or env.flag("install_mode")
        if not quiet and contact.get("email") and row.get("active", True):
            company = env.row("res.company", row.get("company_id", 1)).get("name", "")
            inviter = named(env, MODEL, env.uid)
            text = f"{inviter} from {company} invites you to connect to Odoo"
            send(env, [partner], text, kept=False)


def _has_picture(env: Env, partner: int) -> bool:
    from crossdock_odoo.sandbox.attachments import field_file

    return bool(field_file(env, env.field("res.partner", "image_1920"), partner))


def _writing(env: Env, ids: Ids, vals: Values) -> None:
    if vals.get("active") is False:
        if ROOT in ids:
            raise UserError("You cannot deactivate the superuser.")
        if env.uid in ids:
            raise UserError("You cannot deactivate the user you're currently logged in as.")
    if vals.get("new_password"):
        vals["password"] = vals["new_password"]
    _mail_changed(env, ids, vals)


def _mail_changed(env: Env, ids: Ids, vals: Values) -> None:
    """Who gets another e-mail is told so at the one before; the write itself comes after this."""
    new = normal_mail(vals.get("email"))
    for key in ids if vals.get("email") else ():
        old = str(env.row("res.partner", env.row(MODEL, key).get("partner_id", 0)).get("email") or "")
        if normal_mail(old) and normal_mail(old) != new:
            queue(env, old, "Security Update: Email Changed")


def _login_changed(env: Env, ids: Ids, vals: Values) -> None:
    """A login or password that is written is told to the person, even if it is the same (measured)."""
    for name, what in (("login", "Login"), ("password", "Password")):
        for key in ids if name in vals else ():
            to = address(env, int(env.row(MODEL, key).get("partner_id") or 0))
            queue(env, to or "", f"Security Update: {what} Changed")


def _written(env: Env, ids: Ids, vals: Values, before: Mapping[int, Mapping[str, Any]]) -> None:
    _login_changed(env, ids, vals)
    if "groups_id" in vals or "group_ids" in vals:
        complete_groups(env, ids)
    if vals.get("active"):
        for key in ids:
            partner = env.row(MODEL, key)["partner_id"]
            if not before[key].get("active") and not env.row("res.partner", partner).get("active"):
                env.store.put("res.partner", partner, {**env.row("res.partner", partner), "active": True})


def _unlinking(env: Env, ids: Ids) -> None:
    if ROOT in ids:
        raise UserError(
            "You can not remove the admin user as it is used internally for resources created by Odoo"
            " (updates, module installation, ...)"
        )
    if ADMIN in ids:
        raise UserError(
            "You cannot delete the admin user because it is utilized in various places"
            " (such as security configurations,...). Instead, archive it."
        )
    for key in ids:
        # A contact whose user is gone is an outsider.
        partner = env.row(MODEL, key).get("partner_id", 0)
        env.store.put("res.partner", partner, {**env.row("res.partner", partner), "partner_share": True})


def has_group(env: Env, *args: Any) -> bool:
    """Whether a user (the caller if no id is given) is in a group."""
    uid, name = (env.uid, args[0]) if len(args) == 1 else (_first(args[0]), args[1])
    return access.in_groups(env, uid, name)


def _first(given: Any) -> int:
    return int(given[0]) if isinstance(given, list | tuple) else int(given)


def context_get(env: Env) -> dict[str, Any]:
    """Language, time zone and id of the caller."""
    partner = env.row("res.partner", env.row(MODEL, env.uid).get("partner_id", 0))
    return {"lang": partner.get("lang") or "en_US", "tz": partner.get("tz") or False, "uid": env.uid}


def _http_only(_env: Env, *_args: Any, **_kwargs: Any) -> None:
    raise UserError("This method can only be accessed over HTTP")


def _group_written(env: Env, ids: Ids, vals: Values, _before: Mapping[int, Mapping[str, Any]]) -> None:
    if {"implied_ids", "users", "user_ids"} & vals.keys():
        users = [uid for key in ids for uid in env.store.referring(MODEL, "groups_id", key)]
        complete_groups(env, users)


RULES[MODEL] = Rules(
    defaults={
        "groups_id": partial(_default_groups, before=19),
        "group_ids": partial(_default_groups, since=19),  # by the public source of 19
    },
    creating=[_creating],
    settled=[_settled],
    created=[_created],
    writing=[_writing],
    written=[_written],
    unlinking=[_unlinking],
    computed={
        "state": lambda env, key: "active" if env.row(MODEL, key).get("login_date") else "new",
        "password": lambda _env, _key: "",
        "new_password": lambda _env, _key: "",
        "group_ids": lambda env, key: value(env, MODEL, key, "groups_id"),
    },
    inverse={"group_ids": lambda env, key, given: apply_many(env, env.field(MODEL, "groups_id"), key, given)},
    model_methods={"has_group": has_group, "context_get": context_get},
    methods={"api_key_wizard": _http_only},
)
RULES[GROUP] = Rules(
    computed={
        "full_name": lambda env, key: access.full_name(env, key).replace("/", " / ", 1),
        "user_ids": lambda env, key: value(env, GROUP, key, "users"),
    },
    inverse={"user_ids": lambda env, key, given: apply_many(env, env.field(GROUP, "users"), key, given)},
    named=lambda env, key: access.full_name(env, key).replace("/", " / ", 1),
    created=[lambda env, ids, _values: _group_written(env, ids, {"implied_ids": 1}, {})],
    written=[_group_written],
)
RULES["res.users.apikeys"] = Rules(methods={"remove": _http_only})
RULES["res.users.apikeys.description"] = Rules(methods={"make_key": _http_only})
