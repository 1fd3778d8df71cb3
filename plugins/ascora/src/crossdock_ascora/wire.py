"""What Ascora's objects hold, one table row a field: the name here, its type, and where the API has it.

`path` is the key in an answer ("" where the API does not give it: then only a table can). The names are
the columns of a layout too, so that one mapping fits both ways. Keys are those of captured events and of
client code; of invoices due date, status and totals were never seen in an answer (assumed).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema, ObjectSchema

_STREET = {
    "street1": "streetLine1",
    "street2": "streetLine2",
    "city": "streetSuburb",
    "state": "streetState",
    "postcode": "streetPostcode",
    "country": "streetCountry",
}
_POSTAL = {part: key.replace("street", "postal") for part, key in _STREET.items()}
_PLACE = {
    "street1": "addressLine1",
    "street2": "addressLine2",
    "city": "suburb",
    "state": "state",
    "postcode": "postcode",
    "country": "country",
}


@dataclass(frozen=True, slots=True)
class Wire:
    """One field of a raw record. `link`: {id, name} of another record in an answer, a name in a table.

    `named`: the link is an id alone in an answer. `parts`: of an address, by the keys of an answer.
    """

    name: str
    type: T
    label: str
    path: str = ""
    link: bool = False
    multiple: bool = False
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def paths(self) -> tuple[str, ...]:
        """The keys of an answer that this field reads."""
        return tuple(self.parts.values()) or ((self.path,) if self.path else ())


def _text(name: str, label: str, path: str = "") -> Wire:
    return Wire(name, T.TEXT, label, path)


def _money(name: str, label: str, path: str = "") -> Wire:
    return Wire(name, T.MONEY, label, path)


def _link(name: str, label: str, path: str = "") -> Wire:
    return Wire(name, T.TEXT, label, path, link=True)


def _address(name: str, label: str, parts: Mapping[str, str]) -> Wire:
    return Wire(name, T.ADDRESS, label, parts=parts)


_PERSON = (
    _text("first_name", "First name", "firstName"),
    _text("last_name", "Last name", "lastName"),
    Wire("email", T.EMAIL, "E-mail", "emailAddress"),
    Wire("phone", T.PHONE, "Phone", "phoneNumber"),
    Wire("mobile", T.PHONE, "Mobile", "mobileNumber"),
)
_WORK = (
    _text("pricing_method", "Pricing method", "pricingMethod"),
    _money("total_ex", "Total ex tax", "totalExTax"),
    _money("total_inc", "Total inc tax", "totalIncTax"),
    _money("tax", "Tax"),
    _text("purchase_order", "Purchase order", "purchaseOrderNumber"),
    _text("client_order", "Client order number", "clientOrderNumber"),
    _address("address", "Address", _PLACE),
    _link("job_type", "Job type", "jobType"),
    _link("site_customer", "Site customer", "siteCustomer"),
    _link("site_contact", "Site contact", "siteContact"),
    _link("billing_customer", "Billing customer", "billingCustomer"),
    _link("billing_contact", "Billing contact", "billingContact"),
    _link("assigned_to", "Assigned to"),
    Wire("booking_date", T.DATETIME, "Booking date"),
    _text("team", "Team"),
    Wire("is_section", T.BOOLEAN, "Is section or stage"),
)
_LINE = (
    _link("document", "Document", "document"),
    Wire("line", T.INTEGER, "Line", "line"),
    _text("code", "Item code", "itemCode"),
    _text("description", "Description", "description"),
    Wire("quantity", T.DECIMAL, "Quantity", "quantity"),
    _money("unit_price", "Unit price ex tax", "unitAmountExTax"),
    _money("amount", "Amount ex tax", "amountExTax"),
    _text("line_type", "Type", "invoiceLineType"),
)

RAW: Mapping[str, tuple[Wire, ...]] = {
    "users": (
        _text("name", "Name"),
        Wire("email", T.EMAIL, "E-mail"),
        _text("role", "Role"),
        Wire("active", T.BOOLEAN, "Active"),
    ),
    "customers": (
        _text("number", "Customer number", "customerNumber"),
        _text("name", "Name", "customerName"),
        _text("company_name", "Company name", "companyName"),
        _text("first_name", "Contact first name", "contactFirstName"),
        _text("last_name", "Contact last name", "contactLastName"),
        Wire("email", T.EMAIL, "E-mail", "emailAddress"),
        Wire("phone", T.PHONE, "Phone", "phoneNumber"),
        Wire("mobile", T.PHONE, "Mobile", "mobileNumber"),
        Wire("fax", T.PHONE, "Fax"),
        Wire("on_hold", T.BOOLEAN, "On hold", "onHold"),
        Wire("billing_on_hold", T.BOOLEAN, "Billing customer on hold", "billingCustomerOnHold"),
        _address("address", "Address", _STREET),
        _address("postal_address", "Postal address", _POSTAL),
        Wire("latitude", T.DECIMAL, "Latitude", "streetLatitude"),
        Wire("longitude", T.DECIMAL, "Longitude", "streetLongitude"),
        _link("customer_type", "Customer type", "customerType"),
        _link("lead_source", "Lead source", "leadSource"),
        _link("billing_customer", "Billing customer", "billingCustomer"),
        _link("assigned_to", "Assigned to", "assignedUser"),
        _text("website", "Website"),
        _text("business_number", "Business number"),
        Wire("is_business", T.BOOLEAN, "Is a business"),
        _text("notes", "Notes"),
        _text("site_notes", "Site notes"),
        Wire("created_at", T.DATETIME, "Created at"),
    ),
    "contacts": (
        _link("customer", "Customer", "customerId"),
        *_PERSON,
        Wire("fax", T.PHONE, "Fax", "faxNumber"),
        Wire("is_default", T.BOOLEAN, "Default contact", "defaultContact"),
        _text("role", "Role", "contactRole"),
    ),
    "jobs": (
        _text("number", "Job number", "jobNumber"),
        _link("parent", "Top level job", "topLevelJobNumber"),
        _text("name", "Job name", "jobName"),
        _text("description", "Description", "jobDescription"),
        _text("work_undertaken", "Work undertaken", "workUndertaken"),
        Wire("status", T.TEXT, "Status", "jobStatusText", multiple=True),
        Wire("status_code", T.INTEGER, "Status code", "jobStatus"),
        Wire("created_at", T.DATETIME, "Created at", "dateCreated"),
        Wire("completed_at", T.DATETIME, "Completed at", "completedDate"),
        *_WORK,
        Wire("latitude", T.DECIMAL, "Latitude", "latitude"),
        Wire("longitude", T.DECIMAL, "Longitude", "longitude"),
        Wire("display_order", T.INTEGER, "Display order", "displayOrder"),
        _link("quote", "Quote number"),
        _link("invoice", "Invoice number"),
        Wire("expected_date", T.DATE, "Expected date"),
        _text("expected_duration", "Expected duration"),
        _text("estimated_duration", "Estimated duration"),
    ),
    "quotes": (
        _text("number", "Quote number", "quoteNumber"),
        _text("name", "Quote name", "quoteName"),
        _text("description", "Description", "quoteDescription"),
        _text("status", "Quote status", "quoteStatusText"),
        Wire("status_code", T.INTEGER, "Status code", "quoteStatus"),
        Wire("date", T.DATETIME, "Quote date", "quotationDate"),
        *_WORK,
        Wire("created_at", T.DATETIME, "Created at"),
        Wire("due_date", T.DATE, "Due date"),
        Wire("valid_until", T.DATE, "Valid until"),
        _link("job", "Job number"),
        _link("variation_for", "Variation for job number"),
        _text("loss_reason", "Reason for loss"),
        _text("sections", "Sections", "sectionsText"),
    ),
    "invoices": (
        _text("number", "Invoice number", "invoiceNumber"),
        Wire("date", T.DATETIME, "Invoice date", "invoiceDate"),
        Wire("due_date", T.DATETIME, "Due date", "invoiceDueDate"),
        _link("job", "Job", "jobId"),
        _link("customer", "Customer", "customerId"),
        _text("status", "Invoice status", "invoiceStatus"),
        _money("total_ex", "Total ex tax", "totalExTax"),
        _money("total_inc", "Total inc tax", "totalIncTax"),
        _money("tax", "Tax"),
        _money("paid", "Paid"),
        _money("balance", "Balance"),
        _text("description", "Description", "description"),
    ),
    "quote_lines": _LINE,
    "invoice_lines": _LINE,
    "job_lines": _LINE,
    "notes": (
        _text("entity", "Entity"),
        _link("about", "Number"),
        Wire("created_at", T.DATETIME, "Date"),
        _link("author", "Author"),
        _text("kind", "Activity type"),
        _text("subject", "Subject"),
        _text("text", "Text"),
    ),
    "equipment": (
        _link("customer", "Customer"),
        _text("name", "Name"),
        _text("category", "Category"),
        _text("make", "Make"),
        _text("model", "Model"),
        _text("serial", "Serial number"),
        Wire("installed_at", T.DATE, "Installed"),
        _text("notes", "Notes"),
    ),
    "accounting_links": (
        _text("entity", "Entity"),
        _link("about", "Number"),
        _text("system", "System"),
        _text("external_id", "External id"),
        Wire("synced_at", T.DATETIME, "Last synced"),
    ),
    "form_answers": (
        _link("about", "Job"),
        _text("form", "Form"),
        _text("code", "Code"),
        _text("value", "Value"),
    ),
    "suppliers": (
        _text("number", "Supplier number", "supplierNumber"),
        _text("name", "Name", "name"),
        _text("business_number", "Business number", "businessNumber"),
        _text("first_name", "Contact first name", "contactFirstName"),
        _text("last_name", "Contact last name", "contactLastName"),
        _text("notes", "Notes", "notes"),
        Wire("phone", T.PHONE, "Phone", "phone"),
        Wire("fax", T.PHONE, "Fax", "fax"),
        Wire("mobile", T.PHONE, "Mobile", "mobile"),
        Wire("email", T.EMAIL, "E-mail", "emailAddress"),
        _text("expense_account", "Expense account", "expenseAccount"),
        _address("address", "Address", _STREET),
        _address("postal_address", "Postal address", _POSTAL),
        Wire("invoice_due_days_type", T.INTEGER, "Invoice due days type", "invoiceDueDaysType"),
    ),
    "supplies": (
        _text("number", "Part number", "partNumber"),
        _text("description", "Description", "description"),
        _text("annotation", "Annotation", "annotation"),
        _money("unit_cost", "Unit cost ex tax", "unitCostExTax"),
        _money("unit_sell", "Unit sell ex tax", "unitSellExTax"),
        _money("unit_sell_inc", "Unit sell inc tax", "unitSellIncTax"),
        _money("average_cost", "Average cost", "averageCost"),
        Wire("is_taxable", T.BOOLEAN, "Taxable", "isTaxable"),
        Wire("is_favourite", T.BOOLEAN, "Favourite", "isFavourite"),
        Wire("must_be_ordered", T.BOOLEAN, "Must be ordered", "mustBeOrdered"),
        Wire("pack_quantity", T.DECIMAL, "Pack or box quantity", "packOrBoxQuantity"),
        _text("location", "Location", "location"),
        _link("supplier", "Default supplier", "defaultSupplier"),
        _link("category", "Category", "categoryOne"),
        _text("unit", "Unit of measure", "unitOfMeasure"),
    ),
    "kits": (
        _text("number", "Part number", "partNumber"),
        _text("description", "Description", "description"),
        _text("annotation", "Annotation", "annotation"),
        Wire("markup", T.DECIMAL, "Markup", "markup"),
        _money("unit_cost", "Unit cost ex tax", "unitCostExTax"),
        _money("unit_sell", "Unit sell ex tax", "unitSellExTax"),
        _money("unit_sell_inc", "Unit sell inc tax", "unitSellIncTax"),
        Wire("is_taxable", T.BOOLEAN, "Taxable", "isTaxable"),
        Wire("is_favourite", T.BOOLEAN, "Favourite", "isFavourite"),
        _text("pricing_method", "Pricing method", "pricingMethod"),
        _link("category", "Category", "categoryOne"),
        _text("unit", "Unit of measure", "unitOfMeasure"),
    ),
    "supplier_invoices": (
        _text("number", "Tracking number", "trackingNumber"),
        _link("supplier", "Supplier", "supplier"),
        _text("kind", "Type", "type"),
        Wire("accepted", T.BOOLEAN, "Accepted", "accepted"),
        Wire("is_expense", T.BOOLEAN, "Expense", "isExpense"),
        Wire("sent_to_accounts", T.BOOLEAN, "Sent to accounts", "sentToAccounts"),
        _text("account_code", "Account code", "accountCode"),
        Wire("created_at", T.DATETIME, "Created at", "createdOn"),
        Wire("date", T.DATETIME, "Invoice date", "invoiceDate"),
        Wire("due_date", T.DATETIME, "Due date", "dueDate"),
        _money("total_ex", "Total ex tax", "totalAmountExTax"),
        _money("total_inc", "Total inc tax", "totalAmountIncTax"),
    ),
}
"""The raw objects. What a mapping sees is made of them: see `objects`."""

IDS: Mapping[str, str] = {
    "customers": "customerId",
    "contacts": "contactId",
    "jobs": "jobId",
    "quotes": "quoteId",
    "invoices": "id",
    "suppliers": "supplierId",
    "supplies": "supplyId",
    "kits": "kitId",
    "supplier_invoices": "supplierInvoiceId",
}
"""The key of an answer that holds a record's own id."""

