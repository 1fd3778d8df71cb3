"""A curated mapping at a destination that has not got everything: modules, fields of other versions."""

from dataclasses import replace

from core.tests.test_propose_mapping import catalog

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.fieldtypes import FieldType as T
from crossdock.mapping import MappingFile
from crossdock.mappingfile.check import check
from crossdock.mappingfile.resolution import resolve
from crossdock.model import FieldSchema as F
from crossdock.model import ObjectSchema
from crossdock.proposing.propose import from_curated

SOURCE = catalog(
    "alpha",
    ObjectSchema("projects", (F("name", T.TEXT), F("boss", T.TEXT))),
)
LEAD = ObjectSchema("lead", (F("name", T.TEXT), F("boss", T.TEXT)))
PROJECT = ObjectSchema("project", (F("name", T.TEXT), F("lead", T.REFERENCE, references=("lead",))))
CURATED = MappingFile.model_validate(
    {
        "source": "alpha",
        "destination": "beta",
        "questions": {
            "project_as": {
                "default": "both",
                "alternatives": ["both", "project", "lead"],
                "needs": {"both": "project", "project": ["project"]},
            }
        },
        "objects": [
            {
                "from": "projects",
                "to": "project",
                "when": "decisions.project_as != 'lead'",
                "fields": {"name": "name", "lead": {"from": "__self", "reference": "lead"}},
            },
            {
                "from": "projects",
                "to": "lead",
                "when": "decisions.project_as != 'project'",
                "extend": {"project": {"type": "reference", "references": "project"}},
                "fields": {
                    "name": "name",
                    "boss": {"from": "boss", "optional": True},
                    "chief": {"from": "boss", "optional": True},
                    "project": {"from": "__self", "reference": "project"},
                },
            },
        ],
    }
)


def fatal(mapping, destination, **decisions):
    resolved = resolve(mapping, decisions, SOURCE, destination)
    return [str(p) for p in check(resolved, SOURCE, destination) if p.fatal], resolved


def test_everything_stays_where_everything_is_there():
    destination = catalog("beta", LEAD, PROJECT)
    mapping, notes = from_curated(CURATED, SOURCE, destination)
    assert [r.target for r in mapping.objects] == ["project", "lead"]
    assert mapping.questions["project_as"].default == "both"
    assert notes == ("projects>lead: field chief left out, the destination has none of that name",)
    assert fatal(mapping, destination)[0] == []


def test_a_route_into_an_object_that_is_not_there_is_left_out_and_said():
    destination = catalog("beta", LEAD)
    mapping, notes = from_curated(CURATED, SOURCE, destination)
    assert [r.target for r in mapping.objects] == ["lead"]
    assert "project" not in mapping.objects[0].fields
    assert mapping.objects[0].extend == {}
    assert "projects>project: the destination has no object project" in notes
    assert "projects>lead: field project left out, the destination has no object project" in notes
    assert fatal(mapping, destination)[0] == []


def test_an_answer_that_needs_what_is_not_there_is_no_answer():
    mapping, notes = from_curated(CURATED, SOURCE, catalog("beta", LEAD))
    question = mapping.questions["project_as"]
    assert (question.alternatives, question.default) == (("lead",), "lead")
    assert (
        "decisions.project_as: the destination has no project, so both, project is no answer; lead stands"
        in notes
    )


def test_a_decision_leaves_out_the_links_that_it_leaves_nothing_to_lead_to():
    destination = catalog("beta", LEAD, PROJECT)
    mapping, _ = from_curated(CURATED, SOURCE, destination)
    problems, resolved = fatal(mapping, destination, project_as="lead")
    assert problems == []
    assert list(resolved.objects[0].fields) == ["name", "boss"]
    assert [o.name for o in resolved.wanted] == []


def test_a_field_whose_rule_looks_at_what_the_source_has_not_is_left_out():
    curated = MappingFile.model_validate(
        {
            "source": "alpha",
            "destination": "beta",
            "objects": [
                {
                    "from": "projects",
                    "to": "lead",
                    "fields": {
                        "name": "name",
                        "boss": {"from": "boss", "where": "status == 'won' && key != 'x'"},
                    },
                }
            ],
        }
    )
    mapping, notes = from_curated(curated, SOURCE, catalog("beta", LEAD))
    assert list(mapping.objects[0].fields) == ["name"]
    assert notes == ("projects>lead: field boss left out, the source has no status",)


def test_a_link_to_an_object_that_the_source_has_not_got_is_left_out_though_others_become_the_same():
    source = catalog(
        "alpha",
        ObjectSchema("orders", (F("name", T.TEXT), F("quote", T.REFERENCE, references=("quotes",)))),
    )
    lead = ObjectSchema("lead", (F("name", T.TEXT),))
    curated = MappingFile.model_validate(
        {
            "source": "alpha",
            "destination": "beta",
            "objects": [
                {"from": "quotes", "to": "lead", "fields": {"name": "name"}},
                {
                    "from": "orders",
                    "to": "lead",
                    "extend": {"quote": {"type": "reference", "references": "lead"}},
                    "fields": {"name": "name", "quote": {"from": "quote", "reference": "lead"}},
                },
            ],
        }
    )
    mapping, notes = from_curated(curated, source, catalog("beta", lead))
    assert list(mapping.objects[0].fields) == ["name"]
    assert mapping.objects[0].extend == {}
    assert "orders>lead: field quote left out, the source has no object quotes" in notes
    assert fatal_of(mapping, source, catalog("beta", lead)) == []


