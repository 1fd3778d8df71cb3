"""Leads: stages, closing, and what passes between a lead and its contact (measured)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from crossdock_odoo.sandbox import chatter, records
from crossdock_odoo.sandbox.access import model_id
from crossdock_odoo.sandbox.columns import rounded
from crossdock_odoo.sandbox.defaults import company_of
from crossdock_odoo.sandbox.domains import search
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import MissingError
from crossdock_odoo.sandbox.partners import ADDRESS, cleaned_website, normal_mail
from crossdock_odoo.sandbox.registry import RULES, Ids, Rules, Values
from crossdock_odoo.sandbox.removal import drop_leftovers

MODEL = "crm.lead"
_FOLLOWING = ("contact_name", "partner_name", "email_from", "phone")
_FROM_PARTNER = ("mobile", "title", "function", "website")


def _creating(_env: Env, vals: Values) -> None:
    if vals.get("website"):
        vals["website"] = cleaned_website(str(vals["website"]))
    for name in ("expected_revenue", "probability"):
        if vals.get(name) is None:
            vals.pop(name, None)


def _settled(env: Env, _key: int, row: Values, vals: Values) -> None:
    """Complete a new lead: team, stage, company, what the contact says, probability, times."""
    if "team_id" in vals and row.get("team_id") and not env.exists("crm.team", row["team_id"]):
        raise MissingError.of("crm.team", row["team_id"], env.uid)
    if "team_id" not in vals and row.get("user_id"):
        team = team_of(env, row["user_id"])
        row |= {"team_id": team} if team else {}
    if "company_id" not in vals and (row.get("team_id") or row.get("user_id")):
        row["company_id"] = company_of(env)
    if "stage_id" not in vals:
        stage = _first_stage(env, row.get("team_id"))
        row |= {"stage_id": stage} if stage else {}
    if row.get("user_id") and "date_open" not in vals:
        row["date_open"] = env.now
    if "date_last_stage_update" not in vals:
        row["date_last_stage_update"] = env.now
    _from_partner(env, row, vals)
    if _won(env, row) and "probability" not in vals:
        row |= {"probability": 100.0, "automated_probability": 100.0}
    _derive(env, row)


def _resettled(env: Env, key: int, row: Values, vals: Values) -> None:
    before = env.row(MODEL, key)
    if "partner_id" in vals and row.get("partner_id") != before.get("partner_id"):
        _from_partner(env, row, vals)
    if "user_id" in vals and row.get("user_id") != before.get("user_id") and "team_id" not in vals:
        team = team_of(env, row.get("user_id"))
        row |= {"team_id": team} if team and not row.get("team_id") else {}
    if {"user_id", "team_id"} & vals.keys() and not row.get("company_id") and "company_id" not in vals:
        row |= {"company_id": company_of(env)} if row.get("user_id") or row.get("team_id") else {}
    _derive(env, row)


def team_of(env: Env, uid: int | None) -> int:
    """The team that a user's leads go to: one of his own, else the first."""
    mine = [
        env.row("crm.team.member", at) for at in env.store.referring("crm.team.member", "user_id", uid or 0)
    ]
    for row in mine:
        if row.get("active", True):
            return int(row["crm_team_id"])
    found = search(env.sudo(), "crm.team", [["use_opportunities", "=", True]], limit=1)
    return found[0] if found else 0


def _first_stage(env: Env, team: int | None) -> int:
    domain: list[Any] = ["|", ["team_id", "=", False], ["team_id", "=", team or 0], ["fold", "=", False]]
    found = search(env.sudo(), "crm.stage", domain, order="sequence, id", limit=1)
    return found[0] if found else 0


def _won(env: Env, row: Mapping[str, Any]) -> bool:
    return bool(env.row("crm.stage", row.get("stage_id", 0)).get("is_won"))


