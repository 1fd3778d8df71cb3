"""AT04 to AT08: jobs, their statuses, quotes, invoices, and the fields of forms."""

# ruff: noqa: N802 - a test is named after its row

from decimal import Decimal
from pathlib import Path
from typing import Any

from acceptance.destinations import Money
from acceptance.harness import Pair, Sandboxes, discovered, moved
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
    job_number,
    link,
    place,
    private,
    to_customer,
    utc,
    whole_list,
)
from acceptance.wordforms import (
    Template,
    check_box,
    date_control,
    drop_down,
    simple_field,
    split_field,
    split_text,
)

PAIR = "ascora-twenty"
JOBS_TABLE, LINES_TABLE, INVOICES_TABLE = (
    "tables/Jobs.xlsx",
    "tables/Quote lines.xlsx",
    "tables/Invoices.xlsx",
)


def aud(amount: str) -> Json:
    """An amount as the destination has it."""
    return {"amountMicros": int(Decimal(amount) * 1_000_000), "currencyCode": "AUD"}


def rows_of(shared: Pair, row: str, count: int) -> dict[int, Json]:
    """The opportunities of the jobs of a row, by their number."""
    found = shared.destination.ours("opportunities", "jobs")
    return {n: found[key(row, "job", n)] for n in range(count)}


# --- AT04 ---------------------------------------------------------------------------------------------


def work(number: int) -> Json:
    """A job at the site of a company (even), or at a person's own address (odd)."""
    odd = number % 2
    payer = f"person {number % 10}" if odd else f"firm {number % 10}"
    return job(
        "AT04",
        number,
        jobName=f"Fix tap {number}",
        jobDescription=f"The tap drips.\nSecond line {number}",
        workUndertaken="Washer replaced.",
        totalExTax=1000.05 + number,
        totalIncTax=1100.06 + number,
        dateCreated=f"2024-01-{number % 28 + 1:02d}T09:30:00",
        completedDate=f"2024-03-{number % 28 + 1:02d}T17:00:00" if odd else None,
        siteCustomer=to_customer("AT04", payer if odd else f"site {number % 10}"),
        billingCustomer=to_customer("AT04", payer),
        siteContact=None if odd else link(key("AT04", "contact", number % 10), "Max Firm"),
        purchaseOrderNumber=f"PO-{number}",
        **place(number, "Tap Street", ""),
    )


SOLD = {n: to_customer("AT04", f"sold {n}") for n in (52, 53)}
JOB_ITEMS = [
    *map(work, range(52)),
    *(work(n) | {"siteCustomer": SOLD[n]} for n in SOLD),
    work(54) | {"jobName": ""},
    work(55) | {"totalExTax": "about a thousand"},
]
JOB_SEED: Json = {
    "customers": [
        *(company("AT04", f"firm {n}", emailAddress=f"office@tap-{n}.example") for n in range(0, 10, 2)),
        *(
            customer(
                "AT04", f"site {n}", billingCustomer=to_customer("AT04", f"firm {n}"), **place(n, "Site St")
            )
            for n in range(0, 10, 2)
        ),
        *(private("AT04", f"person {n}", emailAddress=f"tap.{n}@gmail.com") for n in range(1, 10, 2)),
    ],
    "contacts": [
        {
            "contactId": key("AT04", "contact", n),
            "customerId": key("AT04", "customer", f"firm {n}"),
            "firstName": "Max",
            "lastName": f"Firm {n}",
            "emailAddress": f"max@tap-{n}.example",
        }
        for n in range(0, 10, 2)
    ],
    "jobs": JOB_ITEMS,
}
JOB_TABLE = [
    {
        "JOB NUMBER": job_number("AT04", n),
        "ASSIGNED TO": ANNA_NAME if n % 2 else IVAN_NAME,
        "EXPECTED DATE": f"{n % 28 + 1:02d}/04/2024",
    }
    for n in range(52)
]


