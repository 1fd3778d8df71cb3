"""The demo tenant as its API shows it: customers with sites, contacts, jobs, quotes, unsent invoices.

Odd records are there on purpose: a job whose site is gone, a section, a status of the tenant's own, U+0000
and half a character in a text, two contacts with one e-mail address, a won quote without a job.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from crossdock_ascora.sandbox import demowords as words
from crossdock_ascora.sandbox.shapes import key

Json = dict[str, Any]

JOBS, QUOTES = 96, 40
_START = datetime(2024, 2, 5, 8, 30, tzinfo=UTC)
_PRIVATE = "Residential"


def company() -> dict[str, list[Json]]:
    """Everything, in the form of `/_seed`."""
    return {
        "customers": list(customers()),
        "contacts": contacts(),
        "jobs": list(jobs()),
        "quotes": list(quotes()),
        "invoices": [invoice for invoice in invoices() if invoice["invoiceNumber"] >= "INV-5060"],
        "suppliers": [
            {"supplierNumber": f"S{n}", "name": name, "emailAddress": f"orders@supplier{n}.example"}
            for n, name in enumerate(("Reece Copy Pty Ltd", "Tradelink Copy", "Middy's Copy"), 1)
        ],
        "supplies": [
            {
                "partNumber": f"P-{100 + n}",
                "description": f"{kind} {make} {model}",
                "unitCostExTax": 100 + n * 12.5,
                "unitSellExTax": 140 + n * 17.25,
                "isTaxable": True,
                "defaultSupplier": {"id": key("suppliers", "S1"), "name": "Reece Copy Pty Ltd"},
            }
            for n, (kind, make, model) in enumerate(words.EQUIPMENT, 1)
        ],
        "kits": [{"partNumber": "K-1", "description": "Bathroom rough-in", "unitSellExTax": 1250}],
        "labour": [
            {"jobNumber": job["jobNumber"], "labours": [{"roleName": "Plumber", "numberOfHours": "2.5"}]}
            for job in jobs()[:3]
        ],
    }


def stamp(days: int, minutes: int = 0) -> str:
    """A time without a zone, as lists have it."""
    return (_START + timedelta(days=days, minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S")


def mobile(number: int) -> str:
    """A mobile number that rings nowhere."""
    return f"0491 57{number % 10} {100 + number % 900:03d}"


def landline(number: int) -> str:
    """A number of the fixed network that rings nowhere."""
    return f"(02) 5550 {1000 + number:04d}"


def place(number: int, prefix: str = "street") -> Json:
    """An address."""
    suburb, postcode = words.SUBURBS[number % len(words.SUBURBS)]
    line = f"{number * 3 + 1} {words.STREETS[number % len(words.STREETS)]}"
    if prefix:
        parts = {
            "Line1": line,
            "Suburb": suburb,
            "Postcode": postcode,
            "State": "NSW",
            "Country": "Australia",
        }
        return {prefix + part: text for part, text in parts.items()}
    return {
        "addressLine1": line,
        "suburb": suburb,
        "postcode": postcode,
        "state": "NSW",
        "country": "Australia",
    }


def link(item: Json, kind: str = "customer") -> Json:
    """`{id, name}` of a record."""
    return {"id": item[f"{kind}Id"], "name": item.get(f"{kind}Name") or ""}


@cache
def customers() -> tuple[Json, ...]:
    """Businesses, their sites, private customers."""
    made: list[Json] = []
    for number, (name, host, sites) in enumerate(words.BUSINESSES, 1):
        first, last = words.FIRST[number % 12], words.LAST[number % 12]
        business = _customer(f"C{number:03d}", name, number) | {
            "companyName": name if number % 3 else "",
            "contactFirstName": first if number % 4 else "Pat",
            "contactLastName": last if number % 4 else "Keeper",
            "emailAddress": f"office@{host}",
            "phoneNumber": landline(number),
            "customerType": {"id": key("type", 1), "name": "Commercial "} if number % 2 else None,
            "onHold": number == 9,
            "customFields": [{"fieldName": "Payment Terms", "fieldValue": f"{14 if number % 2 else 30}"}],
        }
        made.append(business)
        made += [_site(business, f"{number:03d}-{n}", number * 7 + n) for n in range(1, sites + 1)]
    for number, name in enumerate(words.PERSONS, 1):
        first, _, last = name.partition(" ")
        made.append(
            _customer(f"P{number:03d}", name, 40 + number)
            | {
                "contactFirstName": first,
                "contactLastName": last,
                "emailAddress": f"{first.lower().replace('é', 'e')}.{number}@gmail.com" if number % 6 else "",
                "mobileNumber": mobile(number),
                "customerType": {"id": key("type", 2), "name": _PRIVATE} if number % 3 == 0 else None,
                "leadSource": {"id": key("lead", 1), "name": "Word of mouth"} if number % 4 == 0 else None,
            }
        )
    return tuple(made)


def _customer(number: str, name: str, place_number: int) -> Json:
    user = words.USERS[place_number % 3]
    return {
        "customerId": key("customers", number),
        "customerNumber": number,
        "customerName": name,
        "assignedUser": {"id": key("users", user[0]), "name": user[1]},
        **place(place_number),
    }


def _site(business: Json, number: str, place_number: int) -> Json:
    where = place(place_number)
    return _customer(
        f"S{number}", f"{business['customerName'].split()[0]} {where['streetLine1']}", place_number
    ) | {
        "billingCustomer": link(business),
        "contactFirstName": words.FIRST[place_number % 12],
        "contactLastName": "(on site)",
        "mobileNumber": mobile(place_number),
        "assignedUser": None,
    }


@cache
def _contacts() -> tuple[Json, ...]:
    made: list[Json] = []
    businesses = [c for c in customers() if c["customerNumber"].startswith("C")]
    for number, business in enumerate(businesses, 1):
        for n in range(1 + number % 2):
            first, last = words.FIRST[(number + n * 5) % 12], words.LAST[(number + n * 3) % 12]
            host = business["emailAddress"].partition("@")[2]
            made.append(
                {
                    "contactId": key("contacts", number, n),
                    "customerId": business["customerId"],
                    "firstName": first,
                    "lastName": last,
                    "emailAddress": f"{first.lower()}.{last.lower()}@{host}",
                    "mobileNumber": mobile(200 + number * 2 + n),
                    "defaultContact": n == 0,
                    "contactRole": "Accounts" if n else "Manager",
                }
            )
    made[-1]["emailAddress"] = made[0]["emailAddress"]  # two people, one address
    person = customers()[-1]
    made.append(
        {
            "contactId": key("contacts", "self"),
            "customerId": person["customerId"],
            "firstName": person["contactFirstName"],
            "lastName": person["contactLastName"],
            "defaultContact": True,
        }
    )
    return tuple(made)


def contacts() -> list[Json]:
    """People of the businesses, and a person who is a customer."""
    return list(_contacts())


@cache
def jobs() -> tuple[Json, ...]:
    """Jobs over everybody, the newest last."""
    everybody = customers()
    billed = {c["customerId"]: c for c in everybody}
    made = []
    for number in range(1, JOBS + 1):
        site = everybody[number * 5 % len(everybody)]
        payer = billed[(site.get("billingCustomer") or {"id": site["customerId"]})["id"]]
        status = words.STATUSES[number % len(words.STATUSES)]
        name, text = words.WORKS[number % len(words.WORKS)]
        amount = 0 if number % 4 == 0 else 180 + number * 37.35
        made.append(
            {
                "jobId": key("jobs", number),
                "jobNumber": f"J{1000 + number}",
                "jobName": name if number % 7 else "",
                "jobDescription": text,
                "workUndertaken": "Done and tested." if status in ("Completed", "Closed") else "",
                "jobStatus": words.STATUSES.index(status),
                "jobStatusText": status,
                "dateCreated": stamp(number * 4, number * 3),
                "completedDate": stamp(number * 4 + 3) + "Z" if status in ("Completed", "Closed") else None,
                "totalExTax": round(amount, 2),
                "totalIncTax": round(amount * 1.1, 2),
                "jobType": {"id": key("type", "job"), "name": "Standard Job"},
                "siteCustomer": link(site),
                "billingCustomer": link(payer),
                "siteContact": _contact_of(payer) if number % 2 else None,
                "customFields": _fields(number),
                **place(number, ""),
            }
        )
    _odd(made)
    return tuple(made)


def _contact_of(payer: Json) -> Json | None:
    found = next((c for c in _contacts() if c["customerId"] == payer["customerId"]), None)
    return {"id": found["contactId"], "name": f"{found['firstName']} {found['lastName']}"} if found else None


def _fields(number: int) -> list[Json] | None:
    if number % 3 == 0:
        return None
    given = {
        "Roof Type": words.ROOFS[number % 3],
        "Access Code": f"{number * 17 % 10000:04d}",
        "Storeys": str(1 + number % 3),
        "Inspection Date": f"{1 + number % 28:02d}/{1 + number % 12:02d}/2024",
        "Asbestos Checked": "Yes" if number % 2 else "No",
    }
    return [{"fieldName": name, "fieldValue": value} for name, value in given.items()]


def _odd(made: list[Json]) -> None:
    made[4]["siteCustomer"] = {"id": key("customers", "gone"), "name": "Boatshed (sold)"}
    made[6]["jobDescription"] = "Text from a phone\0 with half a character \ud83d in it."
    made[8] |= {"jobStatus": 11, "jobStatusText": "Awaiting Parts"}
    made[10] |= {"jobNumber": "J1010-01", "topLevelJobNumber": "J1010", "jobName": "Stage 1"}
    made[12]["totalExTax"] = "652.75"  # numbers come as text now and then


@cache
def quotes() -> tuple[Json, ...]:
    """Quotes; most led to a job (which only an export says)."""
    made = []
    for number in range(1, QUOTES + 1):
        job = jobs()[number * 2]
        status = ("WON", "SENT-TO-CUSTOMER", "WON", "IN-PROGRESS", "LOST")[number % 5]
        amount = 250 + number * 61.2
        made.append(
            {
                "quoteId": key("quotes", number),
                "quoteNumber": f"Q{2000 + number}",
                "quoteName": job["jobName"] or "Works",
                "quoteDescription": job["jobDescription"].replace("\0", "").replace("\ud83d", ""),
                "quoteStatus": number % 5,
                "quoteStatusText": status,
                "quotationDate": stamp(number * 8),
                "totalExTax": round(amount, 2),
                "totalIncTax": round(amount * 1.1, 2),
                "siteCustomer": job["siteCustomer"],
                "billingCustomer": job["billingCustomer"],
                **{name: text for name, text in place(number * 2, "").items() if name != "state"},
            }
        )
    made[2]["childQuotes"] = [
        {"quoteNumber": "Q2003-01", "quoteName": "Stage 1", "totalExTax": 200},
        {"quoteNumber": "Q2003-02", "quoteName": "Stage 2", "totalExTax": 233.6},
    ]
    return tuple(made)


def quoted_job(number: int) -> Json | None:
    """The job that a quote led to: won ones have one, but for the odd one that nobody knows."""
    return jobs()[number * 2] if quotes()[number - 1]["quoteStatusText"] == "WON" and number != 20 else None


@cache
def invoices() -> tuple[Json, ...]:
    """The whole history of invoices; the API shows the last of them alone."""
    made = []
    done = [job for job in jobs() if job["jobStatusText"] in ("Completed", "Closed", "Ready To Invoice")]
    for number, job in enumerate((*done, *done), 1):
        hours, price = 1 + number % 4, 120 + number * 2.5
        lines = [
            _line("P-101", f"Parts for {job['jobNumber']}", 2, 45.5, "material"),
            _line("", f"Checked in on job {job['jobNumber']}", hours, price, "labour"),
        ]
        made.append(
            {
                "id": key("invoices", number),
                "invoiceNumber": f"INV-{5000 + number}",
                "invoiceDate": stamp(30 + number * 5),
                "jobId": job["jobId"],
                "invoiceLines": lines,
            }
        )
    return tuple(made)


def _line(code: str, description: str, quantity: float, price: float, kind: str) -> Json:
    return {
        "itemCode": code,
        "description": description,
        "quantity": quantity,
        "unitAmountExTax": price,
        "amountExTax": round(quantity * price, 2),
        "invoiceLineType": kind,
    }
