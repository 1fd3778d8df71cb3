"""The assessment: points, grade and hours, by hand-written expectations."""

import pytest

from crossdock.scoping.assessment import FIGURES, assess

NOTHING = dict.fromkeys((figure.name for figure in FIGURES), 0)


def row(result, name):
    return next(r for r in result["figures"] if r["name"] == name)


def test_a_point_is_given_for_each_bound_that_is_exceeded():
    result = assess(NOTHING | {"records": 100_001}, None)
    assert (row(result, "records")["points"], result["points"]) == (4, 4)  # two bounds, weight 2


def test_a_bound_that_is_reached_is_not_exceeded():
    assert row(assess(NOTHING | {"records": 10_000}, None), "records")["points"] == 0


@pytest.mark.parametrize(
    ("more", "grade"),
    [
        ({}, "simple"),
        ({"custom_objects": 100, "tenants": 100}, "standard"),  # 18 of 75
        ({"custom_objects": 100, "tenants": 100, "records": 10**7, "duplicates": 10**5}, "complex"),  # 30
        (dict.fromkeys(NOTHING, 10**9), "very complex"),
    ],
)
def test_the_grade_is_the_share_of_the_points_that_are_possible(more, grade):
    assert assess(NOTHING | more, None)["grade"] == grade


def test_what_nobody_counted_is_named_and_left_out_of_the_points():
    result = assess(NOTHING | {"duplicates": None}, None)
    whole = assess(NOTHING, None)
    assert row(result, "duplicates")["points"] is None
    assert result["most_points"] == whole["most_points"] - 6
    assert "Not counted: Records that share an identity." in result["assumptions"]


def test_every_figure_behind_the_grade_is_in_the_answer():
    assert {r["name"] for r in assess({}, None)["figures"]} == {figure.name for figure in FIGURES}


def test_hours_of_people_count_begun_units_and_have_a_least():
    result = assess(NOTHING | {"duplicates": 41, "artifacts": 3}, 12.5)
    hours = {work["label"]: work["hours"] for work in result["work"]}
    assert hours["Duplicates"] == 2
    assert hours["Rebuilding or retiring automations and reports"] == 6
    assert hours["Scoping and decisions"] == 4
    assert result["people_hours"] == sum(hours.values())
    assert result["machine_minutes"] == 12.5
