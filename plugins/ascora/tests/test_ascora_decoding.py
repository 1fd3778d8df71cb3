"""Wire values: what each becomes, that both decoders agree, and what is refused."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.model import Rejected
from crossdock.values import Address, Money, Phone
from crossdock_ascora.decoding import Decoder
from crossdock_ascora.labour import entries
from crossdock_ascora.rows import Named, RawRow
from crossdock_ascora.verification import Verifier
from crossdock_ascora.wire import RAW

SYDNEY = ZoneInfo("Australia/Sydney")
DECODER, VERIFIER = Decoder(SYDNEY, "AUD"), Verifier(SYDNEY, "AUD")


def job(**values: Any) -> dict[str, Any]:
    return {"jobId": "j1", "jobNumber": "J4", **values}


def decoded(name: str, item: dict[str, Any]) -> RawRow:
    row = DECODER.row(name, item)
    assert isinstance(row, RawRow), row
    return row


def test_a_job_as_events_show_it() -> None:
    row = decoded(
        "jobs",
        job(
            topLevelJobNumber=None,
            jobName="Fit tap ",
            jobStatus=2,
            jobStatusText="Completed",
            dateCreated="2026-02-17T20:50:55.943Z",
            completedDate="2023-12-04T14:25:34",
            totalExTax="12.50",
            totalIncTax=13,
            addressLine1="1 Bay St",
            suburb="Manly",
            state=None,
            siteCustomer={"id": "c1", "name": "Water "},
            siteContact=None,
            customFields=[{"fieldName": "Roof Type", "fieldValue": "Tile"}],
        ),
    )

    assert row.values["name"] == "Fit tap "
    assert row.values["status"] == ("Completed",)
    assert row.values["created_at"] == datetime(2026, 2, 17, 20, 50, 55, 943000, UTC)
    assert row.values["completed_at"] == datetime(2023, 12, 4, 14, 25, 34, tzinfo=SYDNEY)
    assert row.values["total_ex"] == Money(Decimal("12.50"), "AUD")
    assert row.values["total_inc"] == Money(Decimal(13), "AUD")
    assert row.values["address"] == Address(street1="1 Bay St", city="Manly")
    assert row.named("site_customer") == Named("c1", "Water")
    assert row.named("site_contact") is None
    assert row.custom == {"Roof Type": "Tile"}


def test_an_empty_record_holds_nothing() -> None:
    row = decoded(
        "customers", {"customerId": "c", "customerNumber": "", "streetLine1": "", "customFields": None}
    )

    assert {name for name, value in row.values.items() if value not in (None, "")} == set()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("totalExTax", "twelve", "expected a number"),
        ("totalExTax", "NaN", "expected a number"),
        ("dateCreated", "04/12/2023", "expected a time"),
        ("siteCustomer", ["c1"], "expected {id, name}"),
        ("customFields", [{"name": "x"}], "fieldName"),
        ("jobName", {"en": "x"}, "expected text, got object {en}"),
    ],
)
def test_another_shape_rejects_the_record_with_its_field(field: str, value: Any, said: str) -> None:
    row = DECODER.row("jobs", job(**{field: value}))

    assert isinstance(row, Rejected)
    assert field in row.reasons[0]
    assert said in row.reasons[0]
    assert "twelve" not in row.reasons[0]
    assert VERIFIER.row("jobs", job(**{field: value})) is None or field in (
        "totalExTax",
        "jobName",
        "siteCustomer",
    )


def test_a_custom_field_that_comes_twice_keeps_both_values() -> None:
    fields = [{"fieldName": "Key", "fieldValue": value} for value in ("a", "b", "a", "", None)]

    assert decoded("jobs", job(customFields=fields)).custom == {"Key": "a; b"}


times = st.datetimes().map(lambda t: t.replace(fold=0).isoformat(timespec="milliseconds"))
moments = st.one_of(times, times.map(lambda t: t + "Z"), times.map(lambda t: t + "+11:00"), st.none())
amounts = st.one_of(
    st.none(), st.integers(-(10**9), 10**9), st.decimals(-(10**9), 10**9, places=2).map(str), st.just("")
)
texts = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
)
links = st.one_of(st.none(), st.builds(lambda i, n: {"id": i, "name": n}, st.text("abc-", max_size=8), texts))
custom = st.lists(
    st.builds(lambda n, v: {"fieldName": n, "fieldValue": v}, st.sampled_from(["A", "B b"]), texts),
    max_size=4,
)


@given(
    st.fixed_dictionaries(
        {
            "jobName": texts,
            "jobStatusText": texts,
            "jobStatus": st.one_of(st.none(), st.integers(0, 20)),
            "dateCreated": moments,
            "completedDate": moments,
            "totalExTax": amounts,
            "totalIncTax": amounts,
            "addressLine1": texts,
            "suburb": texts,
            "siteCustomer": links,
            "billingContact": links,
            "topLevelJobNumber": texts,
            "latitude": amounts,
            "customFields": st.one_of(st.none(), custom),
        }
    )
)
def test_both_decoders_give_the_same_job(values: dict[str, Any]) -> None:
    first, second = DECODER.row("jobs", job(**values)), VERIFIER.row("jobs", job(**values))

    assert isinstance(first, RawRow)
    assert second is not None
    assert first.values == second.values
    assert first.custom == second.custom


@given(
    st.fixed_dictionaries(
        {
            "customerName": texts,
            "emailAddress": texts,
            "phoneNumber": texts,
            "onHold": st.one_of(st.none(), st.booleans()),
            "streetLine1": texts,
            "postalPostcode": texts,
            "streetLatitude": amounts,
            "assignedUser": links,
        }
    )
)
def test_both_decoders_give_the_same_customer(values: dict[str, Any]) -> None:
    item = {"customerId": "c1", **values}
    first, second = DECODER.row("customers", item), VERIFIER.row("customers", item)

    assert isinstance(first, RawRow)
    assert second is not None
    assert first.values == second.values


def test_a_phone_and_an_email_lose_their_blanks() -> None:
    row = decoded(
        "contacts", {"contactId": "k", "phoneNumber": " 02 5550 1000 ", "emailAddress": " a@b.example "}
    )

    assert row.values["phone"] == Phone("02 5550 1000")
    assert row.values["email"] == "a@b.example"


@pytest.mark.parametrize(
    "answer",
    [
        {"success": True, "jobLabours": [{"roleName": "Plumber"}]},
        {"success": True, "jobLabours": {"jobLabour": [{"roleName": "Plumber"}]}},
        {"success": True, "jobLabours": {"roleName": "Plumber"}},
        {"success": True, "results": [{"roleName": "Plumber"}], "totalPages": 1},
        [{"roleName": "Plumber"}],
    ],
)
def test_labour_is_read_in_every_shape_that_was_seen(answer: Any) -> None:
    assert [row["roleName"] for row in entries(answer)] == ["Plumber"]


def test_every_field_of_an_answer_is_read_once() -> None:
    for name, wires in RAW.items():
        paths = [path for wire in wires for path in wire.paths]
        assert len(paths) == len(set(paths)), name
