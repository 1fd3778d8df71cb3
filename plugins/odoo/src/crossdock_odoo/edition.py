"""What edition, plan, modules, version and rights of a database allow: said before anything is written.

Odoo has no interface that says its plan. What can be known: which modules are installed, whether the
web client is that of Enterprise, when a subscription ends, and what the key's user may do. Community 18.0
was measured; Enterprise, hosted databases and all other versions are documented or assumed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crossdock.model import ObjectSchema
from crossdock_odoo.answers import RefusalError, RightsError
from crossdock_odoo.client import OdooClient
from crossdock_odoo.objects import MATCH_ONLY
from crossdock_odoo.plan import Addition

Version = tuple[int, int]

LIST_VIEW = "list_view"
GROUPS = "groups"
GROUP_USERS = "group_users"
ACCESS = "access"
CHATTER = "chatter"
TASK_STATE = "task_state"

DIFFERENCES: Mapping[str, tuple[tuple[int, str], ...]] = {
    LIST_VIEW: ((16, "tree"), (18, "list")),  # 18 measured: `tree` is refused; before it documented
    GROUPS: ((16, "groups_id"), (19, "group_ids")),  # of a user; 18 measured, 19 documented
    GROUP_USERS: ((16, "users"), (19, "user_ids")),  # of a group; 18 measured, 19 documented
    ACCESS: ((16, "check_access_rights"), (18, "has_access")),  # 18 measured, before it documented
    CHATTER: ((16, "div"), (18, "chatter")),  # the tag in a form; 18 measured, before it documented
    TASK_STATE: ((16, "kanban_state"), (17, "state")),  # of a task; 18 measured, 16 documented
}
"""What is called otherwise in other major versions: the first version that has a name, and the name."""

FIELDS_GONE: Mapping[tuple[str, str], int] = {
    ("res.partner", "mobile"): 19,
    ("res.partner", "title"): 19,
    ("crm.lead", "mobile"): 19,
    ("crm.lead", "title"): 19,
}
"""Fields that mappings for 18 use, and the first version without them (documented; assumed for saas)."""

APPS: Mapping[str, str] = {
    "crm.": "crm",
    "project.": "project",
    "hr.": "hr",
    "sale.": "sale_management",
    "purchase.": "purchase",
    "product.": "product",
    "mail.": "mail",
    "base.automation": "base_automation",
}
"""How the models of an app begin, and its module."""

_WATCHED = (
    *("crm", "project", "hr", "base_automation", "web_enterprise", "web_studio", "contacts", "mail"),
    *("approvals", "marketing_automation"),
)
_HOSTED = (".odoo.com", ".odoo.sh")
_MAKERS = ("ir.model", "ir.model.fields", "ir.ui.view", "ir.actions.act_window", "ir.ui.menu")
_EXPIRY = "database.expiration_date"  # of an Enterprise subscription (documented)


def since(what: str, version: Version) -> str:
    """What it is called in that version. Raises KeyError for something that is called the same everywhere."""
    names = [name for first, name in DIFFERENCES[what] if version[0] >= first]
    return names[-1] if names else DIFFERENCES[what][0][1]


def app_of(model: str) -> str:
    """The module that brings a model, "" for one that every database has."""
    return next((module for start, module in APPS.items() if model.startswith(start)), "")


@dataclass(frozen=True, slots=True)
class Edition:
    """A database as far as it says. `modules`: the installed ones of those that matter here."""

    version: Version
    server: str
    enterprise: bool
    modules: frozenset[str]
    hosted: bool
    expires: str = ""

    @property
    def name(self) -> str:
        """`Odoo 18.0 Community`."""
        return f"Odoo {self.version[0]}.{self.version[1]} {'Enterprise' if self.enterprise else 'Community'}"


def examine(client: OdooClient) -> Edition:
    """Ask a database what it is. Every internal user may read the list of modules (measured)."""
    domain = [["name", "in", list(_WATCHED)], ["state", "=", "installed"]]
    try:
        found = {row["name"] for row in client.search_read("ir.module.module", domain, ["name"])}
    except RightsError:
        found = set()
    enterprise = "web_enterprise" in found or "+e" in client.server_version
    hosted = client.host.partition(":")[0].endswith(_HOSTED)
    return Edition(
        client.version, client.server_version, enterprise, frozenset(found), hosted, _expiry(client)
    )


def notes(edition: Edition) -> tuple[str, ...]:
    """What is to be known of this database, in sentences, for the catalog."""
    said = [f"{edition.name} (version {edition.server})."]
    if edition.version[0] != 18:
        said.append(
            f"Odoo {edition.version[0]} was not measured; what is known of it is documented or assumed."
        )
    for model, module in (("crm.lead", "crm"), ("project.project", "project"), ("hr.employee", "hr")):
        if module not in edition.modules:
            said.append(f"The app {module} is not installed: there is no {model}, and no field on it.")
    if edition.hosted:
        said.append("A hosted database allows the external interface on the Custom plan only (documented).")
    if edition.expires:
        said.append(f"The subscription of this database ends on {edition.expires}.")
    if "web_studio" in edition.modules:
        said.append("Fields that Studio made stay without it, but only Studio or a developer can edit them.")
    said.append(
        "Custom fields belong to no app and stay in any edition; those on a model of an app go with the app"
        " when it is uninstalled."
    )
    return tuple(said)


def problems(
    client: OdooClient, edition: Edition, wanted: Sequence[ObjectSchema], additions: Sequence[Addition] = ()
) -> tuple[str, ...]:
    """What will not be allowed: missing apps, fields that this version has no more, and missing rights.

    `wanted`: what provision is asked for. `additions`: what would have to be made, so that nothing is asked
    of a key that finds all in place.
    """
    said = _missing_apps(edition, wanted)
    new = {a.target for a in additions if a.kind == "model"}
    for item in wanted:
        if item.name not in {*new, *MATCH_ONLY} and not app_missing(edition, item.name):
            said += _rights(client, item.name)
    if additions:
        refused = [model for model in _MAKERS if not _may(client, model, "create")]
        if refused:
            said.append(
                f"The key's user may not add to the schema ({', '.join(refused)}): it needs the access right"
                " Administration / Settings while the schema is provisioned."
            )
    return tuple(said)


def irremovable(client: OdooClient, models: Sequence[str]) -> tuple[str, ...]:
    """A note on the objects whose records the key may make and not delete; none if there are no such."""
    kept = [model for model in models if not _may(client, model, "unlink")]
    if not kept:
        return ()
    return (
        f"The key may not delete records of {', '.join(kept)}: what a run makes there cannot be rolled back.",
    )


def app_missing(edition: Edition, model: str) -> bool:
    """Whether a model cannot be there because its app is not installed."""
    module = app_of(model)
    return module in ("crm", "project", "hr") and module not in edition.modules


def _missing_apps(edition: Edition, wanted: Sequence[ObjectSchema]) -> list[str]:
    said = [
        f"{item.name}: the app {app_of(item.name)} is not installed. Install it, or choose another object."
        for item in wanted
        if app_missing(edition, item.name)
    ]
    for item in wanted:
        for one in item.fields:
            gone = FIELDS_GONE.get((item.name, one.name))
            if gone is not None and edition.version[0] >= gone:
                said.append(f"{item.name}.{one.name}: Odoo has no such field from version {gone} on.")
    return said


def _rights(client: OdooClient, model: str) -> list[str]:
    refused = [operation for operation in ("read", "create", "write") if not _may(client, model, operation)]
    if not refused:
        return []
    return [
        f"{model}: the key's user may not {', '.join(refused)} its records;"
        " give it the right, or leave the object out."
    ]


def _may(client: OdooClient, model: str, operation: str) -> bool:
    try:
        return client.may(model, operation)
    except RefusalError:
        return False


def _expiry(client: OdooClient) -> str:
    """When the subscription ends, "" if the database does not say or the key may not read it."""
    try:
        rows = client.search_read("ir.config_parameter", [["key", "=", _EXPIRY]], ["value"])
    except RefusalError:
        return ""
    return str(rows[0]["value"]).partition(" ")[0] if rows else ""
