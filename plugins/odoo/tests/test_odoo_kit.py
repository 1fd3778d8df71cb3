"""What crossdock promises of a destination, tried on Odoo: the checks are those of `crossdock.testing`."""

import json

from tests.canonical_odoo import canonical, undone

from crossdock.capabilities import Capability as Can
from crossdock.testing import Existing, People, Target, destination_suite

READS = "|".join(
    (
        *("search", "read", "search_read", "search_count", "read_group", "fields_get", "default_get"),
        *("check_access_rights", "has_access", "check_object_reference", "get_external_id", "context_get"),
    )
)
DENIED = {
    "name": "odoo.exceptions.AccessDenied",
    "message": "Access Denied",
    "arguments": ["Access Denied"],
    "context": {},
    "debug": "",
}
ANSWER = {"jsonrpc": "2.0", "id": 1, "error": {"code": 200, "message": "Odoo Server Error", "data": DENIED}}

TARGET = Target(
    platform="odoo",
    record=Existing("res.partner", title="name", match="email", known="info@sever.example"),
    people=People("res.users", match="email", known="anna.petrova@romashka.example"),
    can=frozenset(
        {
            *(Can.FILES, Can.EXTERNAL_IDS, Can.ATOMIC_BATCH, Can.TRASH, Can.MULTI_REFERENCES),
            *(Can.CREATE_USERS, Can.CUSTOM_OBJECTS, Can.CUSTOM_FIELDS, Can.IMPORT_FILES),
        }
    ),
    settings={"batch_size": 4},
    currency="RUB",
    reads=rf"^(GET .*|POST /jsonrpc( (common|db)\..*| .*\.({READS}))?)$",
    canonical=canonical,
    undone=undone,
    automation="automation_rule",
    lost_key={
        "kind": "status",
        "status": 200,
        "text": json.dumps(ANSWER),
        "headers": {"content-type": "application/json"},
    },
)
TestOdoo = destination_suite(TARGET)
