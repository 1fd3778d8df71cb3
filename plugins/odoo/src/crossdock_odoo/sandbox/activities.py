"""Activities: to be done on a record by somebody (measured)."""

from collections.abc import Sequence
from typing import Any

from crossdock_odoo.sandbox.chatter import post, subscribe, subtype
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.mailing import partner_of, send
from crossdock_odoo.sandbox.registry import RULES, Ids, Rules, Values
from crossdock_odoo.sandbox.removal import remove
from crossdock_odoo.sandbox.values import named

MODEL = "mail.activity"


def _creating(_env: Env, vals: Values) -> None:
    # The model's name follows from its id; given alone it is not enough.
    vals.pop("res_model", None)


def _settled(env: Env, _key: int, row: Values, _vals: Values) -> None:
    model = env.row("ir.model", row.get("res_model_id", 0)).get("model")
    if model:
        row["res_model"] = model
        target = row.get("res_id")
        if target and env.has(model) and env.exists(model, target):
            row["res_name"] = named(env, model, target) or None
    if not row.get("active", True):
        row.setdefault("date_done", env.today)
    if not row.get("user_id"):
        row["user_id"] = env.uid


def _created(env: Env, ids: Ids, _values: Sequence[Values]) -> None:
    for key in ids:
        row = env.row(MODEL, key)
        model, uid = str(row.get("res_model", "")), row["user_id"]
        if env.has(model) and env.model(model).thread and env.exists(model, row["res_id"]):
            subscribe(env, model, row["res_id"], partner_of(env, uid))
        if uid != env.uid and not env.flag("mail_activity_quick_update"):
            kind = env.row("mail.activity.type", row.get("activity_type_id", 0)).get("name", "")
            what = row.get("summary") or kind
            send(env, [partner_of(env, uid)], f'"{row.get("res_name", "")}: {what}" assigned to you')


def _state(env: Env, key: int) -> str | None:
    row = env.row(MODEL, key)
    if not row.get("active", True):
        return "done"
    deadline = row.get("date_deadline")
    if not deadline:
        return None
    return "today" if deadline == env.today else "overdue" if deadline < env.today else "planned"


def action_feedback(
    env: Env,
    ids: Ids,
    feedback: str | bool = False,
    attachment_ids: Sequence[int] = (),
) -> int | bool:
    """Mark activities as done: a message dated now takes the place of each (measured)."""
    made: int | bool = False
    for key in ids:
        row = env.row(MODEL, key)
        kind = env.row("mail.activity.type", row.get("activity_type_id", 0)).get("name", "")
        summary = f": {row['summary']}" if row.get("summary") else ""
        said = f"<div>Feedback: {feedback}</div>" if feedback else ""
        vals: Values = {
            "body": f"<p>{kind} done{summary}</p>{row.get('note', '')}{said}",
            "mail_activity_type_id": row.get("activity_type_id"),
            "subtype_id": subtype(env, "mail.mt_activities") or None,
            "attachment_ids": list(attachment_ids) or None,
        }
        made = post(env, str(row["res_model"]), row["res_id"], vals)
    remove(env, MODEL, list(ids))
    return made


def _can_write(_env: Env, _key: int) -> Any:
    return True


RULES[MODEL] = Rules(
    defaults={"user_id": lambda env: env.uid, "date_deadline": lambda env: env.today},
    creating=[_creating],
    settled=[_settled],
    resettled=[_settled],
    created=[_created],
    computed={"state": _state, "can_write": _can_write},
    methods={"action_feedback": action_feedback, "action_done": action_feedback},
    named=lambda env, key: str(
        env.row(MODEL, key).get("summary")
        or env.row("mail.activity.type", env.row(MODEL, key).get("activity_type_id", 0)).get("name", "")
    ),
)