def _from_partner(env: Env, row: Values, vals: Mapping[str, Any]) -> None:
    """What a lead takes from its contact: all of an address or nothing, names, e-mail and phone."""
    partner = env.row("res.partner", row.get("partner_id", 0))
    if not partner:
        return
    taken: Values = {}
    if any(partner.get(name) for name in ADDRESS):
        taken |= {name: partner.get(name) for name in ADDRESS}
    taken |= {name: partner[name] for name in _FROM_PARTNER if partner.get(name)}
    company = env.row("res.partner", partner.get("parent_id", 0)).get("name")
    if partner.get("is_company"):
        company = company or partner.get("name")
    else:
        taken["contact_name"] = partner.get("name")
    taken |= (
        {"partner_name": company or partner.get("company_name")}
        if company or partner.get("company_name")
        else {}
    )
    for lang, shape in env.store.rows["res.lang"].items():
        if shape.get("code") == partner.get("lang"):
            taken["lang_id"] = lang
    if partner.get("email") and not (vals.get("email_from")):
        taken["email_from"] = partner["email"]
    if partner.get("phone") and not (vals.get("phone")):
        taken["phone"] = partner["phone"]
    for name, given in taken.items():
        if name not in vals or name in ("email_from", "phone"):
            _set(row, name, given)


def _set(row: Values, name: str, given: Any) -> None:
    if given is None:
        row.pop(name, None)
    else:
        row[name] = given


def _derive(env: Env, row: Values) -> None:
    """Stored values that follow from others."""
    chance, expected = row.get("probability", 0.0), row.get("expected_revenue", 0.0)
    row["prorated_revenue"] = rounded(expected * chance / 100.0, 2)
    plan = env.row("crm.recurring.plan", row.get("recurring_plan", 0)).get("number_of_months") or 1
    recurring = row.get("recurring_revenue", 0.0)
    row["recurring_revenue_monthly"] = recurring / plan
    row["recurring_revenue_monthly_prorated"] = recurring / plan * chance / 100.0
    row["recurring_revenue_prorated"] = recurring * chance / 100.0
    mail = normal_mail(row.get("email_from"))
    _set(row, "email_normalized", mail)
    _set(row, "email_domain_criterion", f"@{mail.partition('@')[2]}" if mail else None)
    _set(row, "phone_sanitized", row.get("mobile") or row.get("phone"))
    _set(row, "email_state", ("correct" if mail else "incorrect") if row.get("email_from") else None)
    for name, until in (("day_open", "date_open"), ("day_close", "date_closed")):
        if row.get(until):
            spent = datetime.fromisoformat(row[until]) - datetime.fromisoformat(
                row.get("create_date", env.now)
            )
            row[name] = float(abs(spent.days))


def _created(env: Env, ids: Ids, values: Sequence[Values]) -> None:
    for key, vals in zip(ids, values, strict=True):
        write_back(env, key, vals)


def write_back(env: Env, key: int, vals: Mapping[str, Any]) -> None:
    """An e-mail or phone given together with a contact overwrites the contact's, and so its other leads'."""
    row = env.row(MODEL, key)
    partner = row.get("partner_id")
    for name, target in (("email_from", "email"), ("phone", "phone")):
        if not partner or not vals.get(name) or name not in vals:
            continue
        present = env.row("res.partner", partner).get(target)
        if (normal_mail(present) or present) != (normal_mail(vals[name]) or vals[name]):
            records.write(env.sudo(), "res.partner", [partner], {target: vals[name]})


def _writing(env: Env, ids: Ids, vals: Values) -> None:
    if vals.get("website"):
        vals["website"] = cleaned_website(str(vals["website"]))
    rows = [env.row(MODEL, key) for key in ids]
    moved = "stage_id" in vals and any(row.get("stage_id") != vals["stage_id"] for row in rows)
    won = False
    if moved:
        vals["date_last_stage_update"] = env.now
        won = bool(env.row("crm.stage", int(vals["stage_id"] or 0)).get("is_won"))
        vals |= {"probability": 100, "automated_probability": 100} if won else {}
    if "user_id" in vals:
        if not vals["user_id"]:
            vals["date_open"] = False
        elif any(row.get("user_id") != vals["user_id"] for row in rows):
            vals["date_open"] = env.now
    _close(env, vals, rows, moved=moved, won=won)


def _close(env: Env, vals: Values, rows: Sequence[Mapping[str, Any]], *, moved: bool, won: bool) -> None:
    """The closing date: now when won or archived, whatever was given; none when it goes on."""
    if won and rows and all(_won(env, row) for row in rows):
        vals.pop("date_closed", None)
    elif (vals.get("probability") or 0) >= 100 or not vals.get("active", True):
        vals["date_closed"] = env.second
    elif (vals.get("probability") or 0) > 0 or (moved and "probability" not in vals):
        vals["date_closed"] = False


