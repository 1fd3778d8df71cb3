"""Values that a new record gets when none are given: from the context, the model's rules, the schema."""

from collections.abc import Iterable

from crossdock_odoo.sandbox.catalog import Model
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.registry import Values, rules
from crossdock_odoo.sandbox.userdefaults import user_defaults

_OWN_COMPANY = frozenset(
    {"hr.employee", "hr.department", "hr.job", "hr.work.location", "resource.resource", "resource.calendar"}
    | {"sale.order", "purchase.order", "res.users", "account.analytic.account", "ir.attachment"}
)


def company_of(env: Env) -> int:
    """The company of the caller."""
    return int(env.row("res.users", env.uid).get("company_id") or 1)


def defaults_for(env: Env, model: Model, names: Iterable[str]) -> Values:
    """The defaults of these fields; a field without one is left out."""
    chosen = _of_context(env) | user_defaults(env, model.name)
    own = rules(model.name).defaults
    found = {}
    for name in names:
        if name in chosen:
            value = chosen[name]
        elif name in own:
            value = own[name](env)
        elif name == "company_id" and model.name in _OWN_COMPANY:
            value = company_of(env)
        else:
            item = model.fields[name]
            value = None if item.inherited else item.default
        if value is not None:
            found[name] = value
    return found


def _of_context(env: Env) -> Values:
    return {
        name.removeprefix("default_"): value
        for name, value in env.context.items()
        if name.startswith("default_") and value is not None
    }
