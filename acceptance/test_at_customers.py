"""AT01, AT02 and AT03: customers that are people, customers that are businesses, and sites."""

# ruff: noqa: N802 - a test is named after its row

from pathlib import Path
from typing import Any

from acceptance.destinations import Twenty
from acceptance.harness import Pair, Sandboxes, migrated, moved
from acceptance.slices import ANNA_MEMBER, IVAN_MEMBER, Json, Slice, key
from acceptance.sources.ascora import (
    ANNA_NAME,
    IVAN_NAME,
    OFFICE,
    artifacts,
    company,
    customer,
    fields,
    job,
    link,
    place,
    private,
    to_customer,
)

PAIR = "ascora-twenty"
RESIDENTIAL = link(key("type", "residential"), "Residential")


def person(number: int) -> Json:
    """A private customer, told by its type, by its contact, or by its e-mail address alone."""
    by = number % 3
    first, last = f"Ada {number}", "Moss"
    named = {"contactFirstName": first, "contactLastName": last}
    return customer("AT01", number, customerName=f"{first} {last}") | {
        "emailAddress": f"Ada.{number}@gmail.com" if by == 2 else f"ada.{number}@moss.example",
        "mobileNumber": f"0491 570 {100 + number}",
        "phoneNumber": f"(02) 5550 {1000 + number}",
        "customerType": RESIDENTIAL if by == 0 else None,
        "assignedUser": link(key("AT01", "user"), ANNA_NAME if number % 2 else IVAN_NAME),
        "customFields": fields({"Gate code": f"{number:04d}"}),
        **(named if by == 1 else {}),
        **place(number, "Moss Lane"),
    }


EVIDENCE = (
    "customer type 'Residential'",
    "its name is that of its contact",
    "a name and a free e-mail address",
)
PEOPLE = [
    *map(person, range(57)),
    person(57) | {"emailAddress": "ada at moss"},
    person(58) | {"emailAddress": "both@moss.example", "customerType": RESIDENTIAL},
    person(59) | {"emailAddress": "Both@moss.example", "customerType": RESIDENTIAL},
]
HELD = {key("AT01", "customer", n) for n in (57, 58, 59)}
PERSON_SLICE = Slice("AT01", {"customers": PEOPLE}, source="ascora")

# By what a business is known: its type, its company name, the host of its e-mail, a word in its name.
FLAGS: tuple[Json, ...] = (
    {"customerType": link(key("type", "commercial"), "Commercial ")},
    {"companyName": "Harbour Works"},
    {"contactFirstName": "Pat", "contactLastName": "Keeper"},
    {"customerName": "Harbour Pty Ltd"},
)
REASONS = (
    "customer type 'Commercial'",
    "it has a company name",
    "its e-mail host harbour-{n}.example is no free one",
    "the word 'Pty' in its name",
)
KNOWN = "c0ffee00-1111-4222-8333-0000000000a2"


def business(number: int) -> Json:
    """A business by one of the four signs."""
    return customer("AT02", number, customerName=f"Harbour {number}") | {
        "emailAddress": f"office@harbour-{number}.example",
        "phoneNumber": f"(02) 5550 {2000 + number}",
        "assignedUser": link(key("AT02", "user"), IVAN_NAME),
        "onHold": number == 5,
        **place(number, "Harbour Road"),
    } | {
        name: f"{value} {number}" if name == "customerName" else value
        for name, value in FLAGS[number % 4].items()
    }  # fmt: skip


BUSINESSES = [
    *map(business, range(52)),
    company("AT02", "mail", customerName="Free Mail Pty Ltd", emailAddress="freemail@gmail.com"),
    company("AT02", "one", customerName="One Roof Pty Ltd", emailAddress="one@roof.example"),
    company("AT02", "two", customerName="Two Roof Pty Ltd", emailAddress="two@roof.example"),
    company("AT02", "nameless", customerName="", companyName="", emailAddress="x@nameless.example"),
]


def known_company(destination: Twenty) -> None:
    """A company that people have there already, by another name."""
    domain = {"primaryLinkUrl": "https://harbour-4.example"}
    destination.ask("POST", "/rest/companies", {"id": KNOWN, "name": "Harbour (old)", "domainName": domain})


OWNERS = [company("AT03", f"owner {n}", emailAddress=f"office@owner-{n}.example") for n in range(6)]


def site(number: int) -> Json:
    """A site of one of six companies."""
    return customer("AT03", number, customerName=f"Warehouse {number}") | {
        "billingCustomer": to_customer("AT03", f"owner {number % 6}"),
        "contactFirstName": "Gate",
        "contactLastName": f"Keeper {number}",
        "mobileNumber": f"0491 571 {100 + number}",
        **place(number, "Dock Street"),
    }


