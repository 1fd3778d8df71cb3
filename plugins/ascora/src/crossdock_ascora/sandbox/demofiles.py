"""What the demo tenant exported by hand: tables with a layout, Word templates, attachments with an index."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from crossdock_ascora.layouts import demo_layout
from crossdock_ascora.sandbox import demo
from crossdock_ascora.sandbox import demowords as words
from crossdock_ascora.sandbox.demoforms import write_forms

Row = Sequence[Any]

_DECLARED = """\
# What the API and the forms leave open: the types of custom fields, in Ascora's words.
custom_fields:
  - {name: Roof Type, of: jobs, type: dropdown list, options: [Tile, Metal, Slate]}
  - {name: Access Code, of: jobs, type: text box}
  - {name: Asbestos Checked, of: jobs, type: checkbox}
"""


def write_files(folder: Path) -> None:
    """Write all files of the demo into a folder (made if missing)."""
    tables = folder / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    (folder / "layout.yaml").write_text(demo_layout().read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "custom_fields.yaml").write_text(_DECLARED, encoding="utf-8")
    _workbook(tables / "Users.xlsx", {"Users": (_USERS, words.USERS)})
    _workbook(tables / "Customers.xlsx", {"Equipment": (_EQUIPMENT, _equipment())})
    _workbook(tables / "Jobs.xlsx", {"Jobs": (_JOBS, _jobs())})
    _workbook(tables / "Quote lines.xlsx", {"Lines": (_LINES, _quote_lines())})
    _workbook(
        tables / "Invoices.xlsx", {"Invoices": (_INVOICES, _invoices()), "Lines": (_LINES, _invoice_lines())}
    )
    _table(tables / "notes.csv", _NOTES, _notes())
    _table(tables / "accounting.csv", ("TYPE", "NUMBER", "SYSTEM", "EXTERNAL ID", "LAST SYNC"), _accounting())
    _table(tables / "form answers.csv", ("JOB NUMBER", "FORM", "CODE", "VALUE"), _answers())
    write_forms(folder / "forms")
    _attachments(folder)


_USERS = ("NUMBER", "NAME", "EMAIL", "ROLE", "ACTIVE")
_EQUIPMENT = ("ID", "CUSTOMER", "NAME", "MAKE", "MODEL", "SERIAL NUMBER", "INSTALLED")
_JOBS = ("JOB NUMBER", "JOB STATUS", "QUOTE NUMBER", "ASSIGNED TO", "BOOKING DATE", "EXPECTED DATE", "TEAM")
_LINES = ("DOCUMENT", "LINE", "ITEM CODE", "DESCRIPTION", "QUANTITY", "UNIT PRICE", "AMOUNT EX TAX", "TYPE")
_INVOICES = (
    "INVOICE NUMBER",
    "JOB NUMBER",
    "DATE",
    "DUE DATE",
    "STATUS",
    "TOTAL AMOUNT EX TAX",
    "TOTAL TAX",
    "PAID",
)
_NOTES = ("ID", "ENTITY", "NUMBER", "DATE", "AUTHOR", "TYPE", "NOTE")


def _equipment() -> Iterable[Row]:
    sites = [c for c in demo.customers() if c["customerNumber"].startswith("S")]
    for number, site in enumerate(sites[:18], 1):
        kind, make, model = words.EQUIPMENT[number % 3]
        installed = f"{1 + number % 28:02d}/{1 + number % 12:02d}/2021"
        yield (f"E{number}", site["customerNumber"], kind, make, model, f"SN{number * 7919}", installed)


def _jobs() -> Iterable[Row]:
    quoted = {
        job["jobNumber"]: quote["quoteNumber"]
        for number, quote in enumerate(demo.quotes(), 1)
        if (job := demo.quoted_job(number)) is not None
    }
    for number, job in enumerate(demo.jobs(), 1):
        # An export shows a job that waits for its invoice and is booked again in both statuses.
        status = job["jobStatusText"] + ("; Booked" if number % 16 == 5 else "")
        who = words.USERS[number % 4][1] if number % 9 else "Casual Hand"
        booked = f"{1 + number % 28:02d}/{1 + number % 12:02d}/2024 {7 + number % 5}:30 AM"
        expected = f"{1 + number % 28:02d}/{1 + number % 12:02d}/2024"
        yield (
            job["jobNumber"],
            status,
            quoted.get(job["jobNumber"], ""),
            who,
            booked,
            expected,
            f"Van {1 + number % 3}",
        )


def _quote_lines() -> Iterable[Row]:
    for number, quote in enumerate(demo.quotes(), 1):
        total = quote["totalExTax"]
        parts = round(total * 0.4, 2)
        yield (quote["quoteNumber"], 1, "P-102", "Parts", 1, parts, parts, "material")
        yield (
            quote["quoteNumber"],
            2,
            "",
            "Labour",
            2,
            round((total - parts) / 2, 4),
            round(total - parts, 2),
            "labour",
        )
        if number == QUOTE_WITH_NOTE:
            yield (quote["quoteNumber"], 3, "", "Discount for a good customer", 1, -25, -25, "discount")


QUOTE_WITH_NOTE = 7


def _invoices() -> Iterable[Row]:
    numbers = {job["jobId"]: job["jobNumber"] for job in demo.jobs()}
    for number, invoice in enumerate(demo.invoices(), 1):
        total = round(sum(line["amountExTax"] for line in invoice["invoiceLines"]), 2)
        tax = round(total / 10, 2)
        paid = round(total + tax, 2) if number % 3 else 0
        status = "Paid" if number % 3 else "Sent" if number < 60 else "Draft"
        job = numbers[invoice["jobId"]] if number != 10 else "J0042"
        days = (_day(demo.stamp(30 + number * 5)), _day(demo.stamp(44 + number * 5)))
        yield (invoice["invoiceNumber"], job, *days, status, total, tax, paid)


def _invoice_lines() -> Iterable[Row]:
    for invoice in demo.invoices():
        for place, line in enumerate(invoice["invoiceLines"], 1):
            yield (invoice["invoiceNumber"], place, *(line[name] for name in _LINE_KEYS))


_LINE_KEYS = ("itemCode", "description", "quantity", "unitAmountExTax", "amountExTax", "invoiceLineType")


def _day(stamp: str) -> str:
    return f"{stamp[8:10]}/{stamp[5:7]}/{stamp[:4]}"


def _notes() -> Iterable[Row]:
    kinds = ("Phone call", "Note", "E-mail", "Status change")
    for number, job in enumerate(demo.jobs()[:40], 1):
        when = f"{_day(demo.stamp(number * 4))} {8 + number % 9:02d}:15"
        text = f"Spoke to the customer about {job['jobNumber']}.\nThey will ring back."
        yield (
            f"N{number}",
            "Job",
            job["jobNumber"],
            when,
            words.USERS[number % 3][1],
            kinds[number % 4],
            text,
        )
    yield (
        "N41",
        "Customer",
        "C001",
        "03/05/2024 10:00",
        "Grace Nguyen",
        "Note",
        "Wants one invoice a month.",
    )
    yield ("N42", "Customer", "S001-1", "04/05/2024 10:00", "Tom Kelly", "Note", "Key is in the lock box.")
    yield ("N43", "Quote", "Q2002", "05/05/2024 10:00", "Grace Nguyen", "E-mail", "Sent again.")
    yield ("N44", "Enquiry", "E7", "05/05/2024 10:00", "Grace Nguyen", "Note", "Asked for a price.")
    yield (
        "N45",
        "Job",
        "J9999",
        "06/05/2024 10:00",
        "Grace Nguyen",
        "Note",
        "A job of the year before last.",
    )


def _accounting() -> Iterable[Row]:
    for number in range(1, 11):
        yield ("Customer", f"C{number:03d}", "Xero", f"xero-contact-{number:03d}", "01/06/2025")
    for number in range(1, 21):
        yield ("Invoice", f"INV-{5000 + number}", "Xero", f"xero-invoice-{number:03d}", "01/06/2025")
    yield ("Customer", "C999", "Xero", "xero-contact-999", "01/06/2025")


def _answers() -> Iterable[Row]:
    for number, job in enumerate(demo.jobs()[:30], 1):
        boxes = ("Warning signs", "Barricades", "Spotter")[: number % 4]
        yield (job["jobNumber"], "Site safety form", "pcon", "; ".join(boxes))
        yield (job["jobNumber"], "Site safety form", "Project Sign Off By", words.USERS[number % 2][1])
        yield (job["jobNumber"], "Site safety form", "MeterReading", str(1200 + number * 31))


def _attachments(folder: Path) -> None:
    files = folder / "attachments"
    rows: list[Row] = []
    for number, job in enumerate(demo.jobs()[:12], 1):
        path = files / "jobs" / job["jobNumber"] / f"report {number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Report of {job['jobNumber']}\nAll good – signed.\n", encoding="utf-8")
        rows.append(
            (
                path.relative_to(files).as_posix(),
                "",
                "Job",
                job["jobNumber"],
                "Reports",
                "01/06/2024",
                "Tom Kelly",
            )
        )
    contract = files / "customers" / "C001 contract.txt"
    contract.parent.mkdir(parents=True, exist_ok=True)
    contract.write_text("Service agreement\n", encoding="utf-8")
    rows.append(
        ("customers/C001 contract.txt", "", "Customer", "C001", "Contracts", "02/01/2024", "Grace Nguyen")
    )
    rows.append(("jobs/J1050/lost.jpg", "", "Job", "J1050", "Photos", "02/06/2024", "Tom Kelly"))
    elsewhere = "https://files.elsewhere.example/a1b2.pdf"
    rows.append(("", elsewhere, "Quote", "Q2003", "", "03/06/2024", "Grace Nguyen"))
    _table(folder / "attachments.csv", ("PATH", "URL", "ENTITY", "NUMBER", "FOLDER", "DATE", "AUTHOR"), rows)


def _workbook(path: Path, sheets: dict[str, tuple[Row, Iterable[Row]]]) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for name, (header, rows) in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(list(header))
        for row in rows:
            sheet.append(list(row))
    book.save(path)


def _table(path: Path, header: Row, rows: Iterable[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
