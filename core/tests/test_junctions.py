"""Links to several records at a destination whose references hold one."""

import pytest

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.fieldtypes import FieldType as T
from crossdock.ids import ReferenceStatus
from crossdock.mapping import MappingFile, ObjectMapping
from crossdock.mappingfile.check import check
from crossdock.mappingfile.resolution import resolve
from crossdock.model import Catalog, FieldSchema, Limits, ObjectSchema, Record, Skipped
from crossdock.proposing.propose import from_curated
from crossdock.transform import transform
from crossdock.values import Reference

F = FieldSchema


def catalog(platform, *objects, **can):
    declared = {Capability[name.upper()]: Support.YES for name in can}
    return Catalog(platform, "id", objects, Capabilities(declared), Limits("all"))


def link(name, *objects, multiple=True):
    return F(name, T.REFERENCE, name.title(), multiple=multiple, references=objects)


SOURCE = catalog(
    "alpha",
    ObjectSchema(
        "app.trips", (F("__name", T.TEXT), link("drivers", "app.drivers"), link("next", "app.trips"))
    ),
    ObjectSchema("app.drivers", (F("__name", T.TEXT), link("trips", "app.trips"))),
    ObjectSchema("app.notes", (F("__name", T.TEXT), link("about", multiple=False))),
)
DESTINATION = catalog("beta", custom_objects=True)
CURATED = MappingFile.model_validate(
    {"source": "alpha", "destination": "beta", "others": {"fields": {"name": {"from": "__name"}}}}
)


def proposed(source=SOURCE, destination=DESTINATION, curated=CURATED):
    mapping, notes = from_curated(curated, source, destination)
    return mapping, {route.target: route for route in mapping.objects}, notes


def test_a_link_to_several_records_becomes_an_object_with_two_references():
    _, routes, notes = proposed()
    made = routes["tripsDriversLink"]
    assert (made.source, made.for_each, made.beyond) == ("app.trips", "drivers", 0)
    assert made.provision.fields["trips"].references == ("trips",)
    assert made.provision.fields["drivers"].references == ("drivers",)
    assert made.fields["trips"].source == "__self"
    assert made.fields["drivers"].source == "item"
    assert made.fields["name"].template == "{__name} - {item.__name}"
    assert any("drivers holds several links" in note for note in notes)


def test_a_self_link_has_two_fields_that_can_be_told_apart():
    _, routes, _ = proposed()
    fields = routes["tripsNextLink"].provision.fields
    assert {name: f.references for name, f in fields.items()} == {"trips": ("trips",), "next": ("trips",)}


def test_links_in_a_circle_are_an_object_each():
    mapping, routes, _ = proposed()
    assert {"tripsDriversLink", "driversTripsLink"} <= set(routes)
    resolved = resolve(mapping, {}, SOURCE, DESTINATION)
    assert [p for p in check(resolved, SOURCE, DESTINATION) if p.fatal] == []


def test_a_link_to_any_object_gets_a_field_for_each():
    _, routes, _ = proposed()
    made = routes["notesAboutLink"]
    assert made.require_one == ("targetTrips", "targetDrivers", "targetNotes")
    assert made.fields["targetDrivers"].reference == "drivers"


def test_a_destination_that_holds_several_references_gets_no_junction():
    there = catalog("beta", custom_objects=True, multi_references=True)
    mapping, routes, _ = proposed(destination=there)
    assert "tripsDriversLink" not in routes
    resolved = resolve(mapping, {}, SOURCE, there)
    trips = next(o for o in resolved.wanted if o.name == "trips")
    assert trips.field("drivers").multiple


def test_links_beyond_the_first_of_a_mapped_reference_are_kept():
    curated = CURATED.model_copy(
        update={
            "objects": (
                ObjectMapping.model_validate(
                    {
                        "from": "app.trips",
                        "to": {"provision": {"object": "trip", "fields": {}}},
                        "fields": {"name": "__name", "driver": {"from": "drivers", "reference": "drivers"}},
                        "ignore": ["next"],
                    }
                ),
            )
        }
    )
    _, routes, _ = proposed(curated=curated)
    assert (routes["tripDriversLink"].for_each, routes["tripDriversLink"].beyond) == ("drivers", 1)


def test_the_check_names_links_that_no_route_moves():
    mapping, _, _ = proposed()
    less = mapping.model_copy(
        update={"objects": tuple(r for r in mapping.objects if r.target != "tripsDriversLink")}
    )
    resolved = resolve(less, {}, SOURCE, DESTINATION)
    told = [p.message for p in check(resolved, SOURCE, DESTINATION) if "drivers are moved by no" in p.message]
    assert len(told) == 1


class Ids:
    """Every record is loaded under its own key."""

    project, tenant = "p", "acme"

    def target_id(self, object_name, key, target_object):
        return key

    def status(self, object_name, key, target_object):
        return ReferenceStatus.LOADED

    def source_values(self, object_name, key):
        return {}

    def fallback(self, match, target_object):
        return None


@pytest.mark.parametrize(("count", "made"), [(3, ["2", "3"]), (1, [])])
def test_elements_beyond_the_first_are_loaded(count, made):
    route = ObjectMapping.model_validate(
        {
            "from": "a",
            "to": "b",
            "for_each": "others",
            "beyond": 1,
            "fields": {"other": {"from": "item", "reference": "c"}},
        }
    )
    links = tuple(Reference("c", str(n)) for n in range(1, count + 1))
    outcomes = transform([Record("a", "k", {"others": links})], route, Ids())
    assert [o.values["other"] for o in outcomes if not isinstance(o, Skipped)] == made


FREE = MappingFile.model_validate(
    {
        "source": "alpha",
        "destination": "beta",
        "questions": {"trips": {"default": "move", "alternatives": ["move", "leave"]}},
        "objects": [
            {
                "from": "app.trips",
                "to": {"provision": {"object": "trip", "fields": "auto"}},
                "when": "decisions.trips == 'move'",
                "fields": {"name": "__name"},
            },
            {
                "from": "app.drivers",
                "to": {"provision": {"object": "driver", "fields": {"name": "text"}}},
                "fields": {"name": "__name"},
                "ignore": "trips",
            },
            {
                "from": "app.notes",
                "to": {"provision": {"object": "note", "fields": "auto"}},
                "fields": {"name": "__name"},
            },
        ],
    }
)


def decided(answer):
    """The proposed mapping with that decision, made after the proposal, and what does not fit."""
    mapping, _, _ = proposed(curated=FREE)
    resolved = resolve(mapping.model_copy(update={"decisions": {"trips": answer}}), {}, [SOURCE], DESTINATION)
    fatal = [p for p in check(resolved, [SOURCE], DESTINATION) if p.fatal]
    return {route.target: route for route in resolved.objects}["noteAboutLink"], fatal


def test_an_end_that_a_later_decision_leaves_nothing_to_lead_to_is_left_out():
    route, fatal = decided("leave")
    assert set(route.require_one) == {"targetDriver", "targetNote"}
    assert "targetTrip" not in route.fields
    assert "targetTrip" not in route.provision.fields
    assert fatal == []


def test_an_end_that_is_still_made_stays():
    route, fatal = decided("move")
    assert set(route.require_one) == {"targetTrip", "targetDriver", "targetNote"}
    assert fatal == []