def test_AT04_jobs_become_opportunities(shared: Pair, record_property):
    for n, row in rows_of(shared, "AT04", 52).items():
        assert row["name"] == f"{job_number('AT04', n)} Fix tap {n}"
        assert (row["amount"], row["totalInc"]) == (aud(f"{1000 + n}.05"), aud(f"{1100 + n}.06"))
        day = n % 28 + 1
        done, due = utc(f"2024-03-{day:02d}T17:00"), utc(f"2024-04-{day:02d}T00:00", 10 if day > 7 else 11)
        assert row["closeDate"] == (done if n % 2 else due)
        assert row["createdAt"] == utc(f"2024-01-{day:02d}T09:30")
        assert row["description"] == f"The tap drips.\nSecond line {n}"
        assert row["ownerId"] == (ANNA_MEMBER if n % 2 else IVAN_MEMBER)
        assert row["jobNumber"] == job_number("AT04", n)
    refused = shared.refused([item["jobId"] for item in JOB_ITEMS], "jobs>opportunity")
    assert set(refused) == {key("AT04", "job", 55)}
    assert "totalExTax" in refused[key("AT04", "job", 55)]
    moved(record_property, len(JOB_ITEMS), len(refused))


def test_AT04_a_job_has_its_person_company_and_site(shared: Pair):
    there = shared.destination
    companies, sites = there.ours("companies", "customers"), there.ours("sites", "sites")
    people, contacts = there.ours("people", "customers"), there.ours("people", "contacts")
    for n, row in rows_of(shared, "AT04", 52).items():
        if n % 2:
            assert row["companyId"] is None
            assert row["pointOfContactId"] == people[key("AT04", "customer", f"person {n % 10}")]["id"]
            assert row["siteId"] == sites[key("AT04", "customer", f"person {n % 10}")]["id"]
        else:
            assert row["companyId"] == companies[key("AT04", "customer", f"firm {n % 10}")]["id"]
            assert row["pointOfContactId"] == contacts[key("AT04", "contact", n % 10)]["id"]
            assert row["siteId"] == sites[key("AT04", "customer", f"site {n % 10}")]["id"]


def test_AT04_a_missing_site_is_listed_before_the_load(shared: Pair):
    (source,) = shared.answers["discover"]["sources"]
    (artifact,) = artifacts(shared, "missing_site")
    listed = {row["number"]: row["why"] for row in whole_list(shared, artifact)}
    for n in SOLD:
        assert f"Customer sold {n}" in listed[job_number("AT04", n)]
        assert any(job_number("AT04", n) in note for note in source["notes"])
    assert job_number("AT04", 0) not in listed
    found = shared.destination.ours("opportunities", "jobs")
    for n in SOLD:
        row = found[key("AT04", "job", n)]
        assert (row["siteId"], row["siteName"]) == (None, f"Customer sold {n}")
        assert f"Customer sold {n}" in row["migrationRemarks"]


def test_AT04_a_job_without_a_name_is_called_by_its_description(shared: Pair):
    row = shared.destination.ours("opportunities", "jobs")[key("AT04", "job", 54)]
    assert row["name"] == f"{job_number('AT04', 54)} The tap drips."


# --- AT05 ---------------------------------------------------------------------------------------------

STAGES = {
    "New": "NEW",
    "Unscheduled": "NEW",
    "Deferred": "SCREENING",
    "Booked": "MEETING",
    "In Progress": "PROPOSAL",
    "Cancelled": "LOST",
    "Ready To Invoice": "CUSTOMER",
    "Completed": "CUSTOMER",
    "Closed": "CUSTOMER",
}
WORDS = tuple(STAGES)
STATUS_JOBS = [
    *(job("AT05", n, jobStatusText=WORDS[n % 9], jobStatus=n % 9) for n in range(54)),
    job("AT05", 54, jobStatusText="Awaiting Parts", jobStatus=11),
    job("AT05", 55, jobStatusText="", jobStatus=8),
    job("AT05", 56, jobStatusText=" ready to  invoice "),
    job("AT05", 57, jobStatusText="New", totalExTax="free"),
]
SEVERAL = {0: "Booked", 3: "Ready To Invoice; Awaiting Parts"}
"""What a table says of New and of Booked jobs besides."""


def test_AT05_statuses_become_a_multi_select_one_to_one(shared: Pair, record_property):
    field = shared.destination.fields("deal")["Job status"]
    assert field.type == "MULTI_SELECT"
    labels = field.options
    assert set(labels.values()) == {*WORDS, "Awaiting Parts"}
    for n, row in rows_of(shared, "AT05", 54).items():
        if n not in SEVERAL:
            assert [labels[value] for value in row["jobStatus"]] == [WORDS[n % 9]]
            assert row["stage"] == STAGES[WORDS[n % 9]]
    refused = shared.refused([item["jobId"] for item in STATUS_JOBS], "jobs>opportunity")
    assert set(refused) == {key("AT05", "job", 57)}
    moved(record_property, len(STATUS_JOBS), len(refused))