SITES = [*map(site, range(54)), site(54) | {"customerName": ""}]
SITE_CONTACTS = [
    {
        "contactId": key("AT03", "contact", n),
        "customerId": key("AT03", "customer", n),
        "firstName": f"Mia {n}",
        "lastName": "Chen",
        "emailAddress": f"mia.{n}@dock.example",
        "contactRole": "Caretaker",
    }
    for n in range(12)
]
EQUIPMENT = [
    {
        "ID": f"AT03-E{n}",
        "CUSTOMER": f"AT03-{n}",
        "NAME": f"Pump {n}",
        "MAKE": "Acme",
        "MODEL": "P9",
        "SERIAL NUMBER": f"SN-{n}",
        "INSTALLED": "29/02/2020",
    }
    for n in range(20)
] + [{"ID": "AT03-E99", "CUSTOMER": "AT03-nowhere", "NAME": "Lost pump"}]
SITE_JOBS = [
    job("AT03", n, siteCustomer=to_customer("AT03", n), billingCustomer=to_customer("AT03", f"owner {n % 6}"))
    for n in range(54)
]
HOME = private("AT03", "home", emailAddress="home@moss.example", **place(7, "Home Street"))
SITE_SEED: dict[str, Any] = {
    "customers": [*OWNERS, *SITES, HOME],
    "contacts": SITE_CONTACTS,
    "jobs": SITE_JOBS,
}

SLICES = {
    "AT01": [OFFICE, PERSON_SLICE],
    "AT02": [OFFICE, Slice("AT02", {"customers": BUSINESSES}, known_company, source="ascora")],
    "AT03": [
        OFFICE,
        Slice("AT03", SITE_SEED, tables={"tables/Customers.xlsx": {"Equipment": EQUIPMENT}}, source="ascora"),
    ],
}


def test_AT01_private_customers_become_people(shared: Pair, record_property):
    found = shared.destination.ours("people", "customers")
    for n in range(57):
        row, by = found[key("AT01", "customer", n)], n % 3
        assert row["name"] == {"firstName": f"Ada {n}", "lastName": "Moss"}
        host = "gmail.com" if by == 2 else "moss.example"
        assert row["emails"]["primaryEmail"] == f"ada.{n}@{host}"
        assert row["phones"]["primaryPhoneCallingCode"] == "+61"
        assert row["phones"]["primaryPhoneNumber"] == f"25550{1000 + n}"
        assert [p["number"] for p in row["phones"]["additionalPhones"]] == [f"491570{100 + n}"]
        address = row["streetAddress"]
        assert (address["addressStreet1"], address["addressCity"]) == (f"{n} Moss Lane", "Manly")
        assert (address["addressPostcode"], address["addressState"]) == ("2095", "NSW")
        assert row["ownerId"] == (ANNA_MEMBER if n % 2 else IVAN_MEMBER)
        assert row["customerNumber"] == f"AT01-{n}"
        assert row["gateCode"] == f"{n:04d}"
        assert row["kindEvidence"] == EVIDENCE[by]
    assert not {key("AT01", "customer", n) for n in range(57)} & set(
        shared.destination.ours("companies", "customers")
    )
    refused = shared.refused([row["customerId"] for row in PEOPLE], "customers>person")
    assert set(refused) == HELD
    assert "ada at moss" in refused[key("AT01", "customer", 57)]
    moved(record_property, len(PEOPLE), len(refused))


def test_AT01_a_repeated_run_finds_people_by_the_source_id(sandboxes: Sandboxes, tmp_path: Path):
    pair = migrated(sandboxes, tmp_path, [OFFICE, PERSON_SLICE], PAIR)
    before = pair.destination.ours("people", "customers")
    assert {row["crossdockKey"].rpartition("/")[2] for row in before.values()} >= {
        key("AT01", "customer", n) for n in range(57)
    }
    married = person(1) | {"customerName": "Ada Fern", "emailAddress": "fern@new.example"}
    married |= {"contactFirstName": "Ada", "contactLastName": "Fern"}
    pair.source.seed({"customers": [married, person(60)]})
    pair.project.must("run", "--delta", codes=(0, 1))
    after = pair.destination.ours("people", "customers")
    assert after.keys() - before.keys() == {key("AT01", "customer", 60)}
    assert {source_key: after[source_key]["id"] for source_key in before} == {
        source_key: row["id"] for source_key, row in before.items()
    }
    changed = after[key("AT01", "customer", 1)]
    assert changed["name"] == {"firstName": "Ada", "lastName": "Fern"}
    assert changed["emails"]["primaryEmail"] == "fern@new.example"
    people = [row for row in pair.destination.all("people") if "Ada" in row["name"]["firstName"]]
    assert len(people) == 58


