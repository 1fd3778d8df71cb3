"""Whether a customer is a person or a business, and by what evidence. Nothing of it is kept silent.

Ascora has one kind of customer; what tells them apart stands here in the order in which it is believed.
Words and hosts are those of Australian trade; a person settles single ones in `customer_kinds`.
"""

import re
from dataclasses import dataclass

from crossdock_ascora.rows import fold

PERSON, BUSINESS = "PERSON", "BUSINESS"

FREE_MAIL = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "outlook.com.au",
        "hotmail.com",
        "hotmail.com.au",
        "live.com",
        "live.com.au",
        "msn.com",
        "yahoo.com",
        "yahoo.com.au",
        "ymail.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "proton.me",
        "protonmail.com",
        "bigpond.com",
        "bigpond.com.au",
        "bigpond.net.au",
        "optusnet.com.au",
        "iinet.net.au",
        "tpg.com.au",
        "internode.on.net",
        "dodo.com.au",
        "ozemail.com.au",
        "westnet.com.au",
        "adam.com.au",
        "netspace.net.au",
        "xtra.co.nz",
    ]
)
"""Hosts whose addresses say nothing of a company."""

_BUSINESS_TYPES = re.compile(
    r"commercial|business|company|corporate|strata|real estate|builder|government|council|school|industrial|"
    r"body corporate|property manager|insur|retail|trade",
    re.I,
)
_PRIVATE_TYPES = re.compile(r"residential|domestic|private|home ?owner|individual|person|tenant", re.I)
_BUSINESS_WORDS = re.compile(
    r"\b(pty|p/l|ltd|limited|inc|llc|co|corp|group|holdings|trust|services|solutions|constructions?|"
    r"builders?|building|plumbing|electrical|strata|body corporate|owners corporation|council|school|college|"
    r"university|church|club|hotel|motel|hospital|clinic|dental|medical|pharmacy|realty|real estate|property|"
    r"properties|developments?|engineering|enterprises|industries|supermarkets?|restaurant|cafe|café|association|"
    r"department|management|agency|partners|projects|australia|nsw|qld|vic)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a customer. `sites`: how many others name it as their billing customer."""

    name: str = ""
    company_name: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    customer_type: str = ""
    business_number: str = ""
    is_business: bool | None = None
    sites: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """PERSON or BUSINESS, why, and whether the evidence is more than a guess."""

    kind: str
    evidence: str
    sure: bool = True


def judge(facts: Facts, unclear: str = BUSINESS) -> Verdict:
    """The kind of a customer. `unclear`: what one is taken for of whom nothing says it."""
    person = fold(f"{facts.first_name} {facts.last_name}")
    company = fold(facts.company_name)
    if facts.is_business is not None:
        return Verdict(BUSINESS if facts.is_business else PERSON, "the flag in its row")
    if facts.business_number:
        return Verdict(BUSINESS, "it has a business number")
    if _BUSINESS_TYPES.search(facts.customer_type):
        return Verdict(BUSINESS, f"customer type {facts.customer_type!r}")
    if _PRIVATE_TYPES.search(facts.customer_type):
        return Verdict(PERSON, f"customer type {facts.customer_type!r}")
    if company and company != person:
        return Verdict(BUSINESS, "it has a company name")
    if found := _BUSINESS_WORDS.search(facts.name):
        return Verdict(BUSINESS, f"the word {found[0]!r} in its name")
    return _by_traces(facts, person, unclear)


def _by_traces(facts: Facts, person: str, unclear: str) -> Verdict:
    """What points one way without saying it."""
    host = mail_host(facts.email)
    if person and fold(facts.name) in (person, fold(f"{facts.last_name}, {facts.first_name}")):
        return Verdict(PERSON, "its name is that of its contact")
    if facts.sites:
        return Verdict(BUSINESS, f"it is billed for {facts.sites} sites", sure=False)
    if host and host not in FREE_MAIL:
        return Verdict(BUSINESS, f"its e-mail host {host} is no free one", sure=False)
    if host and (person or len(facts.name.split()) > 1):
        return Verdict(PERSON, "a name and a free e-mail address", sure=False)
    return Verdict(unclear, f"nothing says it: taken for a {unclear.lower()}", sure=False)


def mail_host(email: str) -> str:
    """The host of an e-mail address in lower case, "" for none."""
    _, at, host = email.strip().lower().rpartition("@")
    return host if at and "." in host else ""