def test_AT05_several_statuses_at_once_are_kept(shared: Pair):
    labels = shared.destination.fields("deal")["Job status"].options
    rows = rows_of(shared, "AT05", 57)
    kept = {n: [labels[value] for value in rows[n]["jobStatus"]] for n in SEVERAL}
    assert kept == {0: ["New", "Booked"], 3: ["Booked", "Ready To Invoice", "Awaiting Parts"]}
    assert (rows[0]["stage"], rows[3]["stage"]) == ("MEETING", "CUSTOMER")  # the one that it got on to
    assert [labels[value] for value in rows[56]["jobStatus"]] == ["Ready To Invoice"]


def test_AT05_the_stage_follows_a_map_that_a_person_confirmed(shared: Pair):
    (route,) = [r for r in shared.project.yaml("mapping.yaml")["objects"] if r["from"] == "jobs"]
    stages = route["fields"]["stage"]["values"]
    assert {word: stages[word] for word in WORDS} == STAGES
    rows = rows_of(shared, "AT05", 57)
    assert (rows[54]["stage"], rows[54]["migrationRemarks"]) == (
        "NEW",
        "status: Awaiting Parts is no status of Ascora's own",
    )
    assert not rows[55]["jobStatus"]
    assert (rows[55]["stage"], rows[55]["statusCode"]) == ("NEW", 8)


# --- AT06 ---------------------------------------------------------------------------------------------

QUOTE_STATUSES = ("IN-PROGRESS", "SENT-TO-CUSTOMER", "WON", "LOST")
QUOTE_STAGES = ("SCREENING", "PROPOSAL", "CUSTOMER", "LOST")


def quote(number: int, **values: Any) -> Json:
    """A quote; the first thirty led to a job, which only a table of jobs says."""
    return {
        "quoteId": key("AT06", "quote", number),
        "quoteNumber": f"Q60{number:02d}",
        "quoteName": f"New roof {number}",
        "quoteStatus": number % 4,
        "quoteStatusText": QUOTE_STATUSES[number % 4],
        "quotationDate": f"2024-02-{number % 28 + 1:02d}T10:00:00",
        "totalExTax": 2500.5 + number,
        "totalIncTax": 2750.55 + number,
        "billingCustomer": to_customer("AT06", "firm"),
        "siteCustomer": to_customer("AT06", "firm"),
    } | values


QUOTES = [*(quote(n) for n in range(52)), quote(52, totalExTax="to be agreed", totalIncTax=None)]
QUOTE_SEED: Json = {
    "customers": [company("AT06", "firm", emailAddress="office@roof-works.example")],
    "jobs": [job("AT06", n, billingCustomer=to_customer("AT06", "firm")) for n in range(30)],
    "quotes": QUOTES,
}
QUOTED = [{"JOB NUMBER": job_number("AT06", n), "QUOTE NUMBER": f"Q60{n:02d}"} for n in range(29)] + [
    {"JOB NUMBER": job_number("AT06", 29), "QUOTE NUMBER": "Q6029; Q6030"}
]


def line(document: str, number: int, **values: Any) -> Json:
    """A row of a table of lines."""
    own = {"DOCUMENT": document, "LINE": number, "ITEM CODE": f"P-{number}", "DESCRIPTION": f"Part {number}"}
    own |= {"QUANTITY": 2.5, "UNIT PRICE": 40.2, "AMOUNT EX TAX": 100.5, "TYPE": "material"}
    return own | values


QUOTE_LINES = [
    *(line(f"Q60{n:02d}", m) for n in (*range(20), 40) for m in (1, 2)),
    line("Q6099", 1),
]


def test_AT06_the_quote_of_a_job_stands_in_fields_of_its_opportunity(shared: Pair, record_property):
    for n, row in rows_of(shared, "AT06", 29).items():
        assert row["quoteNumber"] == f"Q60{n:02d}"
        assert row["quoteAmount"] == aud(f"{2500.5 + n}")
        assert row["quoteStatus"] == QUOTE_STATUSES[n % 4]
        assert row["quoteDate"] == utc(f"2024-02-{n % 28 + 1:02d}T10:00")
    both = shared.destination.ours("opportunities", "jobs")[key("AT06", "job", 29)]
    assert (both["quoteNumber"], both["quoteAmount"]) == ("Q6029, Q6030", aud("5060.0"))
    assert both["quoteStatus"] == "SENT-TO-CUSTOMER, WON"
    loose = shared.destination.ours("opportunities", "quotes")
    assert not {key("AT06", "quote", n) for n in range(31)} & set(loose)
    keys = [item["quoteId"] for item in QUOTES]
    refused = shared.refused(keys) | shared.refused(["Q6099/1"])
    assert set(refused) == {key("AT06", "quote", 52), "Q6099/1"}
    moved(record_property, len(QUOTES) + len(QUOTE_LINES), len(refused))


