"""The company of the `demo` seed: a small trading firm that works with the database already."""

from typing import Any

from crossdock_odoo.sandbox import records
from crossdock_odoo.sandbox.access import group_id
from crossdock_odoo.sandbox.environment import ADMIN, Env

PEOPLE = (
    ("Анна Петрова", "anna.petrova@romashka.example", "sales_team.group_sale_manager"),
    ("Иван Сидоров", "ivan.sidorov@romashka.example", "sales_team.group_sale_salesman_all_leads"),
)
_QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}
_QUIET |= {"mail_auto_subscribe_no_notify": True, "no_reset_password": True}


def fill(env: Env) -> None:
    """Write people, contacts, a lead and a rule that acts on new contacts and leads."""
    quiet = Env.of(env.db, ADMIN, _QUIET).sudo()
    _company(quiet)
    users = [_user(quiet, *person) for person in PEOPLE]
    tags = records.create(
        quiet, "res.partner.category", [{"name": "VIP", "color": 1}, {"name": "Partner", "color": 2}]
    )
    records.create(quiet, "crm.tag", [{"name": "Опт", "color": 3}])
    airbnb, north = records.create(
        quiet,
        "res.partner",
        [
            {
                "name": "Airbnb",
                "is_company": True,
                "website": "https://airbnb.com",
                "email": "hello@airbnb.com",
            },
            {"name": "Северный ветер", "is_company": True, "email": "info@sever.example"},
        ],
    )
    records.write(quiet, "res.partner", [airbnb], {"category_id": [[6, 0, [tags[1]]]], "user_id": users[0]})
    records.create(
        quiet,
        "res.partner",
        [
            {"name": "Brian Chesky", "parent_id": airbnb, "email": "brian@airbnb.com", "function": "CEO"},
            {"name": "Ольга Орлова", "parent_id": north, "email": "olga@sever.example"},
        ],
    )
    lead: dict[str, Any] = {"name": "Поставка чая", "type": "opportunity", "partner_id": north}
    lead |= {"expected_revenue": 150000.0, "user_id": users[1]}
    records.create(quiet, "crm.lead", [lead])
    _rules(quiet)


def _company(env: Env) -> None:
    records.write(env, "res.partner", [1], {"name": "Ромашка"})
    rouble = next(key for key, row in env.store.rows["res.currency"].items() if row.get("name") == "RUB")
    env.store.put("res.currency", rouble, {**env.row("res.currency", rouble), "active": True})
    env.store.put("res.company", 1, {**env.row("res.company", 1), "name": "Ромашка", "currency_id": rouble})


def _user(env: Env, name: str, mail: str, group: str) -> int:
    groups = [group_id(env, one) for one in ("base.group_user", "base.group_partner_manager", group)]
    vals = {"name": name, "login": mail, "email": mail, "groups_id": [[6, 0, groups]]}
    return records.create(env, "res.users", [vals])[0]


def _rules(env: Env) -> None:
    for model, label in (("res.partner", "Mark new contacts"), ("crm.lead", "Welcome new deals")):
        key = next(iter(env.store.links["ir.model", "model"][model]))
        action = {
            "name": label,
            "model_id": key,
            "state": "code",
            "usage": "base_automation",
            "type": "ir.actions.server",
        }
        server = records.create(env, "ir.actions.server", [action])
        vals = {
            "name": label,
            "model_id": key,
            "trigger": "on_create_or_write",
            "action_server_ids": [[6, 0, server]],
        }
        records.create(env, "base.automation", [vals])
