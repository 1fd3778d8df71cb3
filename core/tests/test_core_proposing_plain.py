"""A proposal from two catalogs: value maps, what was confirmed before, what plugins tell, what is left."""

from datetime import UTC, datetime

from crossdock.capabilities import Capabilities
from crossdock.fieldtypes import FieldType as T
from crossdock.mapping import MappingFile
from crossdock.mappingfile.check import check
from crossdock.mappingfile.confirmation import write
from crossdock.mappingfile.document import dump, parse, save
from crossdock.mappingfile.resolution import resolve
from crossdock.matching.vocabulary import vocabulary
from crossdock.model import Catalog, FieldSchema, Limits, ObjectSchema, Option
from crossdock.proposing.memory import remembered
from crossdock.proposing.plain import Knowledge, propose

F = FieldSchema


def catalog(platform, *objects):
    return Catalog(platform, "id", objects, Capabilities(), Limits("all"))


SOURCE = catalog(
    "alpha",
    ObjectSchema(
        "deals",
        (
            F("title", T.TEXT, "Название сделки"),
            F("sum", T.DECIMAL, "Сумма"),
            F(
                "stage",
                T.SELECT,
                "Стадия",
                options=(Option("n", "Новая"), Option("w", "Успешно"), Option("q", "Жук")),
            ),
            F("org", T.REFERENCE, "Компания", references=("orgs",)),
            F("uf_1", T.TEXT, "Размер обуви"),
        ),
        "Сделка",
    ),
    ObjectSchema("orgs", (F("title", T.TEXT, "Название"), F("inn", T.TEXT, "ИНН")), "Компания"),
)
DESTINATION = catalog(
    "beta",
    ObjectSchema(
        "opportunity",
        (
            F("name", T.TEXT, "Name"),
            F("amount", T.MONEY, "Amount"),
            F("stage", T.SELECT, "Stage", options=(Option("NEW", "New"), Option("WON", "Closed Won"))),
            F("account", T.REFERENCE, "Account", references=("account",)),
            F("odd", T.TEXT, "Frobnication"),
        ),
        "Opportunity",
    ),
    ObjectSchema("account", (F("name", T.TEXT, "Name"), F("vat", T.TEXT, "Tax ID")), "Account"),
)


def test_objects_fields_and_links_are_proposed_across_languages():
    deals, orgs = propose(SOURCE, DESTINATION).mapping.objects
    assert (deals.target, orgs.target) == ("opportunity", "account")
    assert {n: e.source for n, e in deals.fields.items()} == {
        "name": "title",
        "amount": "sum",
        "stage": "stage",
        "account": "org",
    }
    assert deals.fields["account"].reference == "account"
    assert {n: e.source for n, e in orgs.fields.items()} == {"name": "title", "vat": "inn"}


def test_options_become_a_value_map_and_what_is_lost_is_named():
    proposal = propose(SOURCE, DESTINATION)
    assert proposal.mapping.objects[0].fields["stage"].values == {"n": "NEW", "w": "WON"}
    assert (
        "options without a counterpart are rejected: Жук" in proposal.comments["deals>opportunity", "stage"]
    )
    assert "the currency is not known" in proposal.comments["deals>opportunity", "amount"]


def test_a_field_without_a_pair_is_listed_in_the_file_with_the_field_to_make():
    proposal = propose(SOURCE, DESTINATION)
    (left,) = proposal.unmapped["deals>opportunity"]
    assert left.field == "uf_1"
    text = dump(proposal.mapping, proposal.comments)
    assert "# uf_1 «Размер обуви»: nothing at the destination is like it; or make it: {uf_1: text}" in text
    assert parse(text) == proposal.mapping