def _written(env: Env, ids: Ids, vals: Values, before: Mapping[int, Mapping[str, Any]]) -> None:
    quiet = env.flag("tracking_disable") or env.flag("mail_notrack")
    for key in ids:
        write_back(env, key, vals)
        row = env.row(MODEL, key)
        changed = [name for name in _FOLLOWING if name not in vals and row.get(name) != before[key].get(name)]
        if changed and quiet:
            # Measured: what follows from other values is noted whatever the context says.
            chatter.track(env, MODEL, key, changed, before[key])


def action_set_lost(env: Env, ids: Ids, **more: Any) -> None:
    """Archive leads as lost."""
    records.write(env, MODEL, ids, {"active": False})
    for key in ids:
        row = {**env.row(MODEL, key), "probability": 0.0, "automated_probability": 0.0}
        _derive(env, row)
        env.store.put(MODEL, key, row)
    if more:
        records.write(env, MODEL, ids, more)


def action_set_won(env: Env, ids: Ids) -> bool:
    """Move leads to the first stage that means won."""
    stage = search(env.sudo(), "crm.stage", [["is_won", "=", True]], limit=1)
    return records.write(env, MODEL, ids, {"stage_id": stage[0]})


def _currency(env: Env, key: int) -> int | None:
    company = env.row(MODEL, key).get("company_id") or company_of(env)
    return env.row("res.company", company).get("currency_id")


def _automated(env: Env, key: int) -> bool:
    row = env.row(MODEL, key)
    return bool(abs(row.get("probability", 0.0) - row.get("automated_probability", 0.0)) < 0.01)


def _said(env: Env, key: int) -> str:
    team = env.row("crm.team", env.row(MODEL, key).get("team_id", 0)).get("name")
    text = f'for the team "{team}".' if team else "without a team."
    return (
        f'<div summary="o_mail_notification"><p>{escape(f"A lead was created {text}", quote=False)}</p></div>'
    )


def _subtype(env: Env, key: int, changed: Sequence[str]) -> str:
    row = env.row(MODEL, key)
    if "stage_id" in changed:
        return "crm.mt_lead_won" if row.get("probability") == 100 else "crm.mt_lead_stage"
    if "lost_reason_id" in changed and row.get("lost_reason_id"):
        return "crm.mt_lead_lost"
    if "active" in changed:
        return "crm.mt_lead_restored" if row.get("active") else "crm.mt_lead_lost"
    return "mail.mt_note"


chatter.CREATED[MODEL] = ("crm.mt_lead_create", _said)
chatter.TRACKED[MODEL] = _subtype
RULES[MODEL] = Rules(
    defaults={"user_id": lambda env: env.uid},
    creating=[_creating],
    settled=[_settled],
    resettled=[_resettled],
    created=[_created],
    writing=[_writing],
    written=[_written],
    computed={"company_currency": _currency, "is_automated_probability": _automated},
    methods={"action_set_lost": action_set_lost, "action_set_won": action_set_won},
)


def _creating_team(env: Env, vals: Values) -> None:
    if not vals.get("alias_id"):
        vals |= {"alias_model_id": model_id(env, MODEL), "alias_parent_model_id": model_id(env, "crm.team")}


def _created_team(env: Env, ids: Ids, _values: Sequence[Values]) -> None:
    for key in ids:
        alias = env.row("crm.team", key).get("alias_id", 0)
        defaults = f"{{'type': 'opportunity', 'team_id': {key}}}"
        row = {**env.row("mail.alias", alias), "alias_parent_thread_id": key, "alias_defaults": defaults}
        env.store.put("mail.alias", alias, row)


def _unlinking_team(env: Env, ids: Ids) -> None:
    aliases = [env.row("crm.team", key).get("alias_id") for key in ids]
    env.db.leftovers += [("mail.alias", at) for at in aliases if at]


RULES["crm.team"] = Rules(
    defaults={"favorite_user_ids": lambda env: [[6, 0, [env.uid]]]},
    creating=[_creating_team],
    created=[_created_team],
    unlinking=[_unlinking_team],
    unlinked=[drop_leftovers],
)
