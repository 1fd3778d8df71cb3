"""Tables that other objects are completed from: they are no objects of the catalog themselves."""

from collections.abc import Iterable, Mapping

from crossdock.fieldtypes import FieldType as T
from crossdock.model import ObjectSchema
from crossdock_cetec.fields import Field, Object, of, text
from crossdock_cetec.objects import OBJECTS, WORK_ORDER

_TABLES: Mapping[str, tuple[Field, ...]] = {
    WORK_ORDER: (
        text("line_id", "Line id", "ordline_id", "id"),
        text("ordernum", "Order", "ordernum"),
        of(T.INTEGER, "line", "Line", "lineitem"),
        text("part", "Prcpart", "prcpart"),
        text("status", "Status"),
        text("location", "Work location", "work_location"),
        of(T.DECIMAL, "quantity", "Quantity", "orig_order_qty"),
        of(T.DECIMAL, "released", "Released", "release_qty"),
        of(T.DECIMAL, "balance", "Balance due", "balancedue"),
        of(T.DATE, "ship_date", "Ship date", "target_ship_date", "promisedate"),
        of(T.DATETIME, "work_start", "Work start"),
        of(T.DATE, "wip_date", "Work start", "target_wip_date"),
        of(T.DECIMAL, "estimated_minutes", "Estimated labour, minutes"),
        of(T.DECIMAL, "actual_minutes", "Actual labour, minutes"),
        of(T.MONEY, "labor_cost", "Labour cost"),
        of(T.MONEY, "ext_resale", "Extended resale"),
        text("transcode", "Transcode", "transcode"),
        text("production_line", "Production line", "production_line_description"),
        text("quality_code", "Quality code"),
        text("customer", "Customer", "customer"),
    ),
    "bomline": (
        text("parent", "Parent"),
        text("top", "Top assembly"),
        of(T.INTEGER, "level", "Level"),
        text("component", "Component"),
        of(T.DECIMAL, "quantity", "Quantity per top"),
        text("number", "Component number"),
        text("revision", "Revision"),
        text("designators", "Reference designators"),
        text("sourcing", "Sourcing"),
        text("comments", "Comments"),
    ),
    "bomoperation": (
        text("parent", "Parent"),
        text("location", "Location"),
        of(T.INTEGER, "build_order", "Build order"),
        text("operation", "Operation"),
        of(T.INTEGER, "place", "Place in line"),
        of(T.DECIMAL, "repetitions", "Repetitions"),
        of(T.BOOLEAN, "setup", "Setup"),
        text("instructions", "Work instructions"),
    ),
    "vendorprice": (
        text("part", "Part"),
        text("vendor", "Vendor"),
        text("vendor_part", "Vendor part number"),
        of(T.MONEY, "price", "Price"),
        of(T.DECIMAL, "minimum", "Minimum quantity"),
        text("lead_time", "Lead time"),
    ),
    "receipt": (
        text("ponum", "PO number"),
        of(T.INTEGER, "line", "Line"),
        text("receipt", "Receipt"),
        of(T.DATE, "received_on", "Received on"),
        of(T.DECIMAL, "quantity", "Quantity"),
    ),
    "qualitycode": (
        text("code", "Code"),
        text("description", "Description"),
        text("applies_to", "Applies to"),
        of(T.BOOLEAN, "active", "Active"),
    ),
    "approvalthreshold": (
        text("name", "Name"),
        text("applies_to", "Applies to"),
        of(T.MONEY, "amount", "Threshold"),
        text("approver", "Approver"),
    ),
    "ncr": (
        text("number", "Number"),
        text("kind", "Type"),
        text("work_order", "Work order"),
        text("part", "Part"),
        of(T.DECIMAL, "quantity", "Quantity"),
        text("description", "Description"),
        text("status", "Status"),
        text("disposition", "Disposition"),
        of(T.DATE, "found_on", "Found on"),
    ),
    "inspection": (
        text("number", "Number"),
        text("kind", "Type"),
        text("work_order", "Work order"),
        text("part", "Part"),
        text("result", "Result"),
        text("inspector", "Inspector"),
        of(T.DATE, "inspected_on", "Inspected on"),
    ),
}


SUPPORT = frozenset(_TABLES)
"""Their names."""


def support_object(name: str) -> Object:
    """The fields of a table that other objects are completed from."""
    return Object(name, name, name, _TABLES[name])


def schemas(names: Iterable[str]) -> dict[str, ObjectSchema]:
    """What is known of these objects; a layout may name others."""
    known = {**OBJECTS, **{name: support_object(name) for name in _TABLES}}
    return {name: known[name].schema() for name in names if name in known}
