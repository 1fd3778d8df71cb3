"""Words of the mapping file that name what a destination with many small objects needs."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from core.tests.test_propose_mapping import catalog

from crossdock.errors import MappingError
from crossdock.expressions import bound_names
from crossdock.fieldtypes import FieldType as T
from crossdock.mapping import MappingFile
from crossdock.mappingfile.check import check
from crossdock.mappingfile.document import dump, parse
from crossdock.mappingfile.resolution import resolve
from crossdock.model import FieldSchema as F
from crossdock.model import ObjectSchema, Option
from crossdock.order import plan
from crossdock.people.missing import people_routes

CHOICES = ObjectSchema("choices", (F("code", T.TEXT),))
SOURCE = catalog(
    "alpha",
    ObjectSchema(
        "users",
        (F("email", T.EMAIL), F("groups", T.REFERENCE, references=("groups",), multiple=True)),
        match_only=True,
    ),
    ObjectSchema("groups", (F("name", T.TEXT),)),
    ObjectSchema(
        "deals",
        (
            F("name", T.TEXT),
            F("sum", T.MONEY),
            F("state", T.SELECT, options=(Option("won"),), references=("choices",)),
        ),
    ),
    ObjectSchema(
        "letters", (F("text", T.TEXT), F("about", T.REFERENCE, references=("deals",), multiple=True))
    ),
    ObjectSchema("files", (F("content", T.FILE), F("owner", T.REFERENCE, references=("letters", "deals")))),
    CHOICES,
)
DESTINATION = catalog(
    "beta",
    ObjectSchema("user", (F("email", T.EMAIL),)),
    ObjectSchema("group", (F("full_name", T.TEXT, read_only=True),), match_only=True),
    ObjectSchema("stage", (F("name", T.TEXT),)),
    ObjectSchema(
        "deal", (F("name", T.TEXT), F("sum", T.MONEY), F("stage", T.REFERENCE, references=("stage",)))
    ),
    ObjectSchema("message", (F("text", T.TEXT), F("on_deal", T.REFERENCE, references=("deal",)))),
    ObjectSchema("attachment", (F("content", T.FILE), F("on_deal", T.REFERENCE, references=("deal",)))),
)
FORM = {
    "source": "alpha",
    "destination": "beta",
    "questions": {"currency": {"default": None, "needs": {"RUB": ["deal"]}}},
    "objects": [
        {
            "from": "groups",
            "to": "group",
            "create": False,
            "match": ["full_name"],
            "fields": {"full_name": "name"},
        },
        {"from": "users", "to": "user", "create": False, "match": ["email"], "fields": {"email": "email"}},
        {
            "from": "choices",
            "to": "stage",
            "match": ["name"],
            "duplicates": "merge",
            "existing": "keep",
            "fields": {"name": "code"},
        },
        {
            "from": "deals",
            "to": "deal",
            "fields": {
                "name": {"from": "name", "where": "decisions.currency == null", "optional": True},
                "sum": {"from": "sum", "steps": [{"in_currency": "decisions.currency"}]},
                "stage": {"from": "state", "reference": "stage"},
            },
        },
        {
            "from": "letters",
            "to": "message",
            "for_each": "about",
            "fields": {"text": "text"},
            "targets": {"from": "item", "name": "on_{object}", "one": True},
        },
        {
            "from": "files",
            "to": "attachment",
            "name": "files of deals",
            "where": "owner.object_name == 'deals'",
            "fields": {"content": "content"},
            "targets": {"from": "owner", "name": "on_{object}", "but": ["letters"]},
        },
        {
            "from": "files",
            "to": "attachment",
            "name": "files of letters",
            "where": "owner.object_name == 'letters'",
            "fields": {"content": "content"},
            "targets": {"from": "owner.about", "name": "on_{object}"},
        },
    ],
}


def mapping():
    return MappingFile.model_validate(FORM)


def resolved(**decisions):
    return resolve(mapping(), decisions, SOURCE, DESTINATION)


def route(found, name):
    return next(r for r in found.objects if r.name == name)


def test_every_word_survives_the_file():
    assert parse(dump(mapping())) == mapping()


def test_nothing_of_it_is_a_problem():
    found = resolved()
    assert [str(p) for p in check(found, SOURCE, DESTINATION) if p.fatal] == []


def test_a_decision_stands_in_steps_and_in_the_rule_of_a_field():
    deal = route(resolved(currency="RUB"), "deals>deal")
    assert deal.fields["sum"].steps[0].args == {"": "RUB"}
    assert deal.fields["name"].where == '"RUB" == null'


def test_a_link_through_a_record_leads_to_what_that_one_is_about():
    found = resolved()
    assert route(found, "files of letters").targets.ends == ("on_deal",)
    assert route(found, "files of letters").fields["on_deal"].source == "owner.about"


def test_an_alias_in_a_list_counts_as_its_elements():
    form = {**FORM, "objects": [{"from": "deals", "to": "deal", "ignore": ["name", ["sum", "state"]]}]}
    assert MappingFile.model_validate(form).objects[0].ignore == ("name", "sum", "state")


def test_a_field_with_a_rule_that_names_no_field_is_a_problem():
    form = {
        **FORM,
        "objects": [
            {"from": "deals", "to": "deal", "fields": {"name": {"from": "name", "where": "stat == 'x'"}}}
        ],
    }
    found = resolve(MappingFile.model_validate(form), {}, SOURCE, DESTINATION)
    told = [str(p) for p in check(found, SOURCE, DESTINATION) if p.fatal]
    assert told == ["objects[deals>deal].fields.name.where: deals has no field 'stat'. Did you mean 'state'?"]


def test_what_a_rule_names_itself_is_no_field():
    form = {
        **FORM,
        "objects": [
            {
                "from": "users",
                "to": "user",
                "where": "groups.exists(g, g.key == 'x')",
                "fields": {"email": "email"},
            }
        ],
    }
    found = resolve(MappingFile.model_validate(form), {}, SOURCE, DESTINATION)
    assert [p for p in check(found, SOURCE, DESTINATION) if p.fatal] == []


def test_a_choice_that_is_no_record_cannot_be_pointed_to():
    plain = replace(SOURCE.objects[2], fields=(*SOURCE.objects[2].fields[:2], F("state", T.SELECT)))
    source = replace(SOURCE, objects=(plain, CHOICES))
    form = {**FORM, "objects": [FORM["objects"][2], FORM["objects"][3]]}
    found = resolve(MappingFile.model_validate(form), {}, source, DESTINATION)
    told = [p.message for p in check(found, source, DESTINATION) if p.fatal]
    assert "state is select, not a reference" in told


# --- who counts as people ----------------------------------------------------------------------


def people(*objects):
    found = resolve(MappingFile.model_validate({**FORM, "objects": objects}), {}, SOURCE, DESTINATION)
    migration: Any = SimpleNamespace(source_catalogs={"t": SOURCE}, destination_catalog=DESTINATION)
    return [r.name for r, _ in people_routes(migration, found, "t")]


def test_users_who_are_only_looked_for_are_people_and_their_groups_are_not():
    assert people(*FORM["objects"][:2]) == ["users>user"]


def test_users_who_are_made_are_missed_by_nobody():
    made = {"from": "users", "to": "user", "match": ["email"], "fields": {"email": "email"}}
    assert people(FORM["objects"][0], made) == []


def test_groups_that_users_give_themselves_are_no_people_either():
    group = {**FORM["objects"][0], "from": "users", "fields": {"full_name": "email"}}
    own = {"groups": {"from": "__self", "reference": "group"}}
    user = {"from": "users", "to": "user", "match": ["email"], "fields": {"email": "email"} | own}
    assert people(group, user) == []
    assert people(group, {**user, "create": False}) == ["users>user"]


def test_users_whose_own_records_refer_to_them_are_people():
    """Such as employees, to their users; what others refer to is who they are."""
    worker = {"from": "users", "to": "deal", "fields": {"stage": {"from": "__self", "reference": "user"}}}
    owned = {"from": "letters", "to": "message", "fields": {"text": {"from": "about", "reference": "user"}}}
    assert people(worker, FORM["objects"][1], owned) == ["users>user"]


def test_records_that_a_value_names_are_loaded_before():
    first = {
        "from": "groups",
        "to": "deal",
        "fields": {"name": "name", "stage": {"value": "choices/won", "reference": "stage"}},
    }
    found = resolve(
        MappingFile.model_validate({**FORM, "objects": [first, FORM["objects"][2]]}), {}, SOURCE, DESTINATION
    )
    assert [p for p in check(found, SOURCE, DESTINATION) if p.fatal] == []
    assert [phase.mapping.target for phase in plan(found.objects)] == ["stage", "deal"]


# --- what counts for nothing, or cannot be meant ------------------------------------------------


def told(*objects, fatal=True, **more):
    """The problems of a mapping of these routes, those of the routes that lead there added."""
    made = MappingFile.model_validate({**FORM, "objects": objects, **more})
    found = resolve(made, {}, SOURCE, DESTINATION)
    return [str(p) for p in check(found, SOURCE, DESTINATION) if p.fatal is fatal]


def deal_route(**more):
    return {"from": "deals", "to": "deal", "fields": {"name": "name"}, **more}


def files_route(**link):
    targets = {"from": "owner", "name": "on_{object}", **link}
    return {"from": "files", "to": "attachment", "fields": {"content": "content"}, "targets": targets}


@pytest.mark.parametrize(("word", "said"), [("duplicates", "merge"), ("existing", "keep")])
def test_what_needs_a_match_key_and_has_none_is_a_problem(word, said):
    message = f"objects[deals>deal].{word}: {word}: {said} needs a match key, or it does nothing"
    assert told(deal_route(**{word: said})) == [message]
    assert told(deal_route(**{word: said}, match=["name"])) == []


def test_an_object_that_a_link_does_not_lead_to_cannot_be_left_out_of_it():
    found = told(deal_route(), files_route(but=["leters"]), fatal=False)
    assert (
        "objects[files>attachment].targets.but: owner does not lead to 'leters'. Did you mean 'letters'?"
        in found
    )
    assert not [p for p in told(deal_route(), files_route(but=["letters"]), fatal=False) if "but" in p]


def test_a_link_does_not_lead_to_what_it_leaves_out():
    both = (deal_route(), {"from": "letters", "to": "message", "fields": {"text": "text"}})
    there = replace(DESTINATION.objects[-1], fields=(*DESTINATION.objects[-1].fields, ON_MESSAGE))
    destination = replace(DESTINATION, objects=(*DESTINATION.objects[:-1], there))

    def ends(**link):
        made = MappingFile.model_validate({**FORM, "objects": (*both, files_route(**link))})
        return route(resolve(made, {}, SOURCE, destination), "files>attachment").targets.ends

    assert set(ends()) == {"on_deal", "on_message"}
    assert ends(but=["letters"]) == ("on_deal",)


ON_MESSAGE = F("on_message", T.REFERENCE, references=("message",))


def test_fields_may_hold_a_link_before_its_own_ends():
    fields = {"content": "content", "first": {"from": ["owner"], "steps": ["either"], "reference": "deal"}}
    given = files_route(one=True, first="first") | {"fields": fields}
    made = MappingFile.model_validate({**FORM, "objects": (deal_route(), given)})
    found = route(resolve(made, {}, SOURCE, DESTINATION), "files>attachment")
    assert found.links == (("first", "on_deal"),)
    assert found.require_one == ("first", "on_deal")
    assert parse(dump(made)) == made


def test_a_field_that_shall_hold_a_link_first_has_to_be_there():
    place = "objects[files>attachment].targets.first"
    assert f"{place}: firts gets no value from this route" in told(deal_route(), files_route(first="firts"))
    assert f"{place}: content is no reference" in told(deal_route(), files_route(first="content"))


def test_ends_that_somebody_wrote_count_for_nothing_and_that_is_said():
    found = told(deal_route(), files_route(ends=["content"]), fatal=False)
    place = "objects[files>attachment].targets.ends"
    assert [p for p in found if p.startswith(f"{place}: is filled in by itself")]


@pytest.mark.parametrize("name", ["on_deal", "on_{objekt}", "on_{", "on_{}"])
def test_the_name_of_ends_needs_a_place_for_the_object(name):
    with pytest.raises(ValueError, match="name"):
        MappingFile.model_validate({**FORM, "objects": [files_route(name=name)]})


def test_an_answer_that_needs_an_object_has_to_be_an_alternative():
    question = {"alternatives": ["both", "lead"], "needs": {"boht": ["deal"]}}
    with pytest.raises(ValueError, match="needs: boht is none of the alternatives both, lead"):
        MappingFile.model_validate({**FORM, "questions": {"as": question}})


def test_what_to_do_with_unknown_values_needs_known_ones():
    entry = {"from": "name", "otherwise": "keep"}
    assert told(deal_route(fields={"name": entry})) == [
        "objects[deals>deal].fields.name: otherwise: needs values:, or it does nothing"
    ]


def test_a_field_that_is_required_has_no_rule_of_its_own():
    entry = {"from": "name", "where": "sum != null", "required": True}
    found = told(deal_route(fields={"name": entry}))
    assert [p for p in found if "required: and where: cannot both be" in p]


def test_a_decision_that_is_misspelt_in_a_step_is_said():
    entry = {"from": "sum", "steps": [{"in_currency": "decisions.curency"}]}
    made = MappingFile.model_validate({**FORM, "objects": [deal_route(fields={"sum": entry})]})
    with pytest.raises(MappingError, match=r"step in_currency names decisions\.curency, which"):
        resolve(made, {}, SOURCE, DESTINATION)


def test_a_name_in_a_quoted_text_is_no_name_of_the_rule():
    rule = "name == '.all(stat, ' && stat == 'x'"
    assert bound_names(rule) == frozenset()
    found = told(deal_route(where=rule))
    assert found == ["objects[deals>deal].where: deals has no field 'stat'. Did you mean 'state'?"]


# --- what decisions take away -------------------------------------------------------------------


def with_a_stage_to_match_by(*more):
    stage = {**FORM["objects"][2], "when": "decisions.stages == 'yes'"}
    fields = {"name": "name", "stage": {"from": "state", "reference": "stage"}}
    form = {**FORM, "questions": {"stages": {"default": "yes"}}}
    form["objects"] = [stage, deal_route(fields=fields, match=[["name", "stage"], *more])]
    return MappingFile.model_validate(form)


def problems_of(made, **decisions):
    return check(resolve(made, decisions, SOURCE, DESTINATION), SOURCE, DESTINATION)


def test_a_link_that_a_decision_takes_from_a_route_is_said():
    found = {str(p): p.fatal for p in problems_of(with_a_stage_to_match_by("name"), stages="no")}
    left = "left out, the decisions leave no route that makes what it leads to (stage)"
    assert found[f"objects[deals>deal].fields.stage: {left}"] is False
    assert found["objects[deals>deal].match: match key name and stage left out with its field"] is False
    assert not any(found.values())


def test_a_route_that_loses_its_last_match_key_does_not_fit():
    fatal = [str(p) for p in problems_of(with_a_stage_to_match_by(), stages="no") if p.fatal]
    assert fatal == [
        "objects[deals>deal].match: no match key is left, so what is there already would be made again"
    ]
    assert [p for p in problems_of(with_a_stage_to_match_by()) if p.fatal] == []