KNOWN_BESIDE: Mapping[str, frozenset[str]] = {
    "customers": frozenset({"customFields"}),
    "jobs": frozenset({"customFields"}),
    "quotes": frozenset({"customFields", "childQuotes"}),
    "invoices": frozenset(
        {"customFields", "invoiceLines", "customer", "jobCustomFields", "customerCustomFields"}
    ),
}
"""Keys of answers that are read in another way than by a row of the table, or hold what is read elsewhere."""


_MADE = """
title kind kind_evidence kind_sure phones contact_name person_name contact_listed domain owner site_count
sites_listed only_address remarks
customer_number customer_notes site_number own_address company person site is_the_customer customer_name
contact_role model_name serial_number equipment_notes job_number job_name job_address job_status stage_status
close_date site_name contact assigned quote_number quote_name quote_date quote_address quote_amount
quote_status quote_details invoice_number invoice_date invoice_amount invoice_status invoice_details
site_address origin role_name
"""
OWN_NAMES = frozenset(wire.name for wires in RAW.values() for wire in wires) | frozenset(_MADE.split())
"""What no custom field may be called here: the names of raw fields, and of those that are made of them."""


def raw_schema(name: str, currency: str) -> ObjectSchema:
    """What a layout may leave open about a raw object: types, labels and the currency of amounts."""
    settings = {"currency": currency}
    fields = tuple(
        FieldSchema(
            w.name,
            w.type,
            w.label,
            multiple=w.multiple,
            settings=settings if w.type is T.MONEY else {},
        )
        for w in RAW.get(name, ())
    )
    return ObjectSchema(name, fields, label=name.replace("_", " ").capitalize())
