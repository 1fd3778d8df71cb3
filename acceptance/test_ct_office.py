"""CT09 to CT12: notes, users, documents and quality codes."""

# ruff: noqa: N802 - a test is named after its row

from datetime import date, datetime
from pathlib import Path
from typing import Any

from acceptance.destinations import Destination
from acceptance.harness import Pair, Sandboxes, moved, prepared
from acceptance.platforms import Row
from acceptance.slices import ANNA_MEMBER, IVAN_MEMBER, Json, Slice
from acceptance.sources.cetec import binary, firm, line, order, workbook
from acceptance.test_ct_sales import handed, handoff
from acceptance.test_p_users import confirm, table

PAIR = "cetec-twenty"
NOTES, OFFICE, FLOOR, WITH_ACCOUNT, DOCUMENTS = 54, 30, 20, 6, 54

# --- CT09 ---------------------------------------------------------------------------------------

PLACES = (("Customer", "C1900"), ("Part", "CMP9"), ("Order", "1900.1"), ("Quote", "Q900"))
"""Records that migrate; notes go round them."""


def note(number: int, **more: Any) -> Json:
    """A note on one of the places."""
    kind, record = PLACES[number % 4]
    return {
        "Note ID": f"N{number:03d}",
        "Subject": f"Call {number}",
        "Note": f"Ask about <b>lot {number}</b><br>before Friday",
        "Note Type": ("reminder", "phone call", "email")[number % 3],
        "Author": ("anna", "ivan", "roman")[number % 3],
        "Assigned To": ("ivan", "anna", "roman")[number % 3],
        "Created At": datetime(2024, 1 + number % 2 * 6, 1 + number % 28, 9, number % 60),  # noqa: DTZ001 - no zone
        "Due": date(2024, 8, 1 + number % 28),
        "Done": "Yes" if number % 2 else "No",
        "Object": kind,
        "Record": record,
    } | more


ORPHANS: dict[str, tuple[Json, str]] = {
    "N060": ({"Object": "Work Order", "Record": "MN1900.1-1"}, "part"),
    "N061": ({"Object": "Invoice", "Record": "99001"}, "company"),
    "N062": ({"Object": "NCR", "Record": "N-1", "Prcpart": "CMP9"}, "part"),
    "N063": ({"Object": "RMA", "Record": "88", "Customer Number": "C1900"}, "company"),
}
"""Notes on what does not migrate: what is said of each, and where it goes."""
NOTE_ROWS: list[Json] = [
    *(note(n) for n in range(NOTES)),
    *(note(int(name[1:]), **said) for name, (said, _) in ORPHANS.items()),
    note(64, Object="RMA", Record="89"),
    note(65, Object="", Record=""),
    note(66, **{"Created At": "some day"}),
]

# --- CT10 ---------------------------------------------------------------------------------------


def person(number: int, permissions: str, **more: Any) -> Json:
    """Somebody who works at the tenant."""
    return {
        "Username": f"u{number}",
        "Name": f"Wendy Worker{number}",
        "Email": f"wendy{number}@works.example",
        "Permission Set": permissions,
        "User Type": "Full",
        "Active": "Yes",
    } | more


OFFICE_SETS = ("Inside Sales", "Quality", "Accounting")
FLOOR_SETS = ("Shop Floor", "production", "Time Clock")
USER_ROWS: list[Json] = [
    *(person(n, OFFICE_SETS[n % 3]) for n in range(OFFICE)),
    *(person(100 + n, FLOOR_SETS[n % 3]) for n in range(FLOOR)),
    person(200, "Inside Sales", Email=None),
]
OWNED = [firm(2000 + n, salesperson=f"u{n % 2 * 100 + 1}") for n in range(10)]
"""Customers of somebody of the office (u1) and of somebody of the floor (u101)."""


def accounts(destination: Destination) -> None:
    """Some of the office, and one of the floor, have an account already."""
    for number in (*range(WITH_ACCOUNT), 100):
        destination.invite(f"wendy{number}@works.example")
        destination.account(f"wendy{number}@works.example")


# --- CT11 ---------------------------------------------------------------------------------------

FORMATS = ("pdf", "docx", "xlsx", "png", "step", "dwg", "zip", "txt", "unknown")


