"""Projects and tasks (measured): a project takes its tasks along, a task without project is its maker's."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from uuid import uuid4

from crossdock_odoo.sandbox import chatter, records
from crossdock_odoo.sandbox.access import model_id
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import MissingError, UserError, ValidationError
from crossdock_odoo.sandbox.ordering import ordered
from crossdock_odoo.sandbox.registry import RULES, Ids, Rules, Values
from crossdock_odoo.sandbox.removal import drop_leftovers, remove
from crossdock_odoo.sandbox.values import value

PROJECT, TASK, ALIAS = "project.project", "project.task", "mail.alias"
CLOSED = ("1_done", "1_canceled")


def _creating(env: Env, vals: Values) -> None:
    project = vals.get("project_id") or env.context.get("default_project_id")
    if project and not env.exists(PROJECT, int(project)):
        raise MissingError.of(PROJECT, project, env.uid)
    given = bool(vals.get("user_ids"))
    if "user_ids" not in vals and not env.flag("install_mode"):
        # Measured: a task made by `create` is its maker's, one made by `load` nobody's.
        vals["user_ids"] = [[6, 0, [env.uid]]]
        users = [env.uid] if not project else []
    else:
        users = _given_users(vals)
    if users and given:
        vals["date_assign"] = env.second
    if not project:
        if "stage_id" in vals:
            vals["stage_id"] = False
        if not vals.get("parent_id") and env.uid not in users:
            vals["user_ids"] = [[6, 0, [*users, env.uid]]]
        return
    vals.setdefault("company_id", env.row(PROJECT, int(project)).get("company_id") or False)
    if "stage_id" not in vals:
        vals["stage_id"] = _first_stage(env, int(project)) or False
    if vals.get("stage_id"):
        _end(env, vals)


def _given_users(vals: Mapping[str, Any]) -> list[int]:
    found: list[int] = []
    for command in vals.get("user_ids") or ():
        if isinstance(command, int):
            found.append(command)
        elif command and command[0] == 6:
            found = list(command[2])
        elif command and command[0] == 4:
            found.append(command[1])
    return found


def _first_stage(env: Env, project: int) -> int:
    stages = [
        at
        for at in value(env, PROJECT, project, "type_ids")
        if env.row("project.task.type", at).get("active")
    ]
    stages = ordered(env, "project.task.type", stages, "fold, sequence, id")
    return stages[0] if stages else 0


def _end(env: Env, vals: Values) -> None:
    """A folded stage ends a task now, any other stage takes its end away, whatever was given."""
    folded = env.row("project.task.type", int(vals["stage_id"] or 0)).get("fold")
    vals["date_end"] = env.second if folded else False
    vals["date_last_stage_update"] = env.second


def _settled(env: Env, _key: int, row: Values, _vals: Values) -> None:
    parent = env.row(TASK, row.get("parent_id", 0))
    beside = parent and parent.get("project_id") == row.get("project_id")
    row["display_in_project"] = _vals.get("display_in_project", not beside)
    if not row.get("partner_id"):
        partner = env.row(PROJECT, row.get("project_id", 0)).get("partner_id") or parent.get("partner_id")
        row |= {"partner_id": partner} if partner else {}
    if row.get("project_id"):
        row.setdefault("access_token", str(uuid4()))


def _writing(env: Env, ids: Ids, vals: Values) -> None:
    if vals.get("parent_id") in ids:
        raise UserError("Sorry. You can't set a task as its parent task.")
    if "stage_id" in vals:
        private = any(not env.row(TASK, key).get("project_id") for key in ids)
        if "project_id" not in vals and private:
            raise UserError("You can only set a personal stage on a private task.")
        _end(env, vals)
    if "user_ids" in vals and "date_assign" not in vals and _given_users(vals):
        vals["date_assign"] = env.second


def _resettled(env: Env, key: int, row: Values, vals: Values) -> None:
    if "project_id" in vals and "stage_id" not in vals:
        _move(env, row)
    seen, at = {key}, row.get("parent_id")
    while at:
        if at in seen:
            raise ValidationError("You cannot create a recursive hierarchy of tasks.")
        seen.add(at)
        at = env.row(TASK, at).get("parent_id")


def _move(env: Env, row: Values) -> None:
    """In another project a task starts in that project's first stage, without one in none."""
    project = row.get("project_id", 0)
    stage = row.get("stage_id", 0)
    if stage and project in value(env, "project.task.type", stage, "project_ids"):
        return
    first = _first_stage(env, project) if project else 0
    if first:
        row["stage_id"] = first
    else:
        row.pop("stage_id", None)


def _unlinking_task(env: Env, ids: Ids) -> None:
    """Subtasks go with their task, those of other projects too (code of 18.0)."""
    children = [at for key in ids for at in env.store.referring(TASK, "parent_id", key) if at not in ids]
    if children:
        remove(env, TASK, children)


PERSONAL = ("Inbox", "Today", "This Week", "This Month", "Later", "Done", "Cancelled")


