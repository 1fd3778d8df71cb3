from crossdock.capabilities import Capabilities
from crossdock.fieldtypes import FieldType as T
from crossdock.mapping import MappingFile
from crossdock.mappingfile.check import check
from crossdock.mappingfile.document import dump, parse
from crossdock.mappingfile.resolution import resolve
from crossdock.model import Catalog, FieldSchema, Limits, ObjectSchema
from crossdock.proposing.propose import from_curated, propose

F = FieldSchema


def catalog(platform, *objects):
    return Catalog(platform, "id", objects, Capabilities(), Limits("all"))


SOURCE = catalog(
    "alpha",
    ObjectSchema(
        "crm.companies",
        (
            F("_Name", T.TEXT),
            F("_employee_count", T.TEXT),
            F("boss", T.REFERENCE, references=("crm.users",)),
            F("logo", T.FILE),
            F("lost", T.REFERENCE, references=("x",)),
        ),
    ),
    ObjectSchema("crm.users", (F("e-mail", T.EMAIL), F("phone", T.TEXT, "Телефон"))),
    ObjectSchema("crm.odd", (F("a", T.TEXT),), "Odd things"),
)
DESTINATION = catalog(
    "beta",
    ObjectSchema("member", (F("email", T.EMAIL), F("tel", T.PHONE, "Телефон")), "Users", match_only=True),
    ObjectSchema(
        "company",
        (
            F("name", T.TEXT, unique=True),
            F("employeeCount", T.INTEGER),
            F("boss", T.REFERENCE, references=("member",)),
            F("logo", T.FILE),
            F("lost", T.REFERENCE, references=("member",)),
            F("created", T.DATETIME, read_only=True),
        ),
        "Companies",
    ),
)


def test_objects_and_fields_are_paired_by_name_and_label():
    proposal = propose(SOURCE, DESTINATION)
    companies, users = proposal.mapping.objects
    assert (companies.source, companies.target) == ("crm.companies", "company")
    assert {n: e.source for n, e in companies.fields.items()} == {
        "name": "_Name",
        "employeeCount": "_employee_count",
        "boss": "boss",
    }
    assert companies.fields["boss"].reference == "member"
    assert companies.match == (("name",),)
    assert (users.target, users.create, users.match) == ("member", False, (("email",),))
    assert users.fields["tel"].source == "phone"


def test_every_pair_has_its_confidence_and_reason():
    proposal = propose([SOURCE], DESTINATION)
    comments = proposal.comments
    assert comments["crm.companies>company", ""].startswith("0.")
    assert "mean reports to" in comments["crm.companies>company", "boss"]
    assert "«_Name» and «name» mean name" in comments["crm.companies>company", "name"]
    assert "«Телефон» and «Телефон» mean phone" in comments["crm.users>member", "tel"]
    assert "rejected" in comments["crm.companies>company", "employeeCount"]
    for route in proposal.mapping.objects:
        assert all((route.name, name) in comments for name in route.fields)


def test_what_has_no_counterpart_is_said():
    proposal = propose(SOURCE, DESTINATION)
    assert proposal.notes[0] == "crm.odd: nothing is proposed; nearest is company (0.10)"
    logo, lost = proposal.unmapped["crm.companies>company"]
    assert (logo.field, logo.best, logo.why) == ("logo", "logo", "its type cannot hold the values")
    assert lost.field == "lost"
    assert "not mapped" in proposal.comments["crm.companies>company", "#"]


def test_a_proposal_fits_and_survives_the_file():
    proposal = propose(SOURCE, DESTINATION)
    assert parse(dump(proposal.mapping, proposal.comments)) == proposal.mapping
    resolved = resolve(proposal.mapping, {}, SOURCE, DESTINATION)
    assert [p for p in check(resolved, SOURCE, DESTINATION) if p.fatal] == []


def test_the_surest_pairs_are_made_first():
    source = catalog("a", ObjectSchema("o", (F("phones", T.TEXT), F("phone", T.TEXT))))
    target = catalog("b", ObjectSchema("o", (F("phone", T.TEXT),)))
    assert propose(source, target).mapping.objects[0].fields["phone"].source == "phone"


CURATED = {
    "source": "alpha",
    "destination": "beta",
    "others": "provision",
    "ignore": ["crm.users"],
    "objects": [
        {
            "from": "crm.companies",
            "to": "company",
            "match": ["name", "code"],
            "require_one": ["name", "code"],
            "ignore": ["logo", "gone"],
            "fields": {
                "name": "_Name",
                "code": "code",
                "employeeCount": {"from": ["_employee_count", "staff"]},
                "text": {"template": "{_Name} {nick}"},
                "self": {"from": "__self", "reference": "company"},
                "fixed": {"value": 1},
            },
        },
        {"from": "crm.deals", "to": "deal"},
        {"from": "crm.companies", "to": "link", "for_each": "gone"},
    ],
}


def test_a_curated_mapping_loses_what_the_source_does_not_have():
    fitted, notes = from_curated(MappingFile.model_validate(CURATED), SOURCE, DESTINATION)
    company = fitted.objects[0]
    assert list(company.fields) == ["name", "employeeCount", "self", "fixed"]
    assert company.fields["employeeCount"].source == ("_employee_count",)
    assert company.match == (("name",),)
    assert company.require_one == ("name",)
    assert company.ignore == ("logo",)
    assert notes == (
        "crm.companies>company: field code left out, the source has no code",
        "crm.companies>company: field employeeCount kept without them, the source has no staff",
        "crm.companies>company: field text left out, the source has no nick",
        "crm.deals>deal: the source has no object crm.deals",
        "crm.companies>link: crm.companies has no field gone, which it is made for",
        "crm.odd: not in the curated mapping, goes to a new object odd",
    )


def test_objects_that_no_route_covers_are_provisioned_whole():
    fitted, _ = from_curated(MappingFile.model_validate(CURATED), SOURCE, DESTINATION)
    odd = fitted.objects[-1]
    assert (odd.source, odd.target, odd.provision.label, odd.provision.fields) == (
        "crm.odd",
        "odd",
        "Odd things",
        "auto",
    )
    resolved = resolve(fitted, {}, SOURCE, DESTINATION)
    assert [f.name for f in resolved.wanted[-1].fields] == ["a"]


def test_without_others_nothing_is_added():
    curated = MappingFile.model_validate({**CURATED, "others": "report"})
    fitted, notes = from_curated(curated, SOURCE, DESTINATION)
    assert len(fitted.objects) == 1
    assert not any("new object" in note for note in notes)
