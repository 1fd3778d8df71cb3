"""Control totals: what differs is found, named, explained, and stops the phase."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import ConfigError, RefusedError
from crossdock.filestore import FileStore
from crossdock.model import Record, Rejected
from crossdock.values import Money
from crossdock_cetec.controltotals import Difference, differences, measured, read_totals
from crossdock_cetec.explanations import explain

PRICES = [Decimal(p) for p in ("10.12345", "20.5", "33.333", "1250.75", "7.77777", "99.9")]
CENT = Decimal("0.01")


def rows(values: Sequence[Any]) -> list[tuple[str, Any]]:
    return [(f"k{n}", value) for n, value in enumerate(values)]


def told(
    expected: Any, values: Sequence[Any], measure: str = "sum", rejected: Sequence[Rejected] = ()
) -> str:
    found = measured([Record("o", k, {"f": v}) for k, v in rows(values)], ["f"])["f"].of(measure)
    return "; ".join(explain(Difference("f", measure, expected, found), rows(values), rejected))


@pytest.mark.parametrize(
    ("change", "why", "keys"),
    [
        (lambda v: [x.quantize(CENT, ROUND_HALF_UP) for x in v], "rounded to 2 decimals", "k0, k2, k4"),
        (lambda v: [x.quantize(Decimal(1), ROUND_DOWN) for x in v], "cut off to 0 decimals", "k0, k1, k2"),
        (lambda v: v[:3] + v[4:], "a row too many, or counted twice", "k3"),
        (lambda v: [*v[:1], -v[1], *v[2:]], "the sign turned", "k1"),
        (lambda v: [*v[:3], v[3] * 1000, *v[4:]], "moved by three places", "k3"),
        (lambda v: [*v[:5], v[5] / 100], "moved back by two places", "k5"),
        (lambda v: [*v[:1], *v[3:]], "two rows together", "k1, k2"),
    ],
)
def test_the_usual_losses_are_told_with_their_rows(
    change: Callable[[list[Decimal]], list[Decimal]], why: str, keys: str
) -> None:
    text = told(sum(change(PRICES)), PRICES)
    assert why in text
    assert keys in text


def test_digits_that_an_export_lost_are_told() -> None:
    cut = [price.quantize(CENT) for price in PRICES]
    assert "digits were lost: no value has more than 2 decimals" in told(sum(PRICES), cut)
    assert "digits were lost: the report shows 5 decimals" in told(Decimal(5), cut, "decimals")
    assert "more decimals than the report shows have k0, k2, k4" in told(Decimal(2), PRICES, "decimals")


@pytest.mark.parametrize(
    ("shift", "why"), [(1, "east"), (-1, "west"), (1462, "calendar of 1904"), (5, "missing")]
)
def test_days_that_moved_are_told(shift: int, why: str) -> None:
    days = [date(2024, 1, 1), date(2024, 6, 30)]
    moved = [day + timedelta(days=shift) for day in days]

    text = told(days[0], moved, "min")

    assert f"shifted by {shift:+d} days" in text
    assert why in text
    assert "k0" in text


def test_rejected_rows_are_named_as_what_is_not_in_it() -> None:
    bad = [Rejected("o", "B7", ("no number",))]
    assert "1 rows were rejected and are not in it: B7" in told(Decimal(6), PRICES[:5], "count", bad)
    assert "the max is that of k3" in told(Decimal(1), PRICES, "max")


@given(st.lists(st.decimals(-(10**6), 10**6, places=4, allow_nan=False), max_size=30))
def test_what_is_measured_is_what_is_there(values: list[Decimal]) -> None:
    found = measured([Record("o", str(n), {"f": Money(v, "USD")}) for n, v in enumerate(values)], ["f"])["f"]

    assert found.count == len(values)
    assert found.sum == sum(values, Decimal(0))
    assert found.min == min(values, default=None)
    assert found.max == max(values, default=None)


def test_csv_and_yaml_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "object;field;count;sum;min;max;source\n"
        "order;total;2;$1,234.50;(5.00);1239.5;Sales report\n"
        "order;ordered_on;2;;2024-01-01;2024-02-01;\n"
    )
    (tmp_path / "t.yaml").write_text(
        "- {object: order, field: total, count: 2, sum: '1234.50', min: -5, max: 1239.5,"
        " source: Sales report}\n"
        "- {object: order, field: ordered_on, count: 2, min: 2024-01-01, max: 2024-02-01}\n"
    )
    one, other = read_totals(tmp_path / "t.csv"), read_totals(tmp_path / "t.yaml")
    assert [(e.object_name, e.field, e.source) for e in one] == [
        (e.object_name, e.field, e.source) for e in other
    ]
    records = [
        Record("order", "1", {"total": Money(Decimal("-5"), "USD"), "ordered_on": date(2024, 1, 1)}),
        Record("order", "2", {"total": Money(Decimal("1239.50"), "USD"), "ordered_on": date(2024, 2, 1)}),
    ]
    for expected in (one, other):
        assert differences(expected, measured(records, ["total", "ordered_on"])) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("object,field,total\norder,total,5\n", "knows the column 'total'"),
        ("object,field,sum\norder,,5\n", "names no object, or no field"),
        ("object,field,sum\norder,total,many\n", "line 2, sum: 'many' is neither"),
    ],
)
def test_a_faulty_file_of_totals_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(ConfigError, match=fault):
        read_totals(tmp_path / "t.csv")


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("order: 5")
    with pytest.raises(ConfigError, match="no list of lines"):
        read_totals(tmp_path / "t.yaml")
    (tmp_path / "t.yaml").write_text("{[")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_totals(tmp_path / "t.yaml")


PARTS = (
    ["Prcpart", "Description", "QOH", "Default Cost", "Created On"],
    ["PRTA", "A", "10", "1.23456", "2024-01-05"],
    ["PRTB", "B", "20", "2.5", "2024/02/05"],
    ["PRTC", "C", "x", "3", "03/05/2024"],
    ["PRTD", "D", "30.5", "(4.00)", ""],
)


@pytest.fixture
def extracted(
    table: Callable[..., Path], make_source: Callable[..., Any], store: FileStore, tmp_path: Path
) -> Callable[..., Any]:
    def run(totals: str, cursor: str | None = None) -> Any:
        table("parts.csv", *PARTS)
        (tmp_path / "totals.csv").write_text(totals)
        source = make_source(
            tables={"files": [str(tmp_path / "parts.csv")]}, control_totals=str(tmp_path / "totals.csv")
        )
        return list(source.extract("part", cursor, None, store))

    return run


def test_totals_that_agree_let_the_phase_pass(extracted: Callable[..., Any]) -> None:
    batches = extracted(
        "object,field,count,sum,min,max,decimals\n"
        "part,qoh,3,60.5,10,30.5,1\n"
        "part,default_cost,3,-0.26544,-4,2.5,5\n"
        "part,created_on,2,,2024-01-05,2024-02-05,\n"
        "order,total,99,1,1,1,\n"
    )
    assert sum(len(batch.records) for batch in batches) == 3


def test_a_difference_stops_the_phase_and_names_field_and_rows(extracted: Callable[..., Any]) -> None:
    with pytest.raises(RefusedError) as caught:
        extracted("object,field,count,sum\npart,qoh,4,80.5\npart,default_cost,3,-0.27\n")

    text = str(caught.value)
    assert "part does not add up to the control totals of totals.csv" in text
    assert "qoh: count is 3, the report says 4" in text
    assert "qoh: sum is 60.50000, the report says 80.5" in text
    assert "rejected and are not in it: PRTC" in text
    assert (
        "default_cost: sum is -0.265440, the report says -0.27 (the report has each value rounded to 2"
        in text
    )
    assert "PRTA" in text


def test_a_reading_that_goes_on_is_held_against_the_whole(extracted: Callable[..., Any]) -> None:
    assert extracted("object,field,count\npart,qoh,3\n", '{"from":2}')
    with pytest.raises(RefusedError):
        extracted("object,field,count\npart,qoh,2\n", '{"from":2}')


def test_nothing_is_given_of_what_does_not_add_up(
    table: Callable[..., Path], make_source: Callable[..., Any], store: FileStore, tmp_path: Path
) -> None:
    rows = [[f"PRT{n}", "A", n, "1", ""] for n in range(1200)]
    made = table("parts.csv", PARTS[0], *rows)
    totals = table("totals.csv", ["object", "field", "count"], ["part", "qoh", 1201])
    batches = make_source(tables={"files": [str(made)]}, control_totals=str(totals)).extract(
        "part", None, None, store
    )

    with pytest.raises(RefusedError):
        next(batches)


def test_a_field_that_is_none_is_told(extracted: Callable[..., Any]) -> None:
    with pytest.raises(ConfigError, match=r"part\.qty, which is no field"):
        extracted("object,field,sum\npart,qty,1\n")
