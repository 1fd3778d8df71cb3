"""Which models are objects of the destination, and what Odoo's own metadata does not say of their fields.

Models of crm, mail, project and hr were measured on 18.0; those of product, purchase and sale, and all
other versions, are assumed.
"""

from collections.abc import Container, Mapping
from typing import Any

KEY_FIELD = "x_crossdock_key"
KEY_LABEL = "Crossdock key"

LOADABLE = (
    "res.partner",
    "res.partner.category",
    "res.users",
    "crm.lead",
    "crm.stage",
    "crm.team",
    "crm.tag",
    "crm.lost.reason",
    "project.project",
    "project.task",
    "project.task.type",
    "project.tags",
    "hr.employee",
    "hr.department",
    "hr.job",
    "mail.message",
    "mail.activity",
    "mail.activity.type",
    "ir.attachment",
    "product.template",
    "product.product",
    "purchase.order",
    "purchase.order.line",
    "sale.order",
    "sale.order.line",
    "res.country",
    "res.country.state",
    "res.company",
    "res.groups",
    "res.currency",
)
"""Models that records are loaded into or matched in, where the module is installed; and every `x_` one."""

MATCH_ONLY = frozenset({"res.country", "res.country.state", "res.company", "res.groups", "res.currency"})
"""Models that are found, and never made by a migration."""

OWNED_BY = {"ir.attachment": "res_model", "mail.message": "model", "mail.activity": "res_model_id"}
"""Models whose records lie with a record of any model -> the column that names that model."""

OWNER_PREFIX = "on_"

OF_PRODUCTS = frozenset({"purchase.order.line", "sale.order.line"})
"""Models whose `product_id` is a variant, while a migrated product is its template (assumed, as are
all of products, sales and purchases: they were tried on the sandbox only)."""

INDIRECT = frozenset({"author", "variant"})
"""Kinds of reference fields whose column holds another record than the one that they lead to."""

KEPT_THOUGH_READ_ONLY = {
    "crm.lead": frozenset({"date_open", "date_closed", "date_last_stage_update", "date_conversion"}),
    "project.task": frozenset({"date_end", "date_assign", "date_last_stage_update"}),
    "mail.activity": frozenset({"date_done"}),
}
"""Fields that forms show read-only and a load can write (measured on 18.0)."""

UNSTORED = {
    "ir.attachment": frozenset({"datas"}),
    "product.product": frozenset(
        {
            "name",
            "list_price",
            "type",
            "categ_id",
            "description",
            "description_sale",
            "sale_ok",
            "purchase_ok",
        }
    ),
    "res.users": frozenset({"name", "email", "phone", "mobile", "function", "lang", "tz"}),
    "res.groups": frozenset({"full_name"}),  # computed, and searched by what it is made of (measured on 18.0)
}
"""Fields kept in another record that can be written like own ones; all other unstored ones are left out."""

UNIQUE = {
    "crm.tag": frozenset({"name"}),
    "project.tags": frozenset({"name"}),
    "res.users": frozenset({"login"}),
}

REQUIRED = {"res.partner": frozenset({"name"}), "hr.employee": frozenset({"name"})}
"""Fields that the database demands although the model does not say so (measured on 18.0)."""

FILLED = {
    "crm.lead": frozenset({"date_open", "date_closed", "date_last_stage_update"}),
    "crm.team": frozenset({"alias_id"}),
    "hr.employee": frozenset({"work_contact_id", "resource_calendar_id", "resource_id", "image_1920", "tz"}),
    "ir.attachment": frozenset({"mimetype", "name"}),
    "mail.activity": frozenset({"date_done"}),
    "mail.message": frozenset(
        {
            "author_id",
            "email_from",
            "message_id",
            "record_name",
            "reply_to",
            "subject",
            "is_internal",
            "subtype_id",
        }
    ),
    # Products and purchases: assumed.
    "product.product": frozenset({"product_tmpl_id", "categ_id", "uom_id", "uom_po_id"}),
    "product.template": frozenset({"categ_id", "uom_id", "uom_po_id"}),
    "purchase.order": frozenset({"name", "company_id", "currency_id", "date_order", "user_id"}),
    "purchase.order.line": frozenset({"product_uom", "date_planned", "taxes_id", "product_qty"}),
    "project.project": frozenset({"alias_id", "access_token", "type_ids", "account_id"}),
    # A task outside of a project is given to the key's user as well (measured on 18.0).
    "project.task": frozenset(
        {"date_end", "date_assign", "date_last_stage_update", "access_token", "user_ids"}
    ),
    "res.partner": frozenset({"lang", "vat", "company_registry", "industry_id"}),
    "res.users": frozenset({"company_ids", "partner_id", "image_1920", "share", "notification_type"}),
}
"""Fields that the server fills by itself though no default says so (by its code and measured on 18.0)."""

SUPPRESSED = {
    "crm.lead": ("user_id",),
    "project.project": ("user_id",),
    "project.task.type": ("user_id",),  # a stage of somebody is a personal one, which he must not run out of
    "res.partner": ("lang", "tz"),
    "res.users": ("lang", "tz"),
}
"""Fields that the server would fill with the user, language or zone of the key: left empty instead."""

HIDDEN = frozenset(
    {
        "access_token",
        "access_url",
        "parent_path",
        "password",
        "new_password",
        "totp_secret",
        "signup_token",
        "email_normalized",
        "phone_sanitized",
        "html_field_history",
        "duration_tracking",
        "db_datas",
        "store_fname",
        "index_content",
        "raw",
        "message_bounce",
        "last_time_entries_checked",
        "additional_info",
        "calendar_last_notif_ack",
        "channel_ids",
        "date_automation_last",
        "email_layout_xmlid",
        "favorite_user_ids",
        "iap_enrich_done",
        "lead_mining_request_id",
        "mail_server_id",
        "meeting_ids",
        "notified_partner_ids",
        "partner_gid",
        "personal_stage_type_ids",
        "record_alias_domain_id",
        "reveal_id",
        "signup_type",
        "starred_message_ids",
        "starred_partner_ids",
    }
)
"""Fields that hold the server's own bookkeeping, or secrets."""

EMAILS = frozenset({"email", "email_from", "work_email", "private_email"})
PHONES = frozenset({"phone", "mobile", "partner_phone", "work_phone", "mobile_phone", "private_phone"})
LINKS = frozenset({"website"})
PLAIN_TEXT = {"mail.message": frozenset({"email_from", "reply_to"})}
"""Fields with the name of an e-mail field that hold `Name <address>`."""

ADDRESS_PARTS = ("street", "street2", "city", "zip", "state_id", "country_id")
WITH_ADDRESS = frozenset({"res.partner"})
"""Models whose address is one field `address`: its columns are read alone, and written as a whole."""


def is_loadable(model: str) -> bool:
    """Whether records of a model can be objects of this destination."""
    return model in LOADABLE or model.startswith("x_")


def owner_field(model: str) -> str:
    """The name of the field that links an attachment, message or activity to a record of `model`."""
    return OWNER_PREFIX + model


def holds_key(metadata: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether records of a model with these fields have a place of their own for an external id.

    A user shows that of its contact as if it were its own (measured on 18.0).
    """
    return bool(metadata.get(KEY_FIELD, {}).get("store"))


def active_field(columns: Container[str]) -> str:
    """The field by which records of a model are archived, "" if it has none.

    A model that was made through the interface has it under the second name (measured on 18.0).
    """
    return next((name for name in ("active", "x_active") if name in columns), "")
