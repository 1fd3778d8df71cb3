"""G17 to G20: exports instead of an API, codes of forms, the accounting link, one site or many."""

# ruff: noqa: N802 - a test is named after its row

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from acceptance.harness import Pair, Sandboxes, discovered, migrated, moved, opened, propose
from acceptance.platforms import Row
from acceptance.slices import ANNA_MAIL, Json, Slice, key
from acceptance.sources.ascora import (
    ANNA_NAME,
    OFFICE,
    TABLES,
    TABLES_ALONE,
    artifacts,
    company,
    customer,
    fields,
    job,
    job_number,
    place,
    private,
    to_customer,
    whole_list,
)
from acceptance.wordforms import (
    Template,
    check_box,
    date_control,
    drop_down,
    picture,
    simple_field,
    split_field,
    split_text,
)

pytestmark = [pytest.mark.source("ascora"), pytest.mark.destination("twenty")]

# --- G17 ----------------------------------------------------------------------------------------------

FIRMS, OWN, JOBS = 8, 8, 40


def street(number: int) -> Row:
    """An address as a table has it."""
    return {
        "ADDRESS LINE 1": f"{number} Pump Street",
        "SUBURB": "Manly",
        "POSTCODE": "2095",
        "STATE": "NSW",
        "COUNTRY": "Australia",
    }


