"""What crossdock promises of a destination, tried on Twenty: the checks are those of `crossdock.testing`."""

import json
from typing import Any

from tests.canonical import canonical, undone

from crossdock.capabilities import Capability as Can
from crossdock.fieldtypes import FieldType
from crossdock.testing import Existing, People, Target, destination_suite, without

# Given by the server where it is not sent: the order of arrival (docs/decisions/0006).
_without_positions = without(("records", "*", "*", "position"))


def arrived(dump: Any) -> Any:
    """A dump to be compared with that of another run."""
    return _without_positions(canonical(dump))


def taken_back(dump: Any) -> Any:
    """A dump to be compared with one after a rollback. An empty context of an author, sent back with a
    record that is made again, is dropped by the server (measured on 2.21.0)."""
    text = json.dumps(_without_positions(undone(dump)))
    return json.loads(text.replace('"context": {}', '"context": null'))


TARGET = Target(
    platform="twenty",
    record=Existing("company", title="name", match="domainName", known="https://romashka-yug.example"),
    people=People("workspaceMember", match="userEmail", known="anna.petrova@romashka.example"),
    can=frozenset(
        {
            *(Can.FILES, Can.CLIENT_IDS, Can.EXTERNAL_IDS, Can.ATOMIC_BATCH, Can.TRASH, Can.CREATED_AT),
            *(Can.AUTHORS, Can.CUSTOM_OBJECTS, Can.CUSTOM_FIELDS, Can.IMPORT_FILES),
        }
    ),
    settings={"batch_size": 4, "calls_per_minute": 100_000},
    several=frozenset({FieldType.TEXT, FieldType.SELECT, FieldType.EMAIL, FieldType.PHONE, FieldType.LINK}),
    reads=r"^(GET .*|POST /(graphql|metadata)( (?!create|update|delete|destroy|restore|complete).*)?)$",
    canonical=arrived,
    undone=taken_back,
    created_at="createdAt",
    author="createdBy",
    automation="workflow",
    lost_key={
        "kind": "status",
        "status": 401,
        "text": '{"statusCode":401,"error":"UnauthorizedException","messages":["This API Key is revoked"]}',
        "headers": {"content-type": "application/json"},
    },
)
TestTwenty = destination_suite(TARGET)
