"""Choices of fields as records, and SELECT fields that lead to them."""

from collections.abc import Callable
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.filestore import FileStore
from crossdock.model import Record, Selection
from crossdock_elma365.choices import CHOICES
from crossdock_elma365.source import Elma365Source

Make = Callable[..., Elma365Source]
Field = Callable[..., dict[str, Any]]
STATUSES = [{"id": 1, "code": "new", "name": "Новая"}, {"id": 2, "code": "talks", "name": "Переговоры"}]


def read(source: Elma365Source, store: FileStore) -> list[Record]:
    return [r for batch in source.extract(CHOICES, None, None, store) for r in batch.records]


def test_statuses_and_options_are_records(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    sizes = {"enumItems": [{"code": "xl", "name": "Большой"}]}
    company.add("shop.orders", [field("size", "ENUM", data=sizes)], statuses=STATUSES)
    source = make_source()

    found = {r.key: r.values for r in read(source, store)}

    assert found["shop.orders.__status:talks"] == {
        "field": "shop.orders.__status",
        "code": "talks",
        "name": "Переговоры",
        "position": 2,
    }
    assert found["shop.orders.size:xl"]["name"] == "Большой"
    assert found["_system.tasks.state:closed"]["code"] == "closed"


def test_a_select_field_leads_to_its_choices(make_source: Make, company: Any) -> None:
    company.add("shop.orders", [], statuses=STATUSES)
    source = make_source()

    catalog = source.discover()

    status = next(f for f in catalog.object("shop.orders").fields if f.name == "__status")
    assert (status.type, status.references) == (FieldType.SELECT, (CHOICES,))
    assert source.infer_schema("shop.orders", ()).field("__status").references == (CHOICES,)
    assert catalog.object(CHOICES).count == len(list(source.reconcile(CHOICES, Selection(owned=""))))


def test_choices_are_read_the_same_twice(make_source: Make, company: Any, store: FileStore) -> None:
    company.add("shop.orders", [], statuses=STATUSES)
    source = make_source()

    first = {r.key: r.values for r in read(source, store)}
    second = {o.id: o.values for o in source.reconcile(CHOICES, Selection(owned=""))}
    one = list(source.reconcile(CHOICES, Selection(ids=("shop.orders.__status:new",))))

    assert first == second
    assert [o.values["name"] for o in one] == ["Новая"]


def test_nothing_is_left_to_read_after_the_only_batch(
    make_source: Make, company: Any, store: FileStore
) -> None:
    company.add("shop.orders", [], statuses=STATUSES)
    assert list(make_source().extract(CHOICES, "end", None, store)) == []