def fatal_of(mapping, source, destination):
    resolved = resolve(mapping, {}, source, destination)
    return [str(p) for p in check(resolved, source, destination) if p.fatal]


def test_another_field_that_the_source_has_not_stands_in_no_more():
    curated = MappingFile.model_validate(
        {
            "source": "alpha",
            "destination": "beta",
            "objects": [
                {
                    "from": "projects",
                    "to": "lead",
                    "fields": {
                        "name": {"from": "name", "values": {"a": "b"}, "otherwise": {"from": "label"}},
                    },
                }
            ],
        }
    )
    mapping, _ = from_curated(curated, SOURCE, catalog("beta", LEAD))
    assert mapping.objects[0].fields["name"].otherwise == "null"


# --- links where one field holds several references --------------------------------------------


def several(platform, *objects):
    can = {Capability.MULTI_REFERENCES: Support.YES, Capability.CUSTOM_OBJECTS: Support.YES}
    return replace(catalog(platform, *objects), capabilities=Capabilities(can))


LINKED = catalog(
    "alpha",
    ObjectSchema(
        "trips",
        (
            F("name", T.TEXT),
            F("project", T.REFERENCE, "Project", references=("projects",)),
            F("about", T.REFERENCE, "About"),
        ),
    ),
    ObjectSchema("projects", (F("name", T.TEXT), F("boss", T.TEXT))),
)


def linked_to_both(**trip):
    route = {"from": "trips", "to": {"provision": {"object": "trip"}}, "fields": {"name": "name"}, **trip}
    both = [r.model_dump(mode="json", by_alias=True, exclude_defaults=True) for r in CURATED.objects]
    for each in both:
        each["to"] = each.pop("target")
    question = {"project_as": {"default": "both"}}
    return MappingFile.model_validate(
        {"source": "alpha", "destination": "beta", "questions": question, "objects": [*both, route]}
    )


def wanted_of(mapping, name):
    destination = several("beta", LEAD, PROJECT)
    resolved = resolve(mapping, {}, LINKED, destination)
    return {f.name: f.references for o in resolved.wanted if o.name == name for f in o.fields}, resolved


def test_a_link_to_what_became_several_objects_leads_to_the_first_of_them():
    wanted, _ = wanted_of(linked_to_both(), "trip")
    assert wanted["project"] == ("project",)


def test_a_link_to_any_object_gets_a_field_for_each_that_stands_for_itself():
    wanted, resolved = wanted_of(linked_to_both(), "trip")
    assert {name: r for name, r in wanted.items() if name.startswith("about")} == {
        "aboutProject": ("project",),
        "aboutLead": ("lead",),
        "aboutTrip": ("trip",),
    }
    trip = next(r for r in resolved.objects if r.target == "trip")
    assert trip.links == (("aboutProject", "aboutLead", "aboutTrip"),)


def test_a_link_may_make_the_fields_that_it_needs():
    mapping = linked_to_both(
        to="lead",
        targets={"from": "about", "name": "about {object}", "required": False, "make": True},
        fields={"name": "name", "boss": "name"},
    )
    wanted, resolved = wanted_of(mapping, "lead")
    assert {n: r for n, r in wanted.items() if n.startswith("about")} == {
        "aboutProject": ("project",),
        "aboutLead": ("lead",),
    }
    trips = next(r for r in resolved.objects if r.source == "trips")
    assert trips.require_one == ()
    assert trips.targets.ends == ("aboutProject", "aboutLead")
    assert trips.fields["aboutLead"].missing == "null_with_finding"


def test_a_match_key_that_goes_with_its_field_is_said():
    """Without it records that are there are made twice."""
    fields = {"name": "name", "boss": {"from": "boss", "optional": True}, "link": SELF_LINK}
    curated = MappingFile.model_validate(
        {
            "source": "alpha",
            "destination": "beta",
            "objects": [
                {"from": "projects", "to": "project", "fields": {"name": "name"}},
                {
                    "from": "projects",
                    "to": "lead",
                    "match": [["name", "link"], ["boss"]],
                    "fields": fields,
                },
            ],
        }
    )
    bare = ObjectSchema("lead", (F("name", T.TEXT),))
    mapping, notes = from_curated(curated, SOURCE, catalog("beta", bare))
    assert mapping.objects[0].match == ()
    assert notes[1:] == (
        "projects>lead: field link left out, the destination has no object project",
        "projects>lead: match key name and link left out with its field",
        "projects>lead: field boss left out, the destination has none of that name",
        "projects>lead: match key boss left out with its field",
        "projects>lead: no match key is left, so what is there already would be made again",
    )


SELF_LINK = {"from": "__self", "reference": "project"}


def test_a_link_to_what_nothing_of_this_source_becomes_is_left_out_and_said():
    destination = catalog("beta", LEAD, PROJECT)
    route = {"from": "jobs", "to": "lead", "fields": {"project": {"from": "name", "reference": "project"}}}
    curated = CURATED.model_copy(
        update={"objects": (*CURATED.objects, *MappingFile.model_validate(jobs(route)).objects)}
    )
    source = catalog("alpha", ObjectSchema("jobs", (F("name", T.TEXT), F("boss", T.TEXT))))
    mapping, notes = from_curated(curated, source, destination)
    (left,) = mapping.objects
    assert left.fields == {}
    assert "jobs>lead: field project left out, nothing at the source becomes project" in notes


def jobs(route):
    return {"source": "alpha", "destination": "beta", "objects": [route]}
