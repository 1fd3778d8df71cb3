"""A curated mapping tells why each line is there, and what becomes of the fields that it does not name."""

from crossdock.capabilities import Capabilities
from crossdock.fieldtypes import FieldType as T
from crossdock.mappingfile.document import dump, parse
from crossdock.mappingfile.resolution import merged_schemas
from crossdock.model import Catalog, FieldSchema, Limits, ObjectSchema
from crossdock.proposing.account import account_of, summary_of
from crossdock.proposing.curated import curated_proposal
from crossdock.proposing.entries import read_comment

F = FieldSchema
ROUTE = "firms>company"


def catalog(platform, *objects, **more):
    capabilities = Capabilities()
    return Catalog(platform, "id", objects, capabilities, Limits("all"), **more)


SOURCE = catalog(
    "alpha",
    ObjectSchema(
        "firms",
        (
            F("title", T.TEXT, "Название"),
            F("site", T.TEXT, "Сайт"),
            F("uf_9", T.TEXT, "ИНН"),
            F("turnover", T.DECIMAL, "Годовая выручка"),
            F("shoe", T.TEXT, "Размер обуви"),
            F("boss", T.REFERENCE, "Ответственный", references=("staff",)),
        ),
        "Компания",
    ),
    ObjectSchema("vans", (F("plate", T.TEXT, "Номер"),), "Фургоны"),
)
DESTINATION = catalog(
    "beta",
    ObjectSchema(
        "company",
        (
            F("name", T.TEXT, "Name"),
            F("website", T.LINK, "Website"),
            F("taxId", T.TEXT, "Tax ID", custom=True),
            F("annualRevenue", T.DECIMAL, "Annual Revenue"),
            F("owner", T.REFERENCE, "Owner", references=("member",)),
        ),
        "Company",
    ),
    ObjectSchema("member", (F("email", T.EMAIL, "Email"),), "Member", match_only=True),
)


def proposed(keep="report", others="report"):
    curated = parse(f"""
source: alpha
destination: beta
others: {others}
objects:
  - from: firms
    to: company
    keep: {keep}
    fields: {{name: title, website: {{from: site, steps: [url]}}}}
""")
    return curated_proposal(curated, "alpha-beta", SOURCE, DESTINATION)


def test_a_curated_line_says_so_and_what_meets():
    comments = proposed().comments
    assert comments[ROUTE, ""] == "1.00 from the curated mapping alpha-beta"
    assert comments[ROUTE, "name"] == "1.00 curated: «Название» and «Name» mean name"
    assert comments[ROUTE, "website"] == "1.00 curated: «Сайт» and «Website» mean website"


def test_fields_that_a_customer_added_on_both_sides_are_matched_by_meaning():
    proposal = proposed()
    (route,) = proposal.mapping.objects
    assert route.fields["taxId"].source == "uf_9"
    confidence, why = read_comment(proposal.comments[ROUTE, "taxId"])
    assert why.startswith("matched: «ИНН» and «Tax ID» mean")
    assert confidence is not None
    assert 0.8 <= confidence < 1


def test_a_field_of_the_platform_that_the_curated_mapping_leaves_out_is_shown_not_taken():
    proposal = proposed()
    assert "annualRevenue" not in proposal.mapping.objects[0].fields
    left = {each.field: each for each in proposal.unmapped[ROUTE]}
    assert left["turnover"].best == "annualRevenue"
    assert left["turnover"].why.endswith("to use it write annualRevenue: turnover")
    assert left["boss"].why == "nothing that it leads to is moved there"


def test_a_field_that_stays_behind_is_shown_with_the_line_that_would_make_it():
    proposal = proposed()
    assert "or make it: {shoe: text}" in proposal.comments[ROUTE, "#"]
    assert proposal.made[ROUTE] == {}


def test_what_becomes_a_field_of_its_own_is_said_with_name_and_type():
    proposal = proposed(keep="custom_fields")
    assert proposal.made[ROUTE]["shoe"] == "shoe"
    assert "# shoe «Размер обуви»: becomes shoe (text)" in dump(proposal.mapping, proposal.comments)


def test_an_object_that_no_route_names_says_which_one_there_is_nearest():
    proposal = proposed(others="provision")
    route = next(r for r in proposal.mapping.objects if r.source == "vans")
    confidence, why = read_comment(proposal.comments[route.name, ""])
    assert "an object of its own" in why
    assert confidence is not None
    assert "# plate «Номер»: becomes plate (text)" in dump(proposal.mapping, proposal.comments)


def test_the_file_with_all_its_comments_is_read_back_as_the_same_mapping():
    for proposal in (proposed(), proposed("custom_fields", "provision")):
        assert parse(dump(proposal.mapping, proposal.comments)) == proposal.mapping


def test_the_account_has_every_line_and_every_field_without_one():
    proposal = proposed(keep="custom_fields")
    account = account_of(proposal, merged_schemas(SOURCE))
    assert {row["field"] for row in account["fields"]} == {"name", "website", "taxId"}
    assert all(row["confidence"] > 0.5 and row["reason"] for row in account["fields"])
    left = {row["field"]: (row["create"], row["becomes"]) for row in account["unmapped"]}
    assert left["shoe"] == ("text", "shoe")
    assert left["turnover"] == ("decimal", "turnover")
    assert summary_of(account)[0] == (
        "3 field lines: 2 decided by a person before, 1 matched, 0 of them below 0.60"
    )


def test_a_comment_that_a_person_wrote_has_no_confidence():
    assert read_comment("ask Anna") == (None, "ask Anna")
    assert read_comment("0.93 same name\n") == (0.93, "same name")
