"""The charts of a report: how records ended by phase, what was sent over time."""

from typing import Any

from crossdock.reportcharts import charts_of


def phase(name, source, destination):
    return {"name": name, "source": source, "destination": destination}


def pace(*calls, limit=100):
    points = [
        {"at": f"2026-11-30T10:{n:02}:00+00:00", "calls": count, "refused": 0}
        for n, count in enumerate(calls)
    ]
    return {"scope": "https://crm.example workspace", "per_minute": limit, "seconds": 60, "points": points}


def test_records_at_both_ends_stand_in_one_bar():
    report = {"phases": [phase("a>b", {"loaded": 3, "held": 1}, {"created": 2, "updated": 1})], "pace": []}
    svg = charts_of(report)["outcomes"].svg
    assert all(f"a&gt;b: {n} {word}" in svg for n, word in ((2, "created"), (1, "updated"), (1, "held")))
    assert "loaded" not in svg


def test_a_phase_without_records_and_a_run_without_phases_draw_nothing():
    empty: list[dict[str, Any]] = [{"phases": [phase("a>b", {}, {})], "pace": []}, {"phases": []}]
    for report in empty:
        found = charts_of(report)
        assert not found["outcomes"]
        assert found["pace"] == []


def test_throughput_says_the_limit_and_is_left_out_where_all_was_over_within_a_minute():
    found = charts_of({"phases": [], "pace": [pace(5, 7), pace(3), pace(5, 7, limit=None)]})["pace"]
    assert [caption for caption, _ in found] == [
        "Requests a minute to https://crm.example workspace; the limit is 100",
        "Requests a minute to https://crm.example workspace; no limit is declared",
    ]


def test_of_many_phases_the_smaller_ones_share_a_bar():
    phases = [phase(f"p{n}", {"held": 1}, {"created": n * 10}) for n in range(1, 31)]
    svg = charts_of({"phases": phases, "pace": []})["outcomes"].svg
    assert "p30: 300 created" in svg
    assert "p17: " not in svg
    assert (
        f"17 smaller phases: {sum(n * 10 for n in range(1, 18))} created".replace("1530", "1\u202f530") in svg
    )
    assert "17 smaller phases: 17 held" in svg
