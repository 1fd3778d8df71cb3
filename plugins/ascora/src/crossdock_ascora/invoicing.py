"""Invoices as the API gives them: only those that the accounting package has not got yet.

`/Accounting/GetInvoicesToSend` takes a day and gives what was invoiced before it (strictly, documented), so
tomorrow is asked for. It is a bare array; lines stand inside. Whatever was sent to accounting before is not
in it: the whole history needs a table, and an object that came this way says `unsent only`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from crossdock_ascora.client import AscoraClient, Read
from crossdock_ascora.listing import Spool

Json = Mapping[str, Any]

LINES = "invoice_lines"
UNSENT = "unsent only: the API gives an invoice until the accounting package has it"


def invoice_rows(client: AscoraClient, zone: tzinfo) -> Spool:
    """The invoices that are not sent yet."""
    tomorrow = (datetime.now(zone) + timedelta(days=1)).date()
    spool = Spool()
    wanted = ("includeCustomerCustomFields", "includeInvoiceCustomFields", "includeJobCustomFields")
    rows = client.whole(Read.INVOICES, priorToDate=tomorrow.isoformat(), **dict.fromkeys(wanted, "true"))
    for place, row in enumerate(rows):
        spool.add(str(row.get("id") or row.get("invoiceNumber") or f"?{place}"), row)
    return spool


def line_rows(invoices: Iterator[tuple[str, Json]]) -> Iterator[tuple[str, Json]]:
    """The lines of invoices: key `{invoice}/{place}`."""
    for key, invoice in invoices:
        lines = invoice.get("invoiceLines")
        for place, line in enumerate(lines if isinstance(lines, list) else (), start=1):
            if isinstance(line, Mapping):
                yield f"{key}/{place}", {**line, "document": key, "line": place}