def test_AT06_a_quote_without_a_job_is_an_opportunity(shared: Pair):
    there = shared.destination
    loose = there.ours("opportunities", "quotes")
    firm = there.ours("companies", "customers")[key("AT06", "customer", "firm")]["id"]
    for n in range(31, 52):
        row = loose[key("AT06", "quote", n)]
        assert (row["name"], row["stage"]) == (f"Q60{n:02d} New roof {n}", QUOTE_STAGES[n % 4])
        assert row["amount"] == row["quoteAmount"] == aud(f"{2500.5 + n}")
        assert (row["quoteStatus"], row["companyId"]) == (QUOTE_STATUSES[n % 4], firm)
    (artifact,) = artifacts(shared, "quote_without_job")
    listed = " ".join(artifact["details"]["list"])
    assert "Q6034" in listed
    assert "Q6029" not in listed


def test_AT06_lines_are_records_of_their_own(shared: Pair):
    there = shared.destination
    lines, jobs = there.ours("lineItems", "quote_lines"), there.ours("opportunities", "jobs")
    assert there.objects()["lineItem"]["labelSingular"] == "Line item"
    for n in range(20):
        for m in (1, 2):
            row = lines[f"Q60{n:02d}/{m}"]
            assert (row["kind"], row["documentNumber"], row["lineNumber"]) == ("QUOTE", f"Q60{n:02d}", m)
            assert (row["name"], row["itemCode"]) == (f"Part {m}", f"P-{m}")
            assert Decimal(str(row["quantity"])) == Decimal("2.5")
            assert (row["unitPrice"], row["amount"]) == (aud("40.2"), aud("100.5"))
            assert row["opportunityId"] == jobs[key("AT06", "job", n)]["id"]
    loose = there.ours("opportunities", "quotes")[key("AT06", "quote", 40)]
    assert lines["Q6040/1"]["opportunityId"] == loose["id"]


# --- AT07 ---------------------------------------------------------------------------------------------

PAID = ("Paid", "Sent", "Draft")


def invoice(number: int, **values: Any) -> Json:
    """A row of a table of invoices: two for each of the first jobs, one for each of the others."""
    return {
        "INVOICE NUMBER": f"INV-70{number:02d}",
        "JOB NUMBER": job_number("AT07", number % 40),
        "DATE": f"{number % 28 + 1:02d}/05/2024",
        "DUE DATE": f"{number % 28 + 1:02d}/06/2024",
        "STATUS": PAID[number % 3],
        "TOTAL AMOUNT EX TAX": f"1,{number:03d}.25",
        "TOTAL TAX": 100.03,
        "PAID": 0,
    } | values


INVOICES = [
    *(invoice(n) for n in range(55)),
    invoice(55, **{"JOB NUMBER": "", "CUSTOMER": "AT07-firm"}),
    invoice(56, **{"TOTAL AMOUNT EX TAX": "see contract"}),
]
INVOICE_LINES = [line(f"INV-70{n:02d}", 1, TYPE="labour") for n in range(20)]
INVOICE_SEED: Json = {
    "customers": [company("AT07", "firm", emailAddress="office@billed.example")],
    "jobs": [job("AT07", n, billingCustomer=to_customer("AT07", "firm")) for n in range(40)],
}


def test_AT07_invoices_stand_in_fields_of_the_opportunity(shared: Pair, record_property):
    for n, row in rows_of(shared, "AT07", 40).items():
        if n < 15:
            assert row["invoiceNumber"] == f"INV-70{n:02d}, INV-70{n + 40:02d}"
            assert row["invoiceAmount"] == aud(f"{2000.5 + 2 * n + 40}")
            statuses = [PAID[n % 3], PAID[(n + 40) % 3]]
            assert row["invoiceStatus"] == ", ".join(statuses)
        else:
            assert row["invoiceNumber"] == f"INV-70{n:02d}"
            assert row["invoiceAmount"] == aud(f"{1000.25 + n}")
            assert row["invoiceStatus"] == PAID[n % 3]
    refused = shared.refused([row["INVOICE NUMBER"] for row in INVOICES])
    assert set(refused) == {"INV-7056"}
    assert "see contract" in refused["INV-7056"]
    moved(record_property, len(INVOICES) + len(INVOICE_LINES), len(refused))


