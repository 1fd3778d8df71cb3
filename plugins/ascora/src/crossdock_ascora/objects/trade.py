"""Suppliers, supplies, kits and supplier invoices: moved as they are."""

from crossdock.fieldtypes import FieldType
from crossdock_ascora.objects.kind import REMARKS, Kind, Values, copied, one, remarks, taken
from crossdock_ascora.office import Office
from crossdock_ascora.rows import RawRow
from crossdock_ascora.wire import RAW


def _kind(name: str, label: str, plural: str) -> Kind:
    names = {wire.name: wire.name for wire in RAW[name]}
    own = () if "name" in names else (one("name", FieldType.TEXT, "Name"),)

    def make(row: RawRow, _office: Office) -> Values:
        title = row.text("description") or row.text("number")
        return {"name": title or None, **taken(row, names), "remarks": remarks(row)}

    return Kind(name, name, label, plural, (*own, *copied(name, names), REMARKS), make)


SUPPLIERS = _kind("suppliers", "Supplier", "Suppliers")
SUPPLIES = _kind("supplies", "Supply", "Supplies")
KITS = _kind("kits", "Kit", "Kits")
SUPPLIER_INVOICES = _kind("supplier_invoices", "Supplier invoice", "Supplier invoices")