def document(number: int) -> bytes:
    """The bytes of a document: those that begin like a format, and all others."""
    start = {"pdf": b"%PDF-1.4\n", "png": b"\x89PNG\r\n\x1a\n", "zip": b"PK\x03\x04"}
    return start.get(FORMATS[number % 9], b"") + f"document {number}".encode() + bytes(range(256)) * 20


def path_of(number: int) -> str:
    """Where a document lies."""
    return f"{('Prints', 'Contracts/2024')[number % 2]}/Doc {number}.{FORMATS[number % 9]}"


def indexed(number: int, **more: Any) -> Json:
    """What the index says of a document."""
    kind, record = (("Part", "CMP11"), ("Customer", "C2100"), ("Order", "2100.1"))[number % 3]
    return {
        "File": path_of(number),
        "Title": f"Title {number}",
        "Revision": "ABC"[number % 3],
        "Revised On": date(2023, 2, 1 + number % 28),
        "Uploaded By": ("anna", "roman")[number % 2],
        "Tags": "print, released",
        "Uploaded On": datetime(2023, 3, 1 + number % 28, 10, 30),  # noqa: DTZ001 - a cell has no zone
        "Object": kind,
        "Record": record,
    } | more


INDEX: list[Json] = [
    *(indexed(n) for n in range(DOCUMENTS)),
    indexed(60, Object="Work Order", Record="2100.1-1"),
    indexed(61, Object="Calendar", Record="Summer"),
    indexed(62, File="Prints/lost.pdf"),
]
LYING = {f"documents/{path_of(n)}": binary(document(n)) for n in (*range(DOCUMENTS), 60, 61)}

# --- CT12 ---------------------------------------------------------------------------------------

CODES: list[Json] = [
    {"Code": "Q10", "Description": "Certificate", "Applies To": "Part", "Active": "Yes"},
    {"Code": "Q30", "Description": "Lot trace", "Applies To": "Part, Purchase Order", "Active": "Yes"},
    {"Code": "P20", "Description": "Test report", "Applies To": "PO", "Active": "No"},
    {"Code": "W1", "Description": "Visual", "Applies To": "Work Order", "Active": "Yes"},
    {"Code": "W2", "Description": "X-ray", "Applies To": "Work Order", "Active": "Yes"},
    {"Code": "R7", "Description": "Return", "Applies To": "RMA", "Active": "Yes"},
]
CODED: list[Json] = [
    *(
        {"Prcpart": f"QCP{n:03d}", "Description": "Coded", "Quality Code": ("Q10", "Q30", None)[n % 3]}
        for n in range(30)
    ),
    {"Prcpart": "QCP999", "Description": "Coded", "Quality Code": "W1"},  # a code of something else
]
CODED_ORDERS: list[Json] = [
    {
        "PO": f"P12{n:02d}",
        "Vendor Number": "V12",
        "Ordered On": date(2024, 5, 6),
        "Quality Code": ("Q30", "P20", None)[n % 3],
    }
    for n in range(20)
]
CODED_WORK: list[Json] = [
    {
        "Order": f"12{n:02d}.1",
        "Line": n % 2 + 1,
        "Prcpart": f"QCP{n // 2:03d}",
        "Quality Code": f"W{n % 2 + 1}",
    }
    for n in range(20)
]

SEEDS: dict[str, Json] = {
    "CT09": {
        "customers": [firm(1900)],
        "orders": [order(1900, "Firm 1900, Inc.", line(190001, "CMP9", 1, "10"))],
        "invoices": [{"invoicenum": 99001, "custnum": "C1900", "invoicedate": "2024-05-06"}],
        "files": {
            "parts_list CT09.xlsx": workbook({"Prcpart": "CMP9", "Description": "Noted"}),
            "quote_list CT09.xlsx": workbook(
                {
                    "Quote": "Q900",
                    "Customer Number": "C1900",
                    "Status": "Open",
                    "Total": 5,
                    "Quoted On": date(2024, 5, 6),
                }
            ),
            "note_list CT09.xlsx": workbook(*NOTE_ROWS),
        },
    },
    "CT10": {"customers": OWNED, "files": {"user_list CT10.xlsx": workbook(*USER_ROWS)}},
    "CT11": {
        "customers": [firm(2100)],
        "orders": [order(2100, "Firm 2100, Inc.", line(210001, "CMP11", 1, "10"))],
        "files": {
            "parts_list CT11.xlsx": workbook({"Prcpart": "CMP11", "Description": "Drawn"}),
            "document_list CT11.xlsx": workbook(*INDEX),
            "documents/Prints/forgotten.txt": "Nobody knows what this is.\n",
            **LYING,
        },
    },
    "CT12": {
        "files": {
            "quality_codes CT12.xlsx": workbook(*CODES),
            "parts_list CT12.xlsx": workbook(*CODED),
            "vendor_list CT12.xlsx": workbook({"Vendor Number": "V12", "Vendor": "Coded Supply"}),
            "po_list CT12.xlsx": workbook(*CODED_ORDERS),
            "production_list CT12.xlsx": workbook(*CODED_WORK),
        }
    },
}
SLICES = {
    row: [Slice(row, seed, prepare=accounts if row == "CT10" else None, source="cetec")]
    for row, seed in SEEDS.items()
}


