"""The ordered fault `half_batch`: half of a batch is kept and the client is told of an error.

A server does not do that: one call is one transaction (measured on 18.0). Something between it and the client
may, as one that splits large requests.
"""

from collections.abc import Mapping
from typing import Any

import orjson

_ROWS = {"load": 1, "create": 0}
"""By method, which of its arguments are the records."""


def is_ordered(scope: Mapping[str, Any]) -> bool:
    """Whether the fault is about this request."""
    fault = scope.get("crossdock.fault")
    return isinstance(fault, Mapping) and fault.get("kind") == "half_batch"


def first_half(body: bytes) -> bytes:
    """The body of a JSON-RPC call with the first half of its records; any other body as it is."""
    try:
        call = orjson.loads(body)
        args = call["params"]["args"]
        place = _ROWS[args[4]]
        records = args[5][place]
        args[5][place] = records[: (len(records) + 1) // 2]
    except (orjson.JSONDecodeError, KeyError, TypeError, IndexError):
        return body
    return orjson.dumps(call)