def test_AT07_an_invoice_without_a_job_is_an_opportunity(shared: Pair):
    there = shared.destination
    loose = there.ours("opportunities", "invoices")
    row = loose["INV-7055"]
    assert (row["invoiceNumber"], row["invoiceStatus"], row["stage"]) == ("INV-7055", "Sent", "CUSTOMER")
    assert row["amount"] == row["invoiceAmount"] == aud("1055.25")
    assert row["companyId"] == there.ours("companies", "customers")[key("AT07", "customer", "firm")]["id"]
    assert not {f"INV-70{n:02d}" for n in range(55)} & set(loose)


def test_AT07_lines_of_invoices_are_records_of_their_own(shared: Pair):
    there = shared.destination
    lines, jobs = there.ours("lineItems", "invoice_lines"), there.ours("opportunities", "jobs")
    for n in range(20):
        row = lines[f"INV-70{n:02d}/1"]
        assert (row["kind"], row["lineType"], row["amount"]) == ("INVOICE", "labour", aud("100.5"))
        assert row["opportunityId"] == jobs[key("AT07", "job", n)]["id"]


def test_AT07_what_the_api_gives_is_said_to_be_the_unsent_ones_only(sandboxes: Sandboxes, tmp_path: Path):
    items = [
        {
            "id": key("AT07", "invoice", n),
            "invoiceNumber": f"INV-77{n:02d}",
            "invoiceDate": "2024-05-05T09:00:00",
            "jobId": key("AT07", "job", n),
        }
        for n in range(6)
    ]
    sent = [item["id"] for item in items[:4]]
    seed = INVOICE_SEED | {"invoices": items, "sent": {"invoices": sent}}
    pair = discovered(sandboxes, tmp_path, [Slice("AT07 api", seed, source="ascora")], PAIR)
    (source,) = pair.answers["discover"]["sources"]
    assert any("invoices are unsent only" in note for note in source["notes"])
    counts = {each["name"]: each["count"] for each in source["objects"]}
    assert counts["invoices"] == 2


# --- AT08 ---------------------------------------------------------------------------------------------

OPTIONS = ("Warning signs", "Barricades", "Spotter")
HAZARDS = ("Low", "Medium", "High")
DECLARED = """custom_fields:
  - {name: Roof Type, of: jobs, type: dropdown list, options: [Tile, Metal, Slate]}
  - {name: Inspection Fee, of: jobs, type: money}
"""


def job_card() -> bytes:
    """A document template: merge fields in the header, in one piece, in several, and in a text box."""
    template = Template()
    simple_field(template.header(), "MERGEFIELD JobNumber")
    split_field(template.paragraph(), ' MERGEFIELD "Roof', ' Type" \\* MERGEFORMAT ')
    box = template.paragraph()
    simple_field(box, ' MERGEFIELD "Access Notes" ')
    template.text_box(box)
    return template.whole()


def safety_form() -> bytes:
    """A custom form: codes in split runs, check-boxes, a drop-down, a date."""
    template = Template()
    split_text(template.paragraph("Signed off by "), "{", "Project Sign", " Off By", "}")
    split_text(template.footer(), "Crew of {Crew", " Size} on {JobNumber}")
    for option in OPTIONS:
        check_box(template.paragraph(option), f"pcon_{option}")
    check_box(template.paragraph(), "Isolated")
    drop_down(template.paragraph(), "HazardLevel", HAZARDS)
    date_control(template.paragraph(), "Next Visit")
    return template.whole()


ROOFS = ("Tile", "Metal", "Slate")
FORM_JOBS = [
    *(
        job(
            "AT08",
            n,
            customFields=fields(
                {"Roof Type": ROOFS[n % 3], "Inspection Fee": f"$1,0{n:02d}.50", "Storeys": "2"}
            ),
        )
        for n in range(54)
    ),
    job("AT08", 54, customFields=fields({"Roof Type": "Straw"})),
]


