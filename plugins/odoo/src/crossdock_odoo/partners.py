"""Contacts of a company keep what is their own.

On a new or newly assigned contact of type `contact` Odoo writes the company's address over the contact's, and
the company's tax id, registry number and industry over those of any contact that is no company itself. A
company without an address gets that of its first contact. (Code of 18.0, and measured.) What is written in a
later call, without the company, stays. So such a contact is made without these fields first, marked as half
made, and completed by a second call. A contact without a salesperson gets that of its new company, unless the
same call says that it has none (measured on 18.0): so a call that moves one says it.
"""

from collections.abc import Sequence

from crossdock_odoo.client import OdooClient
from crossdock_odoo.filling import Item
from crossdock_odoo.objects import ADDRESS_PARTS

PARTNER = "res.partner"
_PARENT = "parent_id/.id"
_SALESPERSON = "user_id"
COMMERCIAL = {"vat": "vat", "company_registry": "company_registry", "industry_id": "industry_id/.id"}
"""Columns that a company shares with its contacts -> how a load names them."""
_ADDRESS = {c: f"{c}/.id" if c.endswith("_id") else c for c in ADDRESS_PARTS}
OWN = {**_ADDRESS, **COMMERCIAL}
"""Columns of a contact that its company overwrites -> how a load names them."""


def second_call(model: str, item: Item) -> dict[str, str]:
    """The cells of a new contact that have to wait for a second call, taken out of the first."""
    if model != PARTNER or not item.cells.get(_PARENT):
        return {}
    own = {cell: item.cells[cell] for cell in OWN.values() if cell in item.cells}
    if not any(own.values()):
        return {}
    for cell in own:
        del item.cells[cell]
    return own


def kept(client: OdooClient, items: Sequence[Item]) -> dict[int, dict[str, str]]:
    """By database id, what has to be written again once these contacts got another company or the type
    `contact`, which takes the company's address just so. Whoever has no salesperson is said to have none."""
    moved = [
        i
        for i in items
        if i.record_id is not None and (i.cells.get(_PARENT) or i.cells.get("type") == "contact")
    ]
    if not moved:
        return {}
    known = client.fields_get(PARTNER, ["type"])
    columns = [c for c in OWN if c in known]
    ids = [i.record_id for i in moved if i.record_id is not None]
    rows = client.read(PARTNER, ids, [*columns, _SALESPERSON])
    held = {row["id"]: row for row in rows}
    again: dict[int, dict[str, str]] = {}
    for item in moved:
        row = held.get(item.record_id or 0)
        if row is None or item.record_id is None:
            continue
        if item.cells.get(_PARENT) and not row[_SALESPERSON]:
            item.cells.setdefault(f"{_SALESPERSON}/.id", "")
        own = {OWN[c]: item.cells.get(OWN[c], str(row[c] or "")) for c in columns}
        address = {cell: own[cell] for cell in _ADDRESS.values() if cell in own}
        again[item.record_id] = {
            **(address if any(address.values()) else {}),
            **{cell: own[cell] for cell in COMMERCIAL.values() if own.get(cell)},
        }
    return {record_id: cells for record_id, cells in again.items() if cells}


def passed_on(items: Sequence[Item]) -> list[int]:
    """Those that are there and whose new values Odoo writes into the contacts below them as well."""
    shared = {_PARENT, "type", *OWN.values()}
    return [i.record_id for i in items if i.record_id is not None and shared & i.cells.keys()]


def is_moved(item: Item) -> bool:
    """Whether a record gets another company, or none."""
    return _PARENT in item.cells
