"""Groups and roles of a company are documented with their members."""

import httpx2
import pytest

BUYERS, ADMINISTRATORS = "g-buyers", "d6000da0-c9aa-55eb-9882-f118b432730b"
GROUPS = [
    {"__id": BUYERS, "code": "buyers", "__name": "Закупщики", "isRole": True},
    {"__id": ADMINISTRATORS, "__name": "Администраторы"},
]


@pytest.fixture
def roles(company, make_source):
    """Looks for roles after a change of the answers; `shown`: whether the members of a group are shown."""
    company.users = [
        {"__id": "u1", "__name": "Anna", "email": "anna@x.test", "groupIds": [BUYERS], "osIds": ["n1"]},
        {"__id": "u2", "__name": "Boris", "groupIds": [ADMINISTRATORS]},
    ]
    route = company._route

    def answered(parts, body, *, shown):
        if parts == ["scheme", "groups", "list"]:
            return company._list(GROUPS, body)
        if parts[:2] == ["scheme", "groups"]:
            members = [user for user in company.users if parts[2] in user["groupIds"]]
            return {"result": {"result": members}} if shown else httpx2.Response(404, text="not here")
        return route(parts, body)

    def look(*, shown=True):
        company._route = lambda parts, body: answered(parts, body, shown=shown)
        found = make_source().discover().artifacts
        return next(report for report in found if report.kind == "role").found

    return look


def test_a_role_has_its_members_with_their_addresses(roles):
    buyers = roles()[0]
    assert (buyers.name, buyers.id, buyers.details["what"]) == ("Закупщики", BUYERS, "role")
    assert buyers.details["people"] == ["Anna <anna@x.test>"]


def test_a_group_of_the_platform_itself_is_told_by_its_id(roles):
    administrators = roles()[1]
    assert administrators.details["code"] == "administrators"
    assert administrators.details["built_in"]
    assert administrators.details["people"] == ["Boris"]


def test_members_are_taken_from_the_users_where_a_group_does_not_show_them(roles):
    assert [role.details["people"] for role in roles(shown=False)[:2]] == [["Anna <anna@x.test>"], ["Boris"]]


def test_positions_are_named_by_their_ids(roles):
    position = roles()[2]
    assert (position.id, position.details["what"]) == ("n1", "position")
    assert position.details["people"] == ["Anna <anna@x.test>"]


def test_a_server_that_gives_short_pages_hides_no_group_and_no_person(roles, company):
    company.page_cap = 1
    found = roles(shown=False)
    assert [role.details["people"] for role in found[:2]] == [["Anna <anna@x.test>"], ["Boris"]]


def test_a_list_that_ends_before_its_total_is_not_taken_for_whole(roles, company, make_source):
    roles()

    def cut(path, answer):
        if path.endswith("/groups/list"):
            answer["result"]["total"] = 3
        return answer

    company.change = cut
    report = next(r for r in make_source().discover().artifacts if r.kind == "role")
    assert (report.found, "counts 3" in report.not_examined) == ((), True)
