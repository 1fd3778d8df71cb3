"""Employees and departments (measured): an employee has a resource and a contact of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock_odoo.sandbox import chatter, records
from crossdock_odoo.sandbox.defaults import company_of
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.pictures import give_picture
from crossdock_odoo.sandbox.registry import RULES, Ids, Rules, Values
from crossdock_odoo.sandbox.removal import drop_leftovers

MODEL, RESOURCE, DEPARTMENT = "hr.employee", "resource.resource", "hr.department"
_SHARED = {"name": "name", "active": "active", "user_id": "user_id", "company_id": "company_id"}


def _creating(env: Env, vals: Values) -> None:
    if vals.get("resource_id"):
        return
    user = int(vals.get("user_id") or 0)
    if user and not vals.get("name"):
        vals["name"] = env.row("res.partner", env.row("res.users", user).get("partner_id", 0)).get("name")
    if not vals.get("name"):
        return
    company = int(vals.get("company_id") or company_of(env))
    calendar = env.row("res.company", company).get("resource_calendar_id")
    row: Values = {
        "name": vals["name"],
        "company_id": company,
        "user_id": user or None,
        "resource_type": "user",
    }
    row |= {"calendar_id": calendar, "tz": env.row("res.users", user).get("tz") or "UTC"}
    row |= {"active": vals.get("active", True), "time_efficiency": 100.0}
    row |= {"create_uid": env.uid, "create_date": env.now, "write_uid": env.uid, "write_date": env.now}
    vals["resource_id"] = env.store.next_id(RESOURCE)
    env.store.put(RESOURCE, vals["resource_id"], row)
    vals.setdefault("resource_calendar_id", calendar)


def _settled(env: Env, _key: int, row: Values, vals: Values) -> None:
    company = row.get("company_id") or company_of(env)
    if "address_id" not in vals:
        row["address_id"] = env.row("res.company", company).get("partner_id")
    user = env.row("res.users", row.get("user_id", 0))
    if user:
        partner = user["partner_id"]
        row["work_contact_id"] = partner
        mail = env.row("res.partner", partner).get("email")
        if mail and not row.get("work_email"):
            row["work_email"] = mail
    _from_above(env, row, vals)


def _from_above(env: Env, row: Values, vals: Mapping[str, Any]) -> None:
    """The manager of the department leads, and the manager is the coach, if nobody else is named."""
    manager = env.row(DEPARTMENT, row.get("department_id", 0)).get("manager_id")
    if manager and "parent_id" not in vals and manager != row.get("id"):
        row["parent_id"] = manager
    if row.get("parent_id") and "coach_id" not in vals:
        row["coach_id"] = row["parent_id"]
    if row.get("job_id") and "job_title" not in vals:
        title = env.row("hr.job", row["job_id"]).get("name")
        row |= {"job_title": title} if title else {}


def _created(env: Env, ids: Ids, values: Sequence[Values]) -> None:
    for key, vals in zip(ids, values, strict=True):
        row = env.row(MODEL, key)
        _contact(env, key, row)
        if not vals.get("image_1920"):
            give_picture(env, MODEL, key, str(row["name"]))
        contact = env.row(MODEL, key).get("work_contact_id")
        if not row.get("user_id") and contact:
            chatter.subscribe(env, MODEL, key, contact)
        # Measured: no flag of the context stops this message.
        _count_jobs(env, {row.get("job_id", 0)} - {0})
        note = {"body": "<span>A new colleague: plan the first days.</span>", "is_internal": True}
        note |= {"subtype_id": chatter.subtype(env, "mail.mt_note") or None, "record_name": None}
        chatter.post(env, MODEL, key, note)


def _resettled(env: Env, _key: int, row: Values, vals: Values) -> None:
    if {"department_id", "parent_id", "job_id"} & vals.keys():
        _from_above(env, row, vals)


def _contact(env: Env, key: int, row: Mapping[str, Any]) -> None:
    """An employee without user gets a contact of its own for what is given of it (measured)."""
    details = {"email": row.get("work_email"), "mobile": row.get("mobile_phone")}
    if row.get("work_contact_id"):
        known = env.row("res.partner", row["work_contact_id"])
        changes = {name: given for name, given in details.items() if given and known.get(name) != given}
        if changes:
            records.write(env.sudo(), "res.partner", [row["work_contact_id"]], changes)
        return
    if not any(details.values()):
        return
    vals = {"name": row["name"], "company_id": row.get("company_id")} | {
        n: g for n, g in details.items() if g
    }
    quiet = env.sudo().with_context(tracking_disable=True)
    contact = records.create(quiet, "res.partner", [vals])[0]
    env.store.put(MODEL, key, {**env.row(MODEL, key), "work_contact_id": contact})
    give_picture(env, "res.partner", contact, str(row["name"]))


def _written(env: Env, ids: Ids, vals: Values, before: Mapping[int, Mapping[str, Any]]) -> None:
    shared = {_SHARED[name]: given for name, given in vals.items() if name in _SHARED}
    for key in ids:
        row = env.row(MODEL, key)
        if shared and row.get("resource_id"):
            records.write(env.sudo(), RESOURCE, [row["resource_id"]], shared)
        if {"work_email", "mobile_phone"} & vals.keys():
            _contact(env, key, row)
        _count_jobs(env, {before[key].get("job_id", 0), row.get("job_id", 0)} - {0})


def _unlinking(env: Env, ids: Ids) -> None:
    found = [env.row(MODEL, key).get("resource_id") for key in ids]
    env.db.leftovers += [(RESOURCE, at) for at in found if at]


def _department(env: Env, key: int, row: Values, _vals: Values) -> None:
    parent = env.row(DEPARTMENT, row.get("parent_id", 0))
    above = parent.get("complete_name")
    row["complete_name"] = f"{above} / {row['name']}" if above else str(row.get("name", ""))
    row["parent_path"] = f"{parent.get('parent_path', '')}{key}/"
    row["master_department_id"] = int(row["parent_path"].partition("/")[0])


def _count_jobs(env: Env, jobs: set[int]) -> None:
    """How many people have a job is written there; no write date moves."""
    for key in jobs:
        row = dict(env.row("hr.job", key))
        if row:
            _job(env, key, row, {})
            env.store.put("hr.job", key, row)


def _job(env: Env, key: int, row: Values, _vals: Values) -> None:
    busy = [at for at in env.store.referring(MODEL, "job_id", key) if env.row(MODEL, at).get("active")]
    row["no_of_employee"] = len(busy)
    row["expected_employees"] = len(busy) + row.get("no_of_recruitment", 0)


RULES[MODEL] = Rules(
    returned=("resource_id",),
    creating=[_creating],
    settled=[_settled],
    resettled=[_resettled],
    created=[_created],
    written=[_written],
    unlinking=[_unlinking],
    unlinked=[drop_leftovers],
)
RULES[DEPARTMENT] = Rules(
    settled=[_department],
    resettled=[_department],
    orphaned=lambda env, key, row: _department(env, key, row, {}),
)
RULES["hr.job"] = Rules(settled=[_job], resettled=[_job])
