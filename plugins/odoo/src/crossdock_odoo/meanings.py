"""What Odoo's own fields mean where their names say something else: for the proposal of a mapping.

By `model.field` the concept of the core's vocabulary. Documented for 18.0: the title of a partner is a form
of address, `company_id` is whose database record it is, `company_type` asks whether it is a company.
"""

from collections.abc import Mapping

_OF_EACH = {"company_id": "own_company", "user_id": "owner"}
_MODELS = ("res.partner", "crm.lead", "sale.order", "product.template", "project.project", "account.move")

MEANINGS: Mapping[str, str] = {
    **{f"{model}.{field}": concept for model in _MODELS for field, concept in _OF_EACH.items()},
    "project.task.company_id": "own_company",
    "res.partner.title": "salutation",
    "res.partner.function": "job_title",
    "res.partner.company_type": "is_company",
    "res.partner.is_company": "is_company",
    "res.partner.company_name": "company_name",
    "res.partner.company_registry": "registration_number",
    "res.partner.parent_id": "ref_company",
    "res.partner.ref": "reference",
    "res.partner.vat": "tax_id",
    "res.partner.type": "address_type",
    "res.partner.category_id": "tags",
    "res.partner.comment": "description",
    "crm.lead.title": "salutation",
    "crm.lead.function": "job_title",
    "crm.lead.name": "name",
    "crm.lead.contact_name": "full_name",
    "crm.lead.partner_name": "company_name",
    "crm.lead.partner_id": "ref_customer",
    "crm.lead.type": "is_converted",
    "crm.lead.referred": "referred_by",
    "crm.lead.date_deadline": "close_date",
    "product.template.default_code": "sku",
    "product.template.list_price": "price",
    "product.template.standard_price": "cost",
}
"""`model.field` -> concept."""