def _created_task(env: Env, ids: Ids, _values: Sequence[Values]) -> None:
    for key in ids:
        row = env.row(TASK, key)
        _own_stages(env, row)
        _join_stage(env, row)
        for partner in chatter.followers(env, TASK, row.get("parent_id", 0)):
            chatter.subscribe(env, TASK, key, partner)


def _own_stages(env: Env, row: Mapping[str, Any]) -> None:
    """Who makes a task of his own for the first time gets seven stages of his own (measured)."""
    mine = env.store.referring("project.task.type", "user_id", env.uid)
    if env.uid in row.get("user_ids", ()) and not mine:
        stages = [
            {"name": name, "user_id": env.uid, "sequence": place, "fold": place > 5}
            for place, name in enumerate(PERSONAL, 1)
        ]
        records.create(env.sudo(), "project.task.type", stages)


def _join_stage(env: Env, row: Mapping[str, Any]) -> None:
    """A stage that a task of a project is in becomes one of the project's, and nobody's own."""
    stage, project = row.get("stage_id", 0), row.get("project_id", 0)
    if not stage or not project:
        return
    if project not in value(env, "project.task.type", stage, "project_ids"):
        link = [[4, project]]
        records.write(env.sudo(), "project.task.type", [stage], {"project_ids": link, "user_id": False})


def _closed(env: Env, key: int) -> bool:
    return env.row(TASK, key).get("state") in CLOSED


def _said(env: Env, key: int) -> str:
    project = env.row(PROJECT, env.row(TASK, key).get("project_id", 0)).get("name")
    text = (
        f'A task was created in the project "{project}".'
        if project
        else "A task was created without a project."
    )
    return f'<div summary="o_mail_notification"><p>{escape(text, quote=False)}</p></div>'


def _task_subtype(_env: Env, _key: int, changed: Sequence[str]) -> str:
    return "project.mt_task_stage" if "stage_id" in changed else "mail.mt_note"


def _creating_project(env: Env, vals: Values) -> None:
    if not vals.get("alias_id"):
        vals |= {"alias_model_id": model_id(env, TASK), "alias_parent_model_id": model_id(env, PROJECT)}


def _created_project(env: Env, ids: Ids, _values: Sequence[Values]) -> None:
    for key in ids:
        alias = env.row(PROJECT, key).get("alias_id", 0)
        row = {**env.row(ALIAS, alias), "alias_parent_thread_id": key}
        row |= {"alias_defaults": f"{{'project_id': {key}}}"}
        env.store.put(ALIAS, alias, row)


def _written_project(env: Env, ids: Ids, vals: Values, _before: Mapping[int, Mapping[str, Any]]) -> None:
    if "active" not in vals:
        return
    tasks = [at for key in ids for at in env.store.referring(TASK, "project_id", key)]
    if tasks:
        records.write(env, TASK, tasks, {"active": vals["active"]})


def _unlinking_project(env: Env, ids: Ids) -> None:
    """Its tasks go silently, those that people added too (measured); its alias after it."""
    tasks = [at for key in ids for at in env.store.referring(TASK, "project_id", key)]
    if tasks:
        remove(env, TASK, tasks)
    aliases = [env.row(PROJECT, key).get("alias_id") for key in ids]
    env.db.leftovers += [(ALIAS, at) for at in aliases if at]


def _tasks(env: Env, key: int) -> list[int]:
    return [at for at in env.store.referring(TASK, "project_id", key) if env.row(TASK, at).get("active")]


chatter.CREATED[TASK] = ("project.mt_task_new", _said)
chatter.TRACKED[TASK] = _task_subtype
RULES[TASK] = Rules(
    creating=[_creating],
    settled=[_settled],
    resettled=[_resettled],
    created=[_created_task],
    writing=[_writing],
    unlinking=[_unlinking_task],
    computed={
        "is_closed": _closed,
        "subtask_count": lambda env, key: len(env.store.referring(TASK, "parent_id", key)),
    },
)
RULES[PROJECT] = Rules(
    defaults={
        "user_id": lambda env: env.uid,
        "stage_id": lambda env: next(
            iter(ordered(env, "project.project.stage", list(env.store.rows["project.project.stage"]), "")),
            None,
        ),
    },
    creating=[_creating_project],
    created=[_created_project],
    written=[_written_project],
    unlinking=[_unlinking_project],
    unlinked=[drop_leftovers],
    computed={"task_count": lambda env, key: len(_tasks(env, key))},
)


def _of_projects(env: Env, vals: Values) -> None:
    """A stage of projects has no owner; one without projects is its maker's own."""
    if vals.get("project_ids"):
        vals["user_id"] = False
    else:
        vals.setdefault("user_id", env.uid)


RULES["project.task.type"] = Rules(creating=[_of_projects])


def _new_alias(_env: Env, vals: Values) -> None:
    vals.setdefault("alias_status", "not_tested")


RULES[ALIAS] = Rules(
    creating=[_new_alias],
    named=lambda env, key: str(env.row(ALIAS, key).get("alias_name") or "Inactive Alias"),
)