def test_what_was_confirmed_comes_first_with_its_day(tmp_path):
    confirmed = MappingFile.model_validate(
        {
            "source": "alpha",
            "destination": "beta",
            "objects": [
                {
                    "from": "deals",
                    "to": "opportunity",
                    "match": ["odd"],
                    "fields": {"odd": "uf_1", "gone": "sum"},
                }
            ],
        }
    )
    save(tmp_path / "confirmation.yaml", confirmed)
    write(tmp_path / "confirmation.json", "Anna", datetime(2026, 11, 3, tzinfo=UTC), {})
    memory = remembered(tmp_path / "confirmation.yaml", tmp_path / "confirmation.json")

    assert memory is not None
    proposal = propose(SOURCE, DESTINATION, Knowledge(memories=(memory,)))

    route = proposal.mapping.objects[0]
    assert route.fields["odd"].source == "uf_1"
    assert route.match == (("odd",),)
    assert "gone" not in route.fields
    assert route.fields["amount"].source == "sum"
    assert proposal.comments["deals>opportunity", "odd"] == "1.00 confirmed on 2026-11-03 by Anna"
    assert proposal.comments["deals>opportunity", ""] == "1.00 confirmed on 2026-11-03 by Anna"


def test_a_field_whose_place_was_confirmed_for_another_one_is_told_so(tmp_path):
    route = {"from": "deals", "to": "opportunity", "fields": {"name": "uf_1"}}
    confirmed = {"source": "alpha", "destination": "beta", "objects": [route]}
    save(tmp_path / "confirmation.yaml", MappingFile.model_validate(confirmed))
    write(tmp_path / "confirmation.json", "Anna", datetime(2026, 11, 3, tzinfo=UTC), {})
    memory = remembered(tmp_path / "confirmation.yaml", tmp_path / "confirmation.json")
    assert memory is not None

    proposal = propose(SOURCE, DESTINATION, Knowledge(memories=(memory,)))

    why = {left.field: left.why for left in proposal.unmapped["deals>opportunity"]}
    assert why == {"title": "it is taken by uf_1, as was confirmed"}


def firms(*fields):
    return ObjectSchema("firms", (F("name", T.TEXT, "Название"), *fields), "Компания")


def test_what_says_the_opposite_is_turned_round_and_said():
    source = catalog("alpha", firms(F("arch", T.BOOLEAN, "В архиве")))
    target = catalog("beta", firms(F("active", T.BOOLEAN, "Active")))

    proposal = propose(source, target)

    entry = proposal.mapping.objects[0].fields["active"]
    assert (entry.source, entry.values) == ("arch", {"true": False, "false": True})
    assert "inactive is the opposite of active" in proposal.comments["firms>firms", "active"]
    assert parse(dump(proposal.mapping, proposal.comments)) == proposal.mapping
    resolved = resolve(proposal.mapping, {}, source, target)
    assert [p for p in check(resolved, source, target) if p.fatal] == []


def test_what_says_the_opposite_in_other_words_than_yes_and_no_is_left_to_a_person():
    state = F("arch", T.SELECT, "В архиве", options=(Option("1", "Уже"), Option("2", "Ещё нет")))
    proposal = propose(catalog("alpha", firms(state)), catalog("beta", firms(F("active", T.TEXT, "Active"))))

    assert "active" not in proposal.mapping.objects[0].fields
    (left,) = proposal.unmapped["firms>firms"]
    assert left.why.startswith("it says the opposite")


def test_without_a_confirmation_nothing_is_remembered(tmp_path):
    assert remembered(tmp_path / "a.yaml", tmp_path / "a.json") is None


def test_what_a_plugin_tells_of_its_fields_goes_before_their_names():
    known = Knowledge(there={"opportunity.odd": "name", "opportunity.name": "nickname"})
    fields = propose(SOURCE, DESTINATION, known).mapping.objects[0].fields
    assert fields["odd"].source == "title"
    assert "name" not in fields


def test_a_proposal_fits_both_platforms():
    proposal = propose(SOURCE, DESTINATION)
    resolved = resolve(proposal.mapping, {}, SOURCE, DESTINATION)
    assert [p for p in check(resolved, SOURCE, DESTINATION) if p.fatal] == []


def test_a_label_of_several_lines_stays_in_its_comment():
    deals = ObjectSchema("deals", (F("t", T.TEXT, "Name\nevil: yes"), F("u", T.TEXT, "Odd\n- x: y")), "Deal")
    target = ObjectSchema("opportunity", (F("name", T.TEXT, "Name"),), "Opportunity")
    proposal = propose(catalog("alpha", deals), catalog("beta", target))
    assert parse(dump(proposal.mapping, proposal.comments)) == proposal.mapping


def test_the_concepts_that_the_tests_name_are_there():
    assert {"name", "nickname"} <= vocabulary().concepts
