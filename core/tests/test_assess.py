"""The assessment: points, grade and hours, by hand-written expectations."""

import pytest

from crossdock.scoping.assessment import PARTS, UNKNOWN, assess

FIGURES = [figure.name for figures in PARTS.values() for figure in figures]
NOTHING = dict.fromkeys(FIGURES, 0)


def rows(result):
    return {row["name"]: row for part in result["parts"] for row in part["figures"]}


def part(result, name):
    return next(part for part in result["parts"] if part["name"] == name)


def test_a_point_is_given_for_each_bound_that_is_exceeded():
    result = assess(NOTHING | {"records": 100_001}, None)
    assert rows(result)["records"]["points"] == 4  # two bounds, weight 2


def test_a_bound_that_is_reached_is_not_exceeded():
    assert rows(assess(NOTHING | {"records": 10_000}, None))["records"]["points"] == 0


@pytest.mark.parametrize(
    ("more", "grade", "points"),
    [
        ({}, "A", 0),
        ({"records": 10_001}, "B", 2),  # of 12: 17 %
        ({"records": 100_001}, "C", 4),  # 33 %
        ({"records": 100_001, "files_gb": 2}, "D", 6),  # 50 %
        ({"records": 10**9, "files_gb": 2}, "E", 8),  # 67 %
        ({"records": 10**9, "files_gb": 10**9}, "F", 12),
    ],
)
def test_a_part_is_graded_by_the_share_of_the_points_that_are_possible(more, grade, points):
    volume = part(assess(NOTHING | more, None), "Data volume")
    assert (volume["grade"], volume["points"], volume["most_points"]) == (grade, points, 12)


def test_the_whole_is_graded_over_all_figures():
    hardest = assess(dict.fromkeys(FIGURES, 10**9), 10**9)
    assert (hardest["grade"], hardest["points"]) == ("F", hardest["most_points"])
    assert assess(NOTHING, 0)["grade"] == "A"


def test_a_part_says_which_figures_weigh_most():
    result = assess(NOTHING | {"custom_objects": 9, "lacking": 1}, None)
    assert part(result, "Object compatibility")["why"] == (
        "Objects to be made: 9; Needs that the destination does not meet: 1"
    )
    assert part(result, "Data volume")["why"] == "nothing out of the ordinary"


def test_what_nobody_counted_is_named_and_left_out_of_the_points():
    result = assess(NOTHING | {"duplicates": None}, None)
    assert rows(result)["duplicates"]["points"] is None
    assert part(result, "Field mapping clarity")["most_points"] == 3 * (2 + 2 + 2 + 1 + 1)
    assert "Not counted: Records that share an identity." in result["assumptions"]


def test_a_part_of_which_nothing_is_known_has_no_grade():
    assert part(assess({}, None), "Data volume")["grade"] == UNKNOWN


def test_hours_of_people_count_begun_units_and_have_a_least():
    result = assess(NOTHING | {"duplicates": 41, "artifacts": 3}, 90)
    hours = {work["label"]: work["hours"] for work in result["work"]}
    assert hours["Duplicates"] == 2
    assert hours["Rebuilding or retiring automations and reports"] == 6
    assert hours["Scoping and decisions"] == 4
    assert result["people_hours"] == sum(hours.values()) == rows(result)["people_hours"]["value"]
    assert result["machine_minutes"] == 90
    assert rows(result)["machine_hours"]["value"] == 1.5
