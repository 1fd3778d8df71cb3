"""Nobody who has an account in Odoo is written to: a new login is told to that person by mail."""

from crossdock.mappingfile.document import parse
from crossdock_elma365.mappings import odoo


def test_an_account_that_is_there_stays_as_it_is_whatever_is_decided_about_people() -> None:
    curated = parse(odoo().read_text(encoding="utf-8"), "odoo.yaml")
    people = [route for route in curated.objects if route.target == "res.users"]
    assert len(people) == 2
    assert {route.existing for route in people} == {"keep"}