def answers(number: int) -> list[Json]:
    """What was filled in for a job, a row for each code."""
    given = {
        "pcon": "; ".join(OPTIONS[: number % 4]),
        "Project Sign Off By": ANNA_NAME,
        "Crew Size": str(1 + number % 5),
        "Isolated": "Yes" if number % 2 else "No",
        "HazardLevel": HAZARDS[number % 3],
        "Next Visit": f"{number % 28 + 1:02d}/02/2024",
        "Access Notes": f"Gate {number}",
    }
    about = {"JOB NUMBER": job_number("AT08", number), "FORM": "Safety.docx"}
    return [about | {"CODE": code, "VALUE": value} for code, value in given.items() if value]


FORM_FIELDS = {
    "Roof Type": "SELECT",
    "Inspection Fee": "CURRENCY",
    "Storeys": "NUMBER",
    "pcon": "MULTI_SELECT",
    "Project Sign Off By": "TEXT",
    "Crew Size": "NUMBER",
    "Isolated": "BOOLEAN",
    "HazardLevel": "SELECT",
    "Next Visit": "DATE",
    "Access Notes": "TEXT",
}


def test_AT08_fields_of_forms_are_made_typed_before_the_first_job(shared: Pair):
    there, log = shared.destination, shared.answers["log"]
    columns = there.fields("deal")
    assert {label: columns[label].type for label in FORM_FIELDS} == FORM_FIELDS
    assert list(columns["Roof Type"].options.values()) == list(ROOFS)
    assert list(columns["pcon"].options.values()) == list(OPTIONS)
    assert list(columns["HazardLevel"].options.values()) == list(HAZARDS)
    made = [entry["n"] for entry in there.shaped(log)]
    assert made
    assert max(made) < min(entry["n"] for entry in there.written(log, "deal"))


def test_AT08_jobs_carry_what_their_forms_say(shared: Pair, record_property):
    rows = shared.destination.labelled("deal", "jobs")
    for n in range(54):
        row = rows[key("AT08", "job", n)]
        told = {label: row[label] for label in FORM_FIELDS}
        assert told == {
            "Roof Type": ROOFS[n % 3],
            "Inspection Fee": Money(Decimal(f"10{n:02d}.5"), "AUD"),
            "Storeys": 2,
            "pcon": list(OPTIONS[: n % 4]),
            "Project Sign Off By": ANNA_NAME,
            "Crew Size": 1 + n % 5,
            "Isolated": n % 2 == 1,
            "HazardLevel": HAZARDS[n % 3],
            "Next Visit": f"2024-02-{n % 28 + 1:02d}",
            "Access Notes": f"Gate {n}",
        }
    refused = shared.refused([item["jobId"] for item in FORM_JOBS], "jobs>opportunity")
    assert set(refused) == {key("AT08", "job", 54)}
    assert "Roof Type" in refused[key("AT08", "job", 54)]
    moved(record_property, len(FORM_JOBS), len(refused))


SLICES: dict[str, list[Slice]] = {
    "AT04": [OFFICE, Slice("AT04", JOB_SEED, tables={JOBS_TABLE: {"Jobs": JOB_TABLE}}, source="ascora")],
    "AT05": [
        OFFICE,
        Slice(
            "AT05",
            {"jobs": STATUS_JOBS},
            tables={
                JOBS_TABLE: {
                    "Jobs": [
                        {"JOB NUMBER": job_number("AT05", n), "JOB STATUS": text}
                        for n, text in SEVERAL.items()
                    ]
                }
            },
            source="ascora",
        ),
    ],
    "AT06": [
        OFFICE,
        Slice(
            "AT06",
            QUOTE_SEED,
            tables={JOBS_TABLE: {"Jobs": QUOTED}, LINES_TABLE: {"Lines": QUOTE_LINES}},
            source="ascora",
        ),
    ],
    "AT07": [
        OFFICE,
        Slice(
            "AT07",
            INVOICE_SEED,
            tables={INVOICES_TABLE: {"Invoices": INVOICES, "Lines": INVOICE_LINES}},
            source="ascora",
        ),
    ],
    "AT08": [
        OFFICE,
        Slice(
            "AT08",
            {"jobs": FORM_JOBS},
            files={
                "forms/Job Card.docx": job_card(),
                "forms/Safety.docx": safety_form(),
                "custom_fields.yaml": DECLARED,
            },
            tables={"tables/form answers.csv": {"": [row for n in range(54) for row in answers(n)]}},
            settings={"forms": ["{folder}/forms/*.docx"], "custom_fields": "{folder}/custom_fields.yaml"},
            source="ascora",
        ),
    ],
}
