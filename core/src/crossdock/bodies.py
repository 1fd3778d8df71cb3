"""Bodies of answers, read to an end that is set beforehand: one may be compressed a thousand times."""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Final

from crossdock.errors import ContractError, RecordError

if TYPE_CHECKING:
    from httpx2 import Response

LARGEST_ANSWER: Final = 1 << 29
"""Bytes of one answer, unpacked, that are kept in memory."""

LARGEST_FILE: Final = 1 << 36
"""Bytes of one file, unpacked, that are taken if nobody says less."""

_OF_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")  # true before unpacking only


def read_whole(response: "Response", largest: int, called: str) -> "Response":
    """The answer with its body read. Raises ContractError for more than `largest` bytes of it."""
    body, size = [], 0
    with closing(response):
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > largest:
                raise ContractError(
                    f"{called} was answered with more than {largest} bytes.",
                    hint="No more of one answer is read; ask the platform's administrator what it is.",
                )
            body.append(chunk)
    headers = [(name, value) for name, value in response.headers.multi_items() if name not in _OF_THE_WIRE]
    return type(response)(
        response.status_code,
        headers=headers,
        content=b"".join(body),
        request=response.request,
        extensions=response.extensions,
    )


def bounded(chunks: Iterator[bytes], largest: int, called: str) -> Iterator[bytes]:
    """The chunks of a file. Raises RecordError when there are more than `largest` bytes."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > largest:
            raise RecordError(called, [f"not fetched: it has more than the {largest} bytes that are allowed"])
        yield chunk


def rest_of(response: "Response", given: int) -> Iterator[bytes]:
    """The content behind its first `given` bytes, which were handed out before the transfer broke off."""
    with closing(response):
        for chunk in response.iter_bytes():
            fresh = chunk[given:]
            given = max(0, given - len(chunk))
            if fresh:
                yield fresh