def targets(shared: Pair) -> dict[str, list[tuple[str, str]]]:
    """(field, record) of each end of a task, by task."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in shared.destination.all("taskTargets"):
        ends = [(name, value) for name, value in row.items() if name.startswith("target") and value]
        found.setdefault(row["taskId"], []).extend(ends)
    return found


def test_CT09_notes_become_tasks_with_author_time_and_assignee(shared: Pair, record_property):
    found = shared.destination.ours("tasks", "note")
    for n in range(NOTES):
        row = found[f"N{n:03d}"]
        assert row["title"] == f"Call {n}"
        assert row["bodyV2"]["markdown"] == f"Ask about **lot {n}**  \nbefore Friday"
        assert row["noteKind"] == ("reminder", "phone call", "email")[n % 3]
        assert row["status"] == ("DONE" if n % 2 else "TODO")
        assert row["assigneeId"] == (IVAN_MEMBER, ANNA_MEMBER, None)[n % 3]
        assert row["dueAt"].startswith(f"2024-08-{1 + n % 28:02d}T")
        # Chicago is six hours behind in winter and five in summer.
        month, hour = (7, 14) if n % 2 else (1, 15)
        assert row["createdAt"] == f"2024-{month:02d}-{1 + n % 28:02d}T{hour}:{n:02d}:00.000Z"
        assert row["createdBy"]["name"] == ("Anna Petrova", "Ivan Sidorov", "Roman Belov")[n % 3]
        assert row["createdBy"]["workspaceMemberId"] == (ANNA_MEMBER, IVAN_MEMBER, None)[n % 3]
    refused = shared.refused([row["Note ID"] for row in NOTE_ROWS], "note>task")
    assert set(refused) == {"N064", "N065", "N066"}
    assert "some day" in refused["N066"]
    moved(record_property, len(NOTE_ROWS), len(refused))


def test_CT09_a_note_is_on_the_record_that_it_is_about(shared: Pair):
    there = shared.destination
    found, ends = there.ours("tasks", "note"), targets(shared)
    records = (
        ("targetCompanyId", there.ours("companies", "customer")["1900"]["id"]),
        ("targetPartId", there.ours("parts", "part")["CMP9"]["id"]),
        ("targetOpportunityId", there.ours("opportunities", "order")["1900"]["id"]),
        ("targetOpportunityId", there.ours("opportunities", "quote")["Q900"]["id"]),
    )
    for n in range(NOTES):
        row = found[f"N{n:03d}"]
        assert ends[row["id"]] == [records[n % 4]]
        assert not row["placed"]


def test_CT09_notes_on_what_does_not_migrate_go_to_the_part_or_company(shared: Pair):
    there = shared.destination
    found, ends = there.ours("tasks", "note"), targets(shared)
    at = {
        "part": ("targetPartId", there.ours("parts", "part")["CMP9"]["id"]),
        "company": ("targetCompanyId", there.ours("companies", "customer")["1900"]["id"]),
    }
    for name, (said, place) in ORPHANS.items():
        assert ends[found[name]["id"]] == [at[place]]
        assert f"{said['Object']} {said['Record']} does not migrate" in found[name]["placed"]


def test_CT09_notes_that_lead_nowhere_wait_in_the_queue(shared: Pair):
    lines = table(shared.project.folder / "queues" / "references.csv")
    # Rows share the migration: the keys of this one's notes begin so.
    own = [line for line in lines if line["object"] == "note" and line["key"].startswith("N0")]
    waiting = {line["key"]: line["reason"] for line in own}
    assert set(waiting) == {"N064", "N065"}
    assert "RMA 89 does not migrate" in waiting["N064"]
    assert "names nothing" in waiting["N065"]


def test_CT10_users_are_found_by_address_and_the_others_wait(shared: Pair, record_property):
    members = {row["userEmail"]: row["id"] for row in shared.destination.all("workspaceMembers")}
    for n in range(WITH_ACCOUNT):
        outcome = shared.outcome(f"u{n}", "user>workspaceMember")
        assert outcome["id"] == members[f"wendy{n}@works.example"]
    waiting = {line["key"] for line in table(shared.project.folder / "queues" / "unmatched.csv")}
    assert {f"u{n}" for n in range(WITH_ACCOUNT, OFFICE)} <= waiting
    assert not {email for email in members if email.startswith("wendy")} - {
        f"wendy{n}@works.example" for n in (*range(WITH_ACCOUNT), 100)
    }
    refused = shared.refused([row["Username"] for row in USER_ROWS], "user>workspaceMember")
    assert "userEmail" in refused["u200"]
    moved(record_property, len(USER_ROWS), len(refused))


def test_CT10_the_shop_floor_is_left_out_unless_records_name_somebody(shared: Pair):
    for n in range(FLOOR):
        outcome = shared.outcome(f"u{100 + n}", "user>workspaceMember")
        assert outcome["outcome"] == ("held" if n == 1 else "skipped")
        if n != 1:
            assert "shop_floor" in outcome["reasons"]
    companies = shared.destination.ours("companies", "customer")
    owners = {companies[str(each["id"])]["accountOwnerId"] for each in OWNED}
    members = {row["userEmail"]: row["id"] for row in shared.destination.all("workspaceMembers")}
    assert owners == {members["wendy1@works.example"], None}


def test_CT10_the_shop_floor_is_looked_for_if_that_is_decided(
    sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = prepared(sandboxes, tmp_path, SLICES["CT10"], PAIR)
    confirm(pair, {"shop_floor": "keep"})
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    member = pair.destination.all("workspaceMembers", where='userEmail[eq]:"wendy100@works.example"')[0]
    assert pair.outcome("u100", "user>workspaceMember")["id"] == member["id"]
    waiting = {line["key"] for line in table(pair.project.folder / "queues" / "unmatched.csv")}
    assert {f"u{100 + n}" for n in range(1, FLOOR)} <= waiting


def test_CT10_permission_sets_are_listed_with_their_people_and_a_role(shared: Pair):
    found = {each["name"]: each["details"] for each in handed(shared, "role")["found"]}
    assert set(OFFICE_SETS) | set(FLOOR_SETS) <= set(found)
    assert "Wendy Worker4 <wendy4@works.example>" in found["Quality"]["people"]
    rows = {row["role"]: row for row in table(shared.project.folder / "reports" / "roles.csv")}
    for name in (*OFFICE_SETS, *FLOOR_SETS):
        assert int(rows[name]["people"]) == len([r for r in USER_ROWS if r["Permission Set"] == name])
        assert "suggested" in rows[name]
    assert "Wendy Worker1 <wendy1@works.example>" in rows["Quality"]["members"]


def test_CT11_documents_become_attachments_in_their_formats(shared: Pair, record_property):
    there = shared.destination
    found = there.ours("attachments", "document")
    records = (
        ("targetPartId", there.ours("parts", "part")["CMP11"]["id"]),
        ("targetCompanyId", there.ours("companies", "customer")["2100"]["id"]),
        ("targetOpportunityId", there.ours("opportunities", "order")["2100"]["id"]),
    )
    for n in range(DOCUMENTS):
        row = found[path_of(n)]
        field, record = records[n % 3]
        assert row[field] == record
        assert row["name"] == f"Doc {n}.{FORMATS[n % 9]}"
        assert row["folder"] == ("Prints", "Contracts/2024")[n % 2]
        if n < len(FORMATS):
            assert there.content(row) == document(n)
    refused = shared.refused([row["File"] for row in INDEX], "document>attachment")
    assert set(refused) == {path_of(61), "Prints/lost.pdf"}
    assert "there is no such file" in refused["Prints/lost.pdf"]
    moved(record_property, len(INDEX), len(refused))


def test_CT11_revision_date_and_author_are_kept(shared: Pair):
    found = shared.destination.ours("attachments", "document")
    for n in range(DOCUMENTS):
        row = found[path_of(n)]
        assert (row["title"], row["revision"], row["tags"]) == (
            f"Title {n}",
            "ABC"[n % 3],
            "print, released",
        )
        assert row["revisedOn"] == f"2023-02-{1 + n % 28:02d}"
        assert row["createdBy"]["name"] == ("Anna Petrova", "Roman Belov")[n % 2]
        hour = 16 if 1 + n % 28 < 12 else 15  # summer time begins on the 12th
        assert row["createdAt"] == f"2023-03-{1 + n % 28:02d}T{hour}:30:00.000Z"


def test_CT11_documents_of_what_does_not_migrate_go_to_the_part_or_are_archived(shared: Pair):
    there = shared.destination
    row = there.ours("attachments", "document")[path_of(60)]
    assert row["targetPartId"] == there.ours("parts", "part")["CMP11"]["id"]
    assert "Work Order 2100.1-1 does not migrate" in row["placed"]
    report = handed(shared, "orphan_document")
    found = {each["name"]: each["details"] for each in report["found"]}
    assert found[path_of(61)]["why"] == "Calendar Summer does not migrate"
    assert (found[path_of(61)]["title"], found[path_of(61)]["revision"]) == ("Title 61", "B")
    assert found["Prints/forgotten.txt"]["why"] == "the index does not name it"
    folder = shared.project.folder / "reports"
    assert (folder / found[path_of(61)]["file"]).read_bytes() == document(61)
    assert b"Nobody knows" in (folder / found["Prints/forgotten.txt"]["file"]).read_bytes()


def options(shared: Pair, kind: str, field: str) -> dict[str, str]:
    """The labels of a field's choices by value."""
    found: Row = shared.destination.objects()[kind]["fields"][field]
    assert found["type"] in ("SELECT", "MULTI_SELECT")
    return {each["label"]: each["value"] for each in found["options"]}


