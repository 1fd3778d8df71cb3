"""What is different in the series 19, as far as the sandbox plays it (public change notes, not measured).

The groups of a user are `group_ids` instead of `groups_id`, the users of a group `user_ids` instead of
`users`; a group has no `category_id`, contacts and leads have no `mobile`. Every model names the argument of
`default_get` alike (`methods`; by its public source). Everything else is as in 18.
"""

from copy import copy

from crossdock_odoo.sandbox.catalog import Catalog

RENAMED = {("res.users", "groups_id"): "group_ids", ("res.groups", "users"): "user_ids"}
_HIDDEN = (("res.groups", "category_id"),)
_GONE = (("res.partner", "mobile"), ("crm.lead", "mobile"))


def turn_into(catalog: Catalog, version: int) -> None:
    """Change the schema of 18 into that of a later series."""
    if version < 19:
        return
    for model, name in _GONE:
        if model in catalog.models:
            catalog.models[model].fields.pop(name, None)
            catalog.models["res.users"].fields.pop(name, None)
    for (model, old), new in RENAMED.items():
        fields = catalog.models[model].fields
        made = copy(fields[old])
        made.name, made.store, made.computed = new, False, True
        made.extra = {**made.extra, "store": True, "sortable": False, "groupable": True}
        fields[old].hidden = True
        fields[new] = made
    for model, name in _HIDDEN:
        catalog.models[model].fields[name].hidden = True
