"""A page of something in between is no file: it must not be read as the content of one."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from crossdock.errors import ContractError
from crossdock.values import StoredFile
from crossdock_twenty.client import TwentyClient
from crossdock_twenty.reading import Reader

PAGE = b"\n<!DOCTYPE html><html><body>Please wait</body></html>"


class Answers:
    """A client whose downloads give these bytes, in small pieces."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def download(self, _url: str) -> Iterator[bytes]:
        for start in range(0, len(self.content), 4):
            yield self.content[start : start + 4]


def read(content: bytes, name: str) -> StoredFile:
    client: Any = Answers(content)
    return Reader(cast(TwentyClient, client))._file({"url": "https://crm.example/file", "label": name})


def test_a_web_page_in_place_of_a_file_stops_the_reading() -> None:
    with pytest.raises(ContractError, match=r"where the file 'plan\.pdf' should be, a web page was answered"):
        read(PAGE, "plan.pdf")


def test_a_file_that_is_a_web_page_is_read() -> None:
    assert read(PAGE, "offer.html").size == len(PAGE)


def test_any_other_content_is_read() -> None:
    assert read(b"<xml/>", "plan.xml").size == 6
