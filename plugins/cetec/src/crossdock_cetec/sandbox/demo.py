"""Filling a new tenant: `demo` (a small maker of electronics), `fresh` and `empty` (a tenant without data).

Nothing here is real: telephone numbers carry the exchange 555-01, addresses of mail and web the reserved
top-level domain `example`. Some records are wrong on purpose, so that the queues have something to show.
"""

from typing import Any

from crossdock_cetec.sandbox import demo_office, demo_parts, demo_sales, demo_supply, demo_work

SEEDS = ("demo", "fresh", "empty")

Table = list[list[Any]]


def content(seed: str) -> dict[str, Any]:
    """The body of a `POST /_seed` that fills a tenant, `files` as bytes of tables included."""
    if seed != "demo":
        return {}
    orders = demo_sales.orders()
    tables: dict[str, Table] = {
        "user_list.xlsx": demo_office.users(),
        "lead_list.xlsx": demo_sales.leads(),
        "quote_list.xlsx": demo_sales.quotes(),
        "quote_lines.xlsx": demo_sales.quote_lines(),
        "parts_list.xlsx": demo_parts.parts(),
        "vendor_prices.xlsx": demo_parts.prices(),
        "bom_list.xlsx": demo_parts.bom_lines(),
        "bom_operations.xlsx": demo_parts.operations(),
        "vendor_list.xlsx": demo_supply.vendors(),
        "po_list.xlsx": demo_supply.purchase_orders(),
        "po_lines.xlsx": demo_supply.purchase_lines(),
        "receipts.xlsx": demo_supply.receipts(),
        "production_list.xlsx": demo_work.production_list(orders),
        "ncr_list.xlsx": demo_work.nonconformances(orders),
        "inspection_list.xlsx": demo_work.inspections(orders),
        "note_list.xlsx": demo_office.notes(orders),
        "document_list.xlsx": demo_office.document_index(orders),
        "quality_codes.xlsx": demo_office.quality_codes(),
        "approval_thresholds.xlsx": demo_office.thresholds(),
    }
    return {
        "customers": demo_sales.customers(),
        "contacts": demo_sales.contacts(),
        "orders": orders,
        "invoices": demo_sales.invoices(orders),
        "parts": demo_parts.details(),
        "locations": demo_work.locations(),
        "location_maps": demo_work.location_maps(orders),
        "files": {name: {"rows": rows} for name, rows in tables.items()} | demo_office.documents(orders),
    }
