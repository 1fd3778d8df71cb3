"""Groups for the handoff."""

from crossdock_odoo.roles import role_report


def test_groups_are_listed_by_name_with_their_users(odoo):
    report = role_report(odoo.client)
    found = {a.name: a.details["users"] for a in report.found}
    assert found["Administration / Settings"] < found["User types / Internal User"]
    assert list(found) == sorted(found)


def test_a_key_that_may_not_read_them_says_so(odoo):
    odoo.refuse("res.groups.search_read")
    assert role_report(odoo.client).summary() == "not examined: No."
