"""Ascora's own codes, which hold what its records hold anyway; every other one is a tenant's.

The lists are those of the vendor's guide as far as copies of it go: the groups of jobs, equipment and users
are cut off there, and the merge fields of document templates are known by their chapters alone.
"""

import re

_PERSON = "Name FirstName LastName Phone Fax Mobile AlternatePhone Email Number BN Notes SiteNotes"
_CONTACT = "FirstName LastName FullName Mobile Phone Email Fax Role"
_ADDRESS = "Line1 Line2 Line3 Suburb State Postcode Country"
_JOB = "Name Number Description WorkUndertaken AddressLine1 AddressLine2 Suburb Postcode State Country"


def _all(prefix: str, words: str) -> frozenset[str]:
    return frozenset(prefix + word for word in words.split())


STANDARD = (
    _all("SiteCustomer", _PERSON)
    | _all("SiteContact", _CONTACT)
    | _all("SiteAddress", _ADDRESS)
    | _all("BillingCustomer", _PERSON)
    | _all("BillingContact", _CONTACT)
    | _all("BillingAddress", _ADDRESS)
    | _all("Job", _JOB)
    | {"CareOfBillingName"}
)
"""Codes that the vendor's guide lists."""

_LIKE_ONE = re.compile(
    r"(?:Site|Billing|Job|Quote|Quotation|Invoice|PurchaseOrder|Scheduler|Company|AssignedUser|User|Equipment|"
    r"Customer)(?:[A-Z][A-Za-z0-9]*)+"
)


def group_of(code: str, *, merge: bool) -> str:
    """Whether a code is `standard`, `probably standard`, `custom` or an `input` of the form.

    Standard codes have no blanks, custom fields keep theirs (documented). A merge field without a blank is
    taken for one of Ascora's own, as no list of them is to be had.
    """
    if code in STANDARD:
        return "standard"
    if " " in code:
        return "custom"
    if merge or _LIKE_ONE.fullmatch(code):
        return "probably standard"
    return "input"
