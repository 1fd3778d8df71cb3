"""What Twenty's own fields mean where their names say something else: for the proposal of a mapping.

By `object.field` the concept of the core's vocabulary (documented for the standard objects).
"""

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "company.accountOwner": "owner",
    "company.domainName": "website",
    "company.idealCustomerProfile": "ideal_customer",
    "company.annualRecurringRevenue": "annual_revenue",
    "person.company": "ref_company",
    "person.name": "full_name",
    "person.avatarUrl": "photo",
    "opportunity.pointOfContact": "ref_person",
    "opportunity.company": "ref_company",
    "opportunity.name": "name",
    "task.title": "name",
    "task.body": "description",
    "task.bodyV2": "description",
    "task.dueAt": "due_date",
    "note.title": "name",
    "note.body": "description",
    "note.bodyV2": "description",
}
"""`object.field` -> concept."""
