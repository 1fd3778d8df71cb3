"""Whole records of short ones: every key that an answer has, with what an empty record holds.

The keys of customers and jobs are those of captured events; of the others, those that clients read. The
list of quotes leaves out status in words and sections, which only the answer about one quote has (as two
clients' schemas differ).
"""

import uuid
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

NAMESPACE = uuid.UUID("2d0f5a6e-7c1b-5f0a-8d0e-6a9d3f6b41c7")
"""Namespace of the deterministic ids of this sandbox."""

_STREET = ("streetLine1", "streetLine2", "streetSuburb", "streetPostcode", "streetState", "streetCountry")
_POSTAL = tuple(name.replace("street", "postal") for name in _STREET)
_PLACE = {
    "addressLine1": "",
    "addressLine2": "",
    "suburb": "",
    "state": None,
    "postcode": "",
    "country": "Australia",
}

EMPTY: Mapping[str, Json] = {
    "customers": {
        **dict.fromkeys(
            (
                *("customerNumber", "customerName", "companyName", "contactFirstName", "contactLastName"),
                *("emailAddress", "phoneNumber", "mobileNumber", *_STREET, *_POSTAL),
            ),
            "",
        ),
        "onHold": False,
        "billingCustomerOnHold": False,
        "streetLongitude": None,
        "streetLatitude": None,
        **dict.fromkeys(("customerType", "leadSource", "billingCustomer", "assignedUser", "customFields")),
    },
    "contacts": {
        **dict.fromkeys(
            ("firstName", "lastName", "emailAddress", "phoneNumber", "mobileNumber", "faxNumber"), ""
        ),
        "customerId": None,
        "defaultContact": False,
        "contactRole": "",
    },
    "jobs": {
        "topLevelJobNumber": None,
        **dict.fromkeys(("jobName", "jobDescription", "workUndertaken"), ""),
        "jobStatus": 0,
        "jobStatusText": "New",
        "dateCreated": "2024-01-01T09:00:00",
        "pricingMethod": "TIME-AND-MATERIALS",
        "totalIncTax": 0,
        "totalExTax": 0,
        "purchaseOrderNumber": "",
        "clientOrderNumber": "",
        **_PLACE,
        **dict.fromkeys(
            (
                *("latitude", "longitude", "jobType", "siteCustomer", "siteContact", "billingCustomer"),
                *("billingContact", "completedDate", "displayOrder", "customFields"),
            )
        ),
    },
    "quotes": {
        **dict.fromkeys(("quoteName", "quoteDescription", "purchaseOrderNumber", "clientOrderNumber"), ""),
        "quoteStatus": 0,
        "quoteStatusText": "IN-PROGRESS",
        "quotationDate": "2024-01-01T09:00:00",
        "totalIncTax": 0,
        "totalExTax": 0,
        "pricingMethod": "FIXED-PRICE",
        **{key: value for key, value in _PLACE.items() if key != "state"},
        **dict.fromkeys(("jobType", "siteCustomer", "billingCustomer")),
        "childQuotes": [],
    },
    "invoices": {"invoiceDate": "2024-01-01T09:00:00", "jobId": None, "invoiceLines": []},
}
"""What a record holds that nobody filled in."""


def key(*parts: object) -> str:
    """Give a deterministic id for the thing that the parts name."""
    return str(uuid.uuid5(NAMESPACE, ":".join(map(str, parts))))


def whole(kind: str, short: Mapping[str, Any]) -> Json:
    """Give the record with every key that it does not bring along."""
    return {**EMPTY.get(kind, {}), **short}
