"""Folders of files, and system fields whose own definitions cannot be trusted."""

from collections.abc import Callable
from typing import Any

from crossdock.filestore import FileStore
from crossdock_elma365.schema import application, object_schema
from crossdock_elma365.source import Elma365Source

Field = Callable[..., dict[str, Any]]


def test_a_file_knows_the_path_of_its_folder(
    make_source: Callable[..., Elma365Source], company: Any, store: FileStore, field: Field
) -> None:
    company.directories = {"d1": {"__name": "2024", "parent": "d0"}, "d0": {"__name": "Договоры"}}
    company.add_file("f1", "a.txt", b"a", directory="d1")
    company.add("shop.orders", [field("doc", "FILE")], [{"doc": ["f1"]}])

    (batch,) = make_source().extract("_system.files", None, None, store)

    assert batch.records[0].values["folder"] == "Договоры/2024"
    assert batch.records[0].values["content"].folder == "Договоры/2024"


def test_subscribers_are_many_whatever_the_scheme_says(field: Field) -> None:
    scheme = {"namespace": "a", "code": "b", "fields": [field("__subscribers", "SYS_USER", single=True)]}

    found = object_schema(application(scheme)).field("__subscribers")

    assert found is not None
    assert found.multiple