def test_CT12_quality_codes_are_choices_of_the_object_that_they_are_for(shared: Pair, record_property):
    there = shared.destination
    of_parts = options(shared, "part", "qualityCode")
    of_orders = options(shared, "purchaseOrder", "qualityCode")
    of_work = options(shared, "part", "workOrderCodes")
    own = {f"{row['Code']} - {row['Description']}" for row in CODES}  # rows share the migration
    assert own & set(of_parts) == {"Q10 - Certificate", "Q30 - Lot trace"}
    assert set(of_orders) == {"Q30 - Lot trace", "P20 - Test report"}
    assert set(of_work) == {"W1 - Visual", "W2 - X-ray"}
    parts, orders = there.ours("parts", "part"), there.ours("purchaseOrders", "purchaseorder")
    for n in range(30):
        wanted = ("Q10 - Certificate", "Q30 - Lot trace", None)[n % 3]
        assert parts[f"QCP{n:03d}"]["qualityCode"] == of_parts.get(wanted or "")
        work = [of_work["W1 - Visual"], of_work["W2 - X-ray"]] if n < 10 else None
        assert (parts[f"QCP{n:03d}"]["workOrderCodes"] or None) == work
    for n in range(20):
        wanted = ("Q30 - Lot trace", "P20 - Test report", None)[n % 3]
        assert orders[f"P12{n:02d}"]["qualityCode"] == of_orders.get(wanted or "")
    refused = shared.refused([row["Prcpart"] for row in CODED], "part>part")
    assert set(refused) == {"QCP999"}
    assert "W1" in refused["QCP999"]
    moved(record_property, len(CODED) + len(CODED_ORDERS) + len(CODED_WORK), len(refused))


def test_CT12_the_other_codes_are_in_the_handoff(shared: Pair):
    found = {each["name"]: each["details"] for each in handed(shared, "quality_code")["found"]}
    assert {row["Code"] for row in CODES} <= set(found)
    assert found["R7"]["where"] == "nowhere: for people to decide"
    assert (found["R7"]["description"], found["R7"]["applies_to"]) == ("Return", "RMA")
    assert found["Q30"]["where"] == "choice on part, choice on purchaseorder"
    assert found["W1"]["where"] == "choice on workorder"
    page = (shared.project.folder / "reports" / "handoff.html").read_text(encoding="utf-8")
    for words in ("R7", "nowhere: for people to decide"):
        assert words in page
    assert handoff(shared)["confirmed"]["by"] == "Acceptance"