API: Json = {
    "customers": [
        *(
            company("G17", f"C{n}", emailAddress=f"office@pump-{n}.example", **place(n, "Pump Street"))
            for n in range(FIRMS)
        ),
        *(
            customer("G17", f"S{n}", customerName=f"Pump house {n}", **place(n + 100, "Pump Street"))
            | {"billingCustomer": to_customer("G17", f"C{n}")}
            for n in range(FIRMS)
        ),
        *(
            private("G17", f"P{n}", emailAddress=f"pump.{n}@gmail.com", mobileNumber=f"0491 572 {100 + n}")
            for n in range(OWN)
        ),
    ],
    "jobs": [
        job(
            "G17",
            n,
            jobName=f"Pump {n}",
            jobStatusText="Booked" if n % 2 else "Completed",
            totalExTax=1234.56 + n,
            totalIncTax=1358.02 + n,
            dateCreated=f"2024-01-{n % 28 + 1:02d}T00:00:00",
            siteCustomer=to_customer("G17", f"S{n % FIRMS}" if n % 2 else f"P{n % OWN}"),
            billingCustomer=to_customer("G17", f"C{n % FIRMS}" if n % 2 else f"P{n % OWN}"),
            customFields=fields({"Pump Type": "Diesel" if n % 3 else "Petrol"}),
        )
        for n in range(JOBS)
    ],
}
CUSTOMERS = [
    *(
        {
            "CUSTOMER NUMBER": f"G17-C{n}",
            "CUSTOMER NAME": f"G17 C{n} Pty Ltd",
            "COMPANY NAME": f"G17 C{n}",
            "EMAIL": f"office@pump-{n}.example",
            "CUSTOMER TYPE": "Commercial",
            **street(n),
        }
        for n in range(FIRMS)
    ),
    *(
        {
            "CUSTOMER NUMBER": f"G17-S{n}",
            "CUSTOMER NAME": f"Pump house {n}",
            "BILLING CUSTOMER": f"G17-C{n}",
            **street(n + 100),
        }
        for n in range(FIRMS)
    ),
    *(
        {
            "CUSTOMER NUMBER": f"G17-P{n}",
            "CUSTOMER NAME": f"Ada P{n} Moss G17",
            "CONTACT FIRST NAME": f"Ada P{n}",
            "CONTACT LAST NAME": "Moss G17",
            "EMAIL": f"pump.{n}@gmail.com",
            "MOBILE": f"0491 572 {100 + n}",
        }
        for n in range(OWN)
    ),
    # The flag of a row, which only an export has, tells a company.
    {
        "CUSTOMER NUMBER": "G17-F",
        "CUSTOMER NAME": "Seaside",
        "IS COMPANY": "Yes",
        "WEBSITE": "seaside.example",
    },
]
JOB_ROWS = [
    {
        "JOB NUMBER": job_number("G17", n),
        "JOB NAME": f"Pump {n}",
        "JOB STATUS": "Booked" if n % 2 else "Completed",
        "DATE CREATED": f"{n % 28 + 1:02d}/01/2024",
        "SITE CUSTOMER": f"G17-S{n % FIRMS}" if n % 2 else f"G17-P{n % OWN}",
        "BILLING CUSTOMER": f"G17-C{n % FIRMS}" if n % 2 else f"G17-P{n % OWN}",
        "TOTAL AMOUNT EX TAX": f"1,{234 + n}.56",
        "TOTAL TAX": 123.46,
        "ASSIGNED TO": ANNA_NAME,
        "Pump Type": "Diesel" if n % 3 else "Petrol",
    }
    for n in range(JOBS)
] + [{"JOB NUMBER": "J17999", "JOB NAME": "Odd", "JOB STATUS": "New", "TOTAL AMOUNT EX TAX": "1.234,56"}]
EXPORTS = {
    "tables/customers.xlsx": {
        "customers": CUSTOMERS,
        "Contacts": [{"CUSTOMER NAME": "G17-C1", "FIRST NAME": "Mia", "EMAIL": "mia@pump-1.example"}],
        "Equipment": [{"CUSTOMER NAME": "Pump house 1", "NAME": "Pump", "SERIAL NUMBER": "SN1"}],
    },
    "tables/jobs.xlsx": {"Jobs": JOB_ROWS},
    "tables/quotes.xlsx": {
        "Quotes": [
            {
                "QUOTE NUMBER": "Q17",
                "QUOTE STATUS": "WON",
                "TOTAL AMOUNT EX TAX": 900,
                "JOB NUMBER": job_number("G17", 1),
            }
        ],
        "Lines": [{"QUOTE NUMBER": "Q17", "LINE": 1, "DESCRIPTION": "Pump", "AMOUNT EX TAX": 900}],
    },
    "tables/invoices.xlsx": {
        "Invoices": [
            {
                "INVOICE NUMBER": "I17",
                "JOB NUMBER": job_number("G17", 2),
                "STATUS": "Paid",
                "TOTAL AMOUNT EX TAX": 10,
            }
        ],
        "Lines": [{"INVOICE NUMBER": "I17", "LINE": 1, "DESCRIPTION": "Hour", "AMOUNT EX TAX": 10}],
    },
    "tables/notes.csv": {
        "": [
            {
                "ENTITY": "Job",
                "NUMBER": job_number("G17", 1),
                "DATE": "05/03/2024 09:15",
                "AUTHOR": ANNA_NAME,
                "TYPE": "Phone call",
                "NOTE": "They ring back",
            }
        ]
    },
    "tables/users.csv": {"": [{"NAME": ANNA_NAME, "EMAIL": ANNA_MAIL}]},
}
FROM_FILES = Slice(
    "G17 files",
    {},
    files={"layout.yaml": TABLES_ALONE},
    tables=EXPORTS,
    settings={"tables": TABLES},
    source="ascora",
)
FROM_API = Slice("G17 api", API, source="ascora")


def without_api(pair: Pair) -> None:
    """Take address and key out of the project: there are files alone."""
    document = pair.project.yaml("crossdock.yaml")
    for name in ("url", "key"):
        del document["sources"][0][name]
    pair.project.save("crossdock.yaml", document)


def loaded(pair: Pair, slices: list[Slice]) -> None:
    """The way from discover to reconcile for a project that is open."""
    made = pair.project
    pair.answers["discover"] = made.must("discover")
    propose(pair, slices)
    made.must("map", "confirm", "--by", "Acceptance")
    made.must("plan")
    pair.answers["run"] = made.must("run", codes=(0, 1))
    pair.answers["reconcile"] = made.must("reconcile", codes=(0, 1))