def test_AT02_businesses_become_companies_by_flag_or_domain(shared: Pair, record_property):
    there = shared.destination
    found = there.ours("companies", "customers")
    for n in range(52):
        row = found[key("AT02", "customer", n)]
        assert row["name"] == (f"Harbour Pty Ltd {n}" if n % 4 == 3 else f"Harbour {n}")
        assert row["domainName"]["primaryLinkUrl"] == f"https://harbour-{n}.example"
        assert row["address"]["addressStreet1"] == f"{n} Harbour Road"
        assert row["accountOwnerId"] == IVAN_MEMBER
        assert row["onHold"] is (n == 5)
        assert row["kindEvidence"] == REASONS[n % 4].format(n=n)
    people = there.ours("people", "customers")
    for n in range(52):
        source_key = key("AT02", "customer", n)
        if n % 4 == 2:  # the contact in its row
            assert people[source_key]["name"] == {"firstName": "Pat", "lastName": "Keeper"}
            assert people[source_key]["companyId"] == found[source_key]["id"]
        else:
            assert source_key not in people
    refused = shared.refused([row["customerId"] for row in BUSINESSES], "customers>company")
    assert set(refused) == {key("AT02", "customer", "nameless")}
    moved(record_property, len(BUSINESSES), len(refused))


def test_AT02_a_known_company_is_found_by_its_domain(shared: Pair):
    there = shared.destination
    same = [
        row
        for row in there.all("companies")
        if (row["domainName"] or {}).get("primaryLinkUrl") == "https://harbour-4.example"
    ]
    assert [(row["id"], row["name"]) for row in same] == [(KNOWN, "Harbour 4")]
    assert there.ours("companies", "customers")[key("AT02", "customer", 4)]["id"] == KNOWN


def test_AT02_a_host_that_is_free_or_shared_is_nobodys_domain(shared: Pair):
    found = shared.destination.ours("companies", "customers")
    for name in ("mail", "one", "two"):
        row = found[key("AT02", "customer", name)]
        assert not (row["domainName"] or {}).get("primaryLinkUrl")


def test_AT02_what_is_a_guess_is_listed_before_the_load(shared: Pair):
    (artifact,) = artifacts(shared, "customer_kind")
    listed = " ".join(artifact["details"]["list"])
    assert "AT02-2, Harbour 2," in listed
    assert "AT02-0, " not in listed


def test_AT03_sites_have_address_contact_and_company(shared: Pair, record_property):
    there = shared.destination
    found, companies = there.ours("sites", "sites"), there.ours("companies", "customers")
    assert there.objects()["site"]["labelSingular"] == "Site"
    for n in range(54):
        row = found[key("AT03", "customer", n)]
        assert row["name"] == f"Warehouse {n}"
        address = row["siteAddress"]
        assert (address["addressStreet1"], address["addressCity"]) == (f"{n} Dock Street", "Manly")
        assert row["contactName"] == f"Gate Keeper {n}"
        assert row["phones"]["primaryPhoneNumber"] == f"491571{100 + n}"
        assert row["companyId"] == companies[key("AT03", "customer", f"owner {n % 6}")]["id"]
    assert not {key("AT03", "customer", n) for n in range(55)} & set(companies)
    keys = [row["customerId"] for row in SITES]
    refused = shared.refused(keys, "sites>site")
    assert set(refused) == {key("AT03", "customer", 54)}
    moved(record_property, len(SITES) + len(EQUIPMENT) + len(SITE_JOBS), len(refused))


def test_AT03_a_persons_own_address_is_a_site_of_that_person(shared: Pair):
    there = shared.destination
    row = there.ours("sites", "sites")[key("AT03", "customer", "home")]
    owner = there.ours("people", "customers")[key("AT03", "customer", "home")]
    assert (row["personId"], row["companyId"]) == (owner["id"], None)
    assert row["siteAddress"]["addressStreet1"] == "7 Home Street"


def test_AT03_the_contacts_of_a_site_belong_to_it(shared: Pair):
    there = shared.destination
    people, sites = there.ours("people", "contacts"), there.ours("sites", "sites")
    companies = there.ours("companies", "customers")
    for n in range(12):
        row = people[key("AT03", "contact", n)]
        assert row["name"] == {"firstName": f"Mia {n}", "lastName": "Chen"}
        assert row["jobTitle"] == "Caretaker"
        assert row["siteId"] == sites[key("AT03", "customer", n)]["id"]
        assert row["companyId"] == companies[key("AT03", "customer", f"owner {n % 6}")]["id"]


def test_AT03_equipment_stands_at_its_site(shared: Pair):
    there = shared.destination
    found, sites = there.ours("equipmentItems", "equipment"), there.ours("sites", "sites")
    for n in range(20):
        row = found[f"AT03-E{n}"]
        assert (row["name"], row["make"], row["serialNumber"]) == (f"Pump {n}", "Acme", f"SN-{n}")
        assert row["installedAt"] == "2020-02-29"
        assert row["siteId"] == sites[key("AT03", "customer", n)]["id"]
    refused = shared.refused(["AT03-E99"])
    assert "AT03-nowhere" in refused["AT03-E99"]


def test_AT03_jobs_link_to_their_site(shared: Pair):
    there = shared.destination
    found, sites = there.ours("opportunities", "jobs"), there.ours("sites", "sites")
    for n in range(54):
        assert found[key("AT03", "job", n)]["siteId"] == sites[key("AT03", "customer", n)]["id"]
