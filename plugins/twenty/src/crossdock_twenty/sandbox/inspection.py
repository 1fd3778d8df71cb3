"""Values as the server's messages print them, and its way with numbers."""

from decimal import Decimal
from typing import Any

from crossdock_twenty.sandbox.errors import RefusalError

EXACT = 2**53


def shown(value: Any) -> str:
    """`'x'`, `12`, `[ 1, 2 ]`, `{ label: 'x' }`: how the server quotes a value it refuses (measured)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, dict):
        inner = ", ".join(f"{key}: {shown(part)}" for key, part in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[ {', '.join(shown(part) for part in value)} ]" if value else "[]"
    return str(number(value))


def number(value: float) -> int | float:
    """A number as the server stores and prints it: integers beyond 2^53 lose precision (measured)."""
    if isinstance(value, int) and abs(value) <= EXACT:
        return value
    as_float = float(value)
    if as_float.is_integer() and abs(as_float) < 2**64:
        return int(Decimal(repr(as_float)))
    return as_float


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def bad_input(message: str) -> RefusalError:
    """A value that does not fit its field: plain 400, in GraphQL with INVALID_ARGS_DATA (assumed there)."""
    return RefusalError(
        message,
        extensions={"subCode": "INVALID_ARGS_DATA", "userFriendlyMessage": message, "code": "BAD_USER_INPUT"},
    )


def coded(message: str, code: str) -> RefusalError:
    """A value refused by a validator that answers with a code of its own."""
    return RefusalError(
        message,
        error="Error",
        code=code,
        extensions={"subCode": code, "userFriendlyMessage": message, "code": "BAD_USER_INPUT"},
    )