def numbered(pair: Pair) -> dict[str, Json]:
    """What arrived, by the numbers that API and exports have in common, references by number too."""
    there = pair.destination
    numbers: dict[str, str] = {}
    found: dict[str, Json] = {}
    for plural, names in (
        ("companies", ("name", "domainName", "address", "kindEvidence", "siteCount")),
        ("people", ("name", "emails", "phones", "streetAddress", "kindEvidence")),
        ("sites", ("name", "siteAddress", "companyId", "personId", "ownAddress")),
        (
            "opportunities",
            ("name", "amount", "totalInc", "tax", "stage", "jobStatus", "createdAt", "pumpType"),
        ),
    ):
        for row in there.all(plural):
            number = row.get("jobNumber") or row.get("siteNumber") or row.get("customerNumber") or ""
            if number.startswith(("G17-", "J17")):
                numbers[row["id"]] = f"{plural} {number}"
                wanted = (*names, *(("siteId", "companyId", "pointOfContactId") if plural[0] == "o" else ()))
                found[f"{plural} {number}"] = {name: row[name] for name in wanted}
    for row in found.values():
        row |= {name: numbers.get(value) for name, value in row.items() if name.endswith("Id") and value}
    return found


def test_G17_exports_alone_give_what_the_api_gives(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = opened(sandboxes, tmp_path / "files", [FROM_FILES], pair_name)
    without_api(pair)
    loaded(pair, [FROM_FILES])
    other = migrated(sandboxes, tmp_path / "api", [FROM_API], pair_name)
    by_file, by_api = numbered(pair), numbered(other)
    places = 2 * FIRMS + OWN // 2  # of companies, of their sites, and of people where work was done
    assert len(by_api) == FIRMS + OWN + places + JOBS
    assert {name: by_file.get(name) for name in by_api} == by_api
    assert by_file.keys() - by_api.keys() == {"companies G17-F"}  # the flagged one
    assert not [entry for entry in pair.source.log() if not entry["path"].startswith("/_")]
    refused = pair.refused(["J17999"])
    assert "1.234,56" in refused["J17999"]
    assert pair.answers["reconcile"]["verdict"].startswith("Everything")
    moved(record_property, len(by_file), len(refused))


def test_G17_exports_give_what_no_api_gives(pair_name: str, sandboxes: Sandboxes, tmp_path: Path):
    pair = opened(sandboxes, tmp_path, [FROM_FILES], pair_name)
    without_api(pair)
    loaded(pair, [FROM_FILES])
    there = pair.destination
    jobs = there.ours("opportunities", "jobs")
    assert jobs[job_number("G17", 1)]["quoteNumber"] == "Q17"
    assert jobs[job_number("G17", 2)]["invoiceStatus"] == "Paid"
    (call,) = there.ours("notes", "notes").values()
    assert (call["activityType"], call["createdAt"]) == ("Phone call", "2024-03-04T22:15:00.000Z")
    assert {row["name"] for row in there.ours("equipmentItems", "equipment").values()} == {"Pump"}
    assert {row["documentNumber"] for row in there.all("lineItems")} == {"Q17", "I17"}
    flagged = there.ours("companies", "customers")["G17-F"]
    assert (flagged["kindEvidence"], flagged["domainName"]["primaryLinkUrl"]) == (
        "the flag in its row",
        "https://seaside.example",
    )


def test_G17_a_header_that_is_missing_is_answered_with_what_was_found(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    rows = [{"Nummer": row["JOB NUMBER"], "JOB STATUS": row["JOB STATUS"]} for row in JOB_ROWS]
    files = Slice(
        "G17 headers",
        {},
        files={"layout.yaml": TABLES_ALONE},
        tables={"tables/jobs.xlsx": {"Jobs": rows}},
        settings={"tables": TABLES},
        source="ascora",
    )
    pair = opened(sandboxes, tmp_path, [files], pair_name)
    without_api(pair)
    done = pair.project.call("discover")
    assert done.code == 2
    assert "JOB NUMBER" in done.stderr
    assert "Nummer" in done.stderr


# --- G18 ----------------------------------------------------------------------------------------------

FORM, CARD = "Permit.docx", "Quote.docx"


def permit() -> bytes:
    """A form whose fields exist nowhere else: in split runs, tags, alternative texts, a text box."""
    template = Template()
    split_text(template.header(), "Permit of {", "SiteCustomerName", "}")
    split_text(template.footer(), "Rev {Permit", " Revision}")
    split_text(template.paragraph(), "Depth {TrenchDepth} at {Job", "Number}")
    box = template.paragraph("{Spoil Location}")
    template.text_box(box)
    for option in ("Gas", "Water"):
        check_box(template.paragraph(), f"services_{option}")
    check_box(template.paragraph(), "Shored")
    drop_down(template.paragraph(), "SoilType", ("Clay", "Sand"))
    date_control(template.paragraph(), "Permit Until")
    picture(template.paragraph(), "Supervisor Signature")
    return template.whole()


def quote_card() -> bytes:
    """A document template with merge fields, regions among them."""
    template = Template()
    for name in ("GroupStart:Quote", "QuoteNumber", "GroupEnd:Quote"):
        simple_field(template.paragraph(), f" MERGEFIELD {name} \\* MERGEFORMAT ")
    split_field(template.paragraph(), ' MERGEFIELD "War', "ranty", ' Years" ')
    return template.whole()


CODES = {
    "Permit Revision": ("text", "TEXT"),
    "TrenchDepth": ("decimal", "NUMBER"),
    "Spoil Location": ("text", "TEXT"),
    "services": ("select", "MULTI_SELECT"),
    "Shored": ("boolean", "BOOLEAN"),
    "SoilType": ("select", "SELECT"),
    "Permit Until": ("date", "DATE"),
    "Warranty Years": ("integer", "NUMBER"),
}
PERMITS = [
    row
    for n in range(55)
    for row in (
        {"JOB NUMBER": job_number("G18", n), "FORM": FORM, "CODE": "TrenchDepth", "VALUE": f"{n}.5"},
        {"JOB NUMBER": job_number("G18", n), "FORM": FORM, "CODE": "services", "VALUE": "Gas"},
        {"JOB NUMBER": job_number("G18", n), "FORM": FORM, "CODE": "services", "VALUE": "Water"},
    )
] + [
    {"JOB NUMBER": job_number("G18", 55), "FORM": FORM, "CODE": "Shored", "VALUE": "perhaps"},
    {"JOB NUMBER": "J99999", "FORM": FORM, "CODE": "TrenchDepth", "VALUE": "7.5"},
]
FORMS = Slice(
    "G18",
    {"jobs": [job("G18", n) for n in range(56)]},
    files={
        f"forms/{FORM}": permit(),
        f"forms/{CARD}": quote_card(),
        "custom_fields.yaml": "custom_fields: [{name: Warranty Years, of: jobs, type: whole number}]\n",
    },
    tables={"tables/form answers.csv": {"": PERMITS}},
    settings={"forms": ["{folder}/forms/*.docx"], "custom_fields": "{folder}/custom_fields.yaml"},
    source="ascora",
)


def test_G18_codes_of_templates_become_fields_and_carry_what_was_filled_in(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = migrated(sandboxes, tmp_path, [OFFICE, FORMS], pair_name)
    columns = pair.destination.fields("deal")
    assert {code: columns[code].type for code in CODES} == {code: kind[1] for code, kind in CODES.items()}
    assert not {"SiteCustomerName", "JobNumber", "QuoteNumber", "Supervisor Signature"} & set(columns)
    rows = pair.destination.labelled("deal", "jobs")
    for n in range(55):
        row = rows[key("G18", "job", n)]
        assert Decimal(str(row["TrenchDepth"])) == Decimal(f"{n}.5")
        assert row["services"] == ["Gas", "Water"]
        assert not row["Spoil Location"]
    refused = pair.refused([key("G18", "job", n) for n in range(56)])
    assert set(refused) == {key("G18", "job", 55)}
    assert "Shored" in refused[key("G18", "job", 55)]
    (lost,) = artifacts(pair, "form_answer")
    assert [row["job"] for row in whole_list(pair, lost)] == ["J99999"]
    moved(record_property, 56, len(refused))


def test_G18_the_inventory_tells_code_form_type_and_evidence(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    pair = discovered(sandboxes, tmp_path, [OFFICE, FORMS], pair_name)
    forms = {form["name"]: form["details"]["fields"] for form in artifacts(pair, "word_template")}
    assert set(forms) == {FORM, CARD}
    told = {each["code"]: each for each in (*forms[FORM], *forms[CARD])}
    for code, (kind, _) in CODES.items():
        assert told[code]["type"] == kind
        assert told[code]["evidence"]
    assert told["Warranty Years"]["evidence"] == "declared as whole number"
    assert "56 values" in told["TrenchDepth"]["evidence"]
    assert told["services"]["options"] == "Gas, Water"
    assert told["Permit Revision"]["where"] == f"{FORM} (footer)"
    assert told["SiteCustomerName"]["group"] == "standard"
    assert told["Supervisor Signature"]["group"] == "picture"
    assert told["GroupStart:Quote"]["group"] == "region"


# --- G19 ----------------------------------------------------------------------------------------------

UNSENT = 30
SYNCED: Json = {
    "customers": [
        *(company("G19", n, emailAddress=f"office@synced-{n}.example") for n in range(UNSENT)),
        private("G19", "bad", emailAddress="no address"),
    ],
    "jobs": [
        job("G19", n, billingCustomer=to_customer("G19", n), siteCustomer=to_customer("G19", n))
        for n in range(UNSENT)
    ],
    "invoices": [
        {
            "id": key("G19", "invoice", n),
            "invoiceNumber": f"INV-19{n:02d}",
            "invoiceDate": "2024-05-05T09:00:00",
            "jobId": key("G19", "job", n),
            "invoiceLines": [
                {
                    "itemCode": "P-1",
                    "description": "Tap",
                    "quantity": 2,
                    "unitAmountExTax": 50,
                    "amountExTax": 100,
                    "invoiceLineType": "material",
                }
            ],
        }
        for n in range(UNSENT)
    ],
    "payments": [{"id": key("G19", "payment"), "invoiceNumber": "INV-1900", "paymentDate": "2024-06-01"}],
}
LINKED = Slice("G19", SYNCED, settings={"accounting": {"system": "myob"}}, source="ascora")


def test_G19_the_two_way_link_is_flagged_and_nothing_is_written_back(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = opened(sandboxes, tmp_path, [LINKED], pair_name)
    before = pair.source.dump()
    loaded(pair, [LINKED])
    pair.project.must("run", "--delta", codes=(0, 1))
    pair.project.must("handoff", codes=(0, 1))
    asked = [entry for entry in pair.source.log() if not entry["path"].startswith("/_")]
    assert any(entry["path"].lower().startswith("/accounting/getinvoicestosend") for entry in asked)
    assert {entry["method"] for entry in asked} == {"GET"}
    assert pair.source.dump() == before
    assert before["sent"] == []
    scope = json.loads((pair.project.folder / "reports" / "scope.json").read_text(encoding="utf-8"))
    (risk,) = [note for note in scope["sources"][0]["notes"] if "linked to MYOB" in note]
    assert "works both ways" in risk
    assert "before the cutover" in risk
    (artifact,) = artifacts(pair, "accounting_link")
    states = {row["number"]: row["state"] for row in whole_list(pair, artifact)}
    assert {states[f"INV-19{n:02d}"] for n in range(UNSENT)} == {"not there yet: it is unsent"}
    assert {states[f"G19-{n}"].partition(":")[0] for n in range(UNSENT)} == {"expected there"}
    refused = pair.refused([row["customerId"] for row in SYNCED["customers"]])
    assert set(refused) == {key("G19", "customer", "bad")}
    arrived = pair.destination.ours("opportunities", "jobs")
    assert {arrived[key("G19", "job", n)]["invoiceNumber"] for n in range(UNSENT)} == {
        f"INV-19{n:02d}" for n in range(UNSENT)
    }
    moved(record_property, 3 * UNSENT, len(refused))


def test_G19_that_nobody_said_whether_there_is_a_link_is_a_risk_too(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    pair = discovered(sandboxes, tmp_path, [Slice("G19 unsaid", SYNCED, source="ascora")], pair_name)
    (source,) = pair.answers["discover"]["sources"]
    assert any("linked to Xero, QuickBooks or MYOB is not known" in note for note in source["notes"])
    (report,) = [each for each in source["artifacts"] if each["kind"] == "accounting_link"]
    assert not report["examined"]


# --- G20 ----------------------------------------------------------------------------------------------

SITED: Json = {
    "customers": [
        *(
            company("G20", f"many {n}", emailAddress=f"office@many-{n}.example", **place(n, "Head Office"))
            for n in range(6)
        ),
        *(company("G20", f"one {n}", emailAddress=f"office@one-{n}.example") for n in range(6)),
        *(
            customer("G20", f"site {n}", customerName=f"Yard {n}", **place(n, "Yard Street"))
            | {"billingCustomer": to_customer("G20", f"many {n % 6}" if n < 24 else f"one {n - 24}")}
            for n in range(30)
        ),
        customer("G20", "orphan", customerName="Lost yard") | {"billingCustomer": to_customer("G20", "sold")},
    ],
    "jobs": [
        *(
            job(
                "G20",
                n,
                siteCustomer=to_customer("G20", f"site {n % 30}"),
                **place(n % 30, "Yard Street", ""),
            )
            for n in range(55)
        ),
        job("G20", 55, totalExTax="free"),
    ],
}


def decided(sites_as: str) -> Slice:
    """The sites as somebody decides."""

    def edit(mapping: Any) -> None:
        mapping["decisions"]["sites_as"] = sites_as

    return Slice("G20", SITED, edit=edit, source="ascora")


def test_G20_customers_with_several_sites_are_counted_before_the_decision(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    pair = discovered(sandboxes, tmp_path, [decided("custom_object")], pair_name)
    (source,) = pair.answers["discover"]["sources"]
    (note,) = [note for note in source["notes"] if note.startswith("Sites:")]
    assert note.startswith("Sites: 31 of 12 customers, 6 of them with more than one.")
    (lost,) = artifacts(pair, "missing_customer")
    assert ["site", "G20-orphan"] in [[row["what"], row["number"]] for row in whole_list(pair, lost)]
    pair.project.must("map", "propose", "--automations", "pause")
    question = pair.project.yaml("mapping.yaml")["questions"]["sites_as"]
    assert list(question["alternatives"]) == ["custom_object", "company_address"]


def test_G20_sites_are_records_of_their_own_if_that_is_decided(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = migrated(sandboxes, tmp_path, [decided("custom_object")], pair_name)
    assert pair.answers["run unconfirmed"].code != 0
    there = pair.destination
    sites, companies = there.ours("sites", "sites"), there.ours("companies", "customers")
    jobs = there.ours("opportunities", "jobs")
    for n in range(30):
        row = sites[key("G20", "customer", f"site {n}")]
        owner = f"many {n % 6}" if n < 24 else f"one {n - 24}"
        assert row["companyId"] == companies[key("G20", "customer", owner)]["id"]
    for n in range(55):
        assert jobs[key("G20", "job", n)]["siteId"] == sites[key("G20", "customer", f"site {n % 30}")]["id"]
    orphan = sites[key("G20", "customer", "orphan")]
    assert (orphan["companyId"], orphan["personId"]) == (None, None)
    assert "no customer" in orphan["migrationRemarks"]
    refused = pair.refused([row["jobId"] for row in SITED["jobs"]], "jobs>opportunity")
    assert set(refused) == {key("G20", "job", 55)}
    moved(record_property, len(SITED["customers"]) + len(SITED["jobs"]), len(refused))


def test_G20_or_addresses_of_their_company_and_jobs(pair_name: str, sandboxes: Sandboxes, tmp_path: Path):
    pair = migrated(sandboxes, tmp_path, [decided("company_address")], pair_name)
    there = pair.destination
    assert not there.has("site")
    companies, jobs = there.ours("companies", "customers"), there.ours("opportunities", "jobs")
    for n in range(6):
        many, one = (companies[key("G20", "customer", f"{kind} {n}")] for kind in ("many", "one"))
        assert many["address"]["addressStreet1"] == f"{n} Head Office"
        assert many["siteCount"] == 4
        listed = many["sitesListed"].splitlines()
        assert f"Yard {n}, {n} Yard Street Manly NSW 2095" in listed
        assert one["address"]["addressStreet1"] == f"{n + 24} Yard Street"
    for n in range(55):
        row = jobs[key("G20", "job", n)]
        assert row["siteName"] == f"Customer site {n % 30}"
        assert row["jobAddress"]["addressStreet1"] == f"{n % 30} Yard Street"
        owner = f"many {n % 30 % 6}" if n % 30 < 24 else f"one {n % 30 - 24}"
        assert row["companyId"] == companies[key("G20", "customer", owner)]["id"]
