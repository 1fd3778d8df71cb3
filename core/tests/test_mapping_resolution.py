from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crossdock.capabilities import Capabilities
from crossdock.errors import MappingError, RefusedError, StorageError
from crossdock.fieldtypes import FieldType
from crossdock.mapping import MappingFile
from crossdock.mappingfile.check import Problem, check, require_fit
from crossdock.mappingfile.confirmation import fingerprint, read, verify, write
from crossdock.mappingfile.resolution import merged_schemas, resolve
from crossdock.model import Catalog, FieldSchema, Limits, ObjectSchema, Option
from crossdock.names import camel_name

F = FieldSchema
T = FieldType


def catalog(platform, *objects, identity="id"):
    return Catalog(platform, identity, objects, Capabilities(), Limits("all"))


@pytest.fixture
def source():
    return catalog(
        "alpha",
        ObjectSchema("users", (F("mail", T.EMAIL), F("full", T.TEXT))),
        ObjectSchema(
            "firms",
            (
                F("title", T.TEXT, "Title", required=True),
                F("site", T.LINK),
                F("_tax_id", T.TEXT, "Tax id"),
                F("stage", T.SELECT, "Stage", options=(Option("a"), Option("b"))),
                F("boss", T.REFERENCE, references=("users",)),
                F("parent", T.REFERENCE, "Parent", references=("firms",)),
                F("tags", T.REFERENCE, multiple=True, references=("firms",)),
                F("lost", T.REFERENCE, references=("nowhere",)),
                F("papers", T.FILE, multiple=True),
                F("opened", T.DATETIME, "Opened"),
            ),
        ),
        ObjectSchema(
            "plants",
            (
                F("name", T.TEXT, "Name"),
                F("area", T.DECIMAL, "Area"),
                F("firm", T.REFERENCE, references=("firms",)),
            ),
        ),
    )


@pytest.fixture
def destination():
    return catalog(
        "beta",
        ObjectSchema("member", (F("email", T.EMAIL),), match_only=True),
        ObjectSchema(
            "company",
            (
                F("name", T.TEXT, required=True),
                F("domain", T.LINK, unique=True),
                F("owner", T.REFERENCE, references=("member",)),
                F("kind", T.SELECT, options=(Option("A"),)),
                F("day", T.DATE),
                F("id", T.UUID, read_only=True),
                F("code", T.TEXT, max_length=5),
            ),
        ),
    )


def mapping(*objects, **more):
    return MappingFile.model_validate({"source": "alpha", "destination": "beta", "objects": objects, **more})


USERS = {"from": "users", "to": "member", "match": "email", "create": False, "fields": {"email": "mail"}}
FIRMS = {"from": "firms", "to": "company", "match": "domain", "fields": {"name": "title", "domain": "site"}}
PLANTS = {
    "from": "plants",
    "to": {"provision": {"object": "plant", "label": "Plant"}},
    "fields": {"name": "name"},
}


def resolved_of(source, destination, *objects, decisions=None, **more):
    return resolve(mapping(*objects, **more), decisions or {}, source, destination)


def problems_of(source, destination, *objects, fatal=True):
    resolved = resolved_of(source, destination, *objects)
    said = [str(p) for p in check(resolved, source, destination) if p.fatal is fatal]
    return [text for text in said if not text.startswith("objects: no route moves")]


# --- resolve ----------------------------------------------------------------------------------


def test_a_route_whose_decision_is_otherwise_is_dropped(source, destination):
    entries = [{**FIRMS, "when": "decisions.x == 'company'"}, {**PLANTS, "when": "decisions.x == 'plant'"}]
    questions = {"x": {"default": "company", "alternatives": ["company", "plant"]}}
    usual = resolved_of(source, destination, *entries, questions=questions)
    other = resolved_of(source, destination, *entries, questions=questions, decisions={"x": "plant"})
    assert [r.name for r in usual.objects] == ["firms>company"]
    assert usual.dropped == ("plants>plant",)
    assert [r.name for r in other.objects] == ["plants>plant"]
    assert usual.hash != other.hash


def test_wrong_decisions_and_rules_are_all_named(source, destination):
    questions = {"x": {"default": 1, "alternatives": [1, 2]}}
    with pytest.raises(MappingError) as caught:
        resolved_of(
            source,
            destination,
            {**FIRMS, "when": "decisions.y"},
            {**FIRMS, "when": "("},
            questions=questions,
            decisions={"x": 3},
        )
    assert [p.partition(":")[0] for p in caught.value.problems] == [
        "decisions.x",
        "objects[0].when",
        "objects[1].when",
    ]


def test_automatic_fields_are_written_out_with_their_types(source, destination):
    resolved = resolved_of(source, destination, FIRMS, PLANTS)
    plant = resolved.objects[1]
    (wanted,) = resolved.wanted
    assert (wanted.name, wanted.label, wanted.custom) == ("plant", "Plant", True)
    assert {f.name: f.type for f in wanted.fields} == {"name": T.TEXT, "area": T.DECIMAL, "firm": T.REFERENCE}
    assert wanted.field("firm").references == ("company",)
    assert plant.fields["area"].source == "area"
    assert (plant.fields["firm"].reference, plant.fields["firm"].missing) == ("company", "null_with_finding")
    assert plant.target_schema.field("area").label == "Area"


def test_kept_fields_are_wanted_as_custom_fields(source, destination):
    resolved = resolved_of(source, destination, USERS, {**FIRMS, "keep": "unmapped", "ignore": ["opened"]})
    (company,) = resolved.wanted
    assert [f.name for f in company.fields] == ["taxId", "stage", "boss", "parent"]
    assert [o.value for o in company.field("stage").options] == ["a", "b"]
    assert company.field("boss").references == ("member",)
    assert resolved.unmapped["firms"] == ("tags", "lost", "papers")


def test_two_routes_from_one_object_share_a_kept_field(source, destination):
    both = [
        {**FIRMS, "keep": "unmapped", "where": "title == 'a'"},
        {**FIRMS, "keep": "unmapped", "where": "title != 'a'"},
    ]
    resolved = resolved_of(source, destination, *both)
    names = [f.name for f in resolved.wanted[0].fields]
    assert len(names) == len(set(names)) == 4
    assert resolved.objects[0].fields.keys() == resolved.objects[1].fields.keys()


def test_fields_of_an_object_to_be_provisioned_may_be_defined(source, destination):
    fields = {
        "size": {"type": "decimal", "label": "Size"},
        "of": {"type": "reference", "references": ["plant"]},
    }
    entry = {
        "from": "plants",
        "to": {"provision": {"object": "plant", "fields": fields}},
        "fields": {
            "size": "area",
            "title": {"from": "name", "steps": ["trim"]},
            "number": "area",
            "firm": {"from": "firm", "reference": "company"},
            "createdBy": {"from": "firm", "author": True},
        },
    }
    wanted = resolved_of(source, destination, FIRMS, entry).wanted[0]
    assert {f.name: f.type for f in wanted.fields} == {
        "size": T.DECIMAL,
        "of": T.REFERENCE,
        "title": T.TEXT,
        "number": T.DECIMAL,
        "firm": T.REFERENCE,
        "createdBy": T.AUTHOR,
    }


def test_a_taken_name_gets_another_wherever_it_is_mentioned(source, destination):
    fields = {"of": {"type": "reference", "references": ["company"]}}
    entry = {
        "from": "plants",
        "to": {"provision": {"object": "company", "label": "Our company", "fields": fields}},
        "fields": {"of": {"from": "firm", "reference": "company"}},
    }
    (route,) = resolved_of(source, destination, entry).objects
    assert route.target == "company2"
    assert route.fields["of"].reference == "company2"
    assert route.provision.fields["of"].references == ("company2",)


def after_provision(destination, resolved):
    """The destination as it is when everything wanted is there, with what else comes along."""
    wanted = {w.name: w for w in resolved.wanted}
    existing = []
    for schema in destination.objects:
        more = wanted.pop(schema.name).fields if schema.name in wanted else ()
        key = F("crossdockKey", T.TEXT, "Crossdock key", custom=True)
        back = F("plants", T.REFERENCE, references=("plant",), multiple=True)
        existing.append(replace(schema, fields=(*schema.fields, *more, key, back)))
    return replace(destination, objects=(*existing, *wanted.values()))


def test_resolving_again_after_provisioning_gives_the_same(source, destination):
    entries = [USERS, {**FIRMS, "keep": "unmapped"}, PLANTS]
    first = resolved_of(source, destination, *entries)
    again = resolved_of(source, after_provision(destination, first), *entries)
    assert again.wanted == first.wanted
    assert again.hash == first.hash


def test_a_fallback_that_names_a_decision_becomes_its_answer(source, destination):
    fields = {"name": "title", "owner": {"from": "boss", "reference": "member", "fallback": "nobody"}}
    resolved = resolved_of(
        source, destination, {**FIRMS, "fields": fields, "match": []}, decisions={"nobody": "a@x.example"}
    )
    assert resolved.objects[0].fields["owner"].fallback == "a@x.example"


def test_the_fields_of_several_tenants_come_together(source):
    other = catalog("alpha", ObjectSchema("firms", (F("title", T.TEXT), F("extra", T.TEXT))))
    merged = merged_schemas([source, other])
    assert merged["firms"].field("extra") is not None
    assert len(merged["firms"].fields) == len(source.object("firms").fields) + 1


def test_routes_between_unknown_objects_are_left_for_the_check(source, destination):
    entry = {"from": "ghosts", "to": {"provision": {"object": "ghost"}}, "fields": {"a": "b"}}
    resolved = resolved_of(source, destination, entry, {"from": "firms", "to": "nothing", "keep": "unmapped"})
    assert [r.source_schema is None for r in resolved.objects] == [True, False]
    assert resolved.wanted[0].field("a").type is T.TEXT
    assert resolved.wanted[1].name == "nothing"


@pytest.mark.parametrize(
    ("wanted", "taken", "name"),
    [
        ("__status", (), "status"),
        ("_tax_id", (), "taxId"),
        ("crossdockKey", (), "crossdockKey"),
        ("INNCode", (), "innCode"),
        ("имя", (), "field"),
        ("2nd", (), "field2Nd"),
        ("name", ("name", "name2"), "name3"),
    ],
)
def test_a_proposed_name_is_plain_and_free(wanted, taken, name):
    assert camel_name("field", wanted, frozenset(taken)) == name


# --- check ------------------------------------------------------------------------------------


def test_a_mapping_that_fits_has_no_problems(source, destination):
    assert problems_of(source, destination, USERS, {**FIRMS, "keep": "unmapped"}, PLANTS) == []


def test_unknown_objects_are_named_with_the_nearest(source, destination):
    said = problems_of(
        source, destination, {"from": "firm", "to": "compani"}, {"from": "zzz", "to": "member"}
    )
    assert said == [
        "objects[firm>compani].from: the source has no object 'firm'. Did you mean 'firms'?",
        "objects[firm>compani].to: the destination has no object 'compani'. Did you mean 'company'?",
        "objects[zzz>member].from: the source has no object 'zzz'.",
    ]


def with_fields(**fields):
    return {"from": "firms", "to": "company", "fields": {"name": "title", **fields}}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"nam": "title"}, "company has no field 'nam'. Did you mean 'name'?"),
        ({"domain": "sit"}, "firms has no field 'sit'. Did you mean 'site'?"),
        ({"id": "title"}, "company.id is read-only"),
        ({"day": "item"}, "item is known only with for_each"),
        ({"day": {"from": "title", "steps": ["dat"]}}, "there is no step 'dat'. Did you mean 'date'?"),
        ({"day": {"from": "title", "steps": ["trim"]}}, "the steps give text, day needs date"),
        ({"name.first": "title"}, "company has no field 'name.first'"),
        ({"owner.first": "title"}, "company has no field 'owner.first'"),
        ({"day": "stage"}, "stage is select, which cannot become date"),
        ({"owner": "boss"}, "needs reference: with the target object"),
        ({"owner": {"from": "title", "reference": "member"}}, "title is text, not a reference"),
        ({"day": {"from": "boss", "reference": "member"}}, "day is date, not reference"),
        ({"owner": {"from": "parent", "reference": "company"}}, "owner points to member, not to company"),
        ({"owner": {"from": "parent", "reference": "member"}}, "no route from firms to 'member'"),
        ({"kind": {"from": "stage", "values": {"a": "Z"}}}, "'Z' is not one of the options"),
        ({"code": {"value": "too long"}}, "5 fit"),
    ],
)
def test_a_field_that_does_not_fit_is_named(source, destination, fields, problem):
    said = problems_of(source, destination, USERS, with_fields(**fields))
    name = next(iter(fields))
    assert any(s.startswith(f"objects[firms>company].fields.{name}: ") and problem in s for s in said), said


@pytest.mark.parametrize(
    ("fields", "warning"),
    [
        ({"day": "opened"}, "lossy: the time of day"),
        ({"kind": "stage"}, "options not at the target: a, b"),
        ({"kind": {"from": "stage", "values": {"a": "A"}}}, "records with b in stage are rejected"),
        ({"kind": {"from": "stage", "values": {"a": "A"}, "otherwise": "null"}}, "are left empty"),
        ({"code": "title"}, "longer than 5"),
    ],
)
def test_what_will_be_lost_is_said_but_not_fatal(source, destination, fields, warning):
    assert any(warning in s for s in problems_of(source, destination, with_fields(**fields), fatal=False))
    assert problems_of(source, destination, with_fields(**fields)) == []


def test_a_part_of_a_composite_is_a_target_field(source, destination):
    person = ObjectSchema("person", (F("name", T.PERSON_NAME), F("pay", T.MONEY)))
    target = replace(destination, objects=(*destination.objects, person))
    entry = {"from": "plants", "to": "person", "fields": {"name.first": "name", "pay.amount": "area"}}
    assert problems_of(source, target, entry) == []
    said = problems_of(source, target, {**entry, "fields": {"name.frist": "name"}})
    assert said == ["objects[plants>person].fields.name.frist: person has no field 'name.frist'."]


def test_explicit_steps_are_not_called_lossy(source, destination):
    entry = with_fields(day={"from": "opened", "steps": ["date"]}, domain={"from": "site", "steps": ["url"]})
    assert problems_of(source, destination, entry, fatal=False) == []
    assert problems_of(source, destination, entry) == []


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({**FIRMS, "where": "titel == 'a'"}, ".where: firms has no field 'titel'. Did you mean 'title'?"),
        ({**FIRMS, "where": "("}, ".where: rule '('"),
        ({**FIRMS, "match": "domian"}, ".match: company has no field 'domian'. Did you mean 'domain'?"),
        ({**FIRMS, "match": "code"}, ".match: code gets no value"),
        ({**FIRMS, "require_one": "code"}, ".require_one: code gets no value"),
        ({**FIRMS, "for_each": "tag"}, ".for_each: firms has no field 'tag'. Did you mean 'tags'?"),
        ({**FIRMS, "fields": {"domain": "site"}}, ".fields: company.name is required and gets no value"),
        ({**FIRMS, "create": False, "match": []}, ".match: records that are only found need a match key"),
        ({**FIRMS, "keep": "note"}, ".keep: keep: note needs a route"),
    ],
)
def test_a_route_that_does_not_fit_is_named(source, destination, entry, problem):
    said = problems_of(source, destination, entry)
    assert any(f"objects[firms>company]{problem}" in s for s in said), said


def test_users_cannot_be_created(source, destination):
    said = problems_of(source, destination, {**USERS, "create": True})
    assert said == ["objects[users>member].create: member records can only be found: write create: false"]


def test_a_note_may_hold_what_is_kept(source, destination):
    note = {**with_fields(code={"from": "__unmapped", "steps": [{"truncate": 5}]}), "keep": "note"}
    assert problems_of(source, destination, note) == []
    assert resolved_of(source, destination, note).unmapped == {"firms": ()}


def test_names_to_ignore_and_elements_that_are_single_are_warned_about(source, destination):
    entry = {**FIRMS, "ignore": ["tmp"], "for_each": "boss"}
    said = problems_of(source, destination, entry, fatal=False)
    assert [s.partition(":")[0] for s in said] == [
        "objects[firms>company].ignore",
        "objects[firms>company].for_each",
    ]


def test_references_without_a_route_are_warned_about(source, destination):
    mixed = replace(
        source.object("firms"),
        fields=(F("title", T.TEXT), F("boss", T.REFERENCE, references=("users", "bots"))),
    )
    other = replace(source, objects=(source.object("users"), mixed))
    entry = with_fields(owner={"from": "boss", "reference": "member"})
    assert any(
        "references to bots are held" in s for s in problems_of(other, destination, USERS, entry, fatal=False)
    )


def test_elements_and_the_record_itself_are_references(source, destination):
    target = replace(
        destination,
        objects=(*destination.objects, ObjectSchema("link", (F("a", T.REFERENCE), F("b", T.REFERENCE)))),
    )
    fields = {"a": {"from": "item", "reference": "company"}, "b": {"from": "__self", "reference": "company"}}
    assert (
        problems_of(
            source, target, FIRMS, {"from": "firms", "to": "link", "for_each": "tags", "fields": fields}
        )
        == []
    )


def test_two_routes_must_not_make_the_same_records(source, destination):
    said = problems_of(source, destination, FIRMS, FIRMS)
    assert said == [
        "objects[firms>company#2]: firms>company makes the same target records; tell them apart with where:"
    ]


def test_a_cycle_of_required_references_is_a_problem(source, destination):
    target = replace(
        destination,
        objects=(
            ObjectSchema("company", (F("name", T.TEXT), F("p", T.REFERENCE, required=True))),
            ObjectSchema("plant", (F("c", T.REFERENCE, required=True),)),
        ),
    )
    firms = {"from": "firms", "to": "company", "fields": {"p": {"from": "parent", "reference": "plant"}}}
    back = {"from": "firms", "to": "plant", "fields": {"c": {"from": "parent", "reference": "company"}}}
    assert any("required fields" in s for s in problems_of(source, target, firms, back))


def test_only_fatal_problems_stop():
    require_fit([Problem("a", "lossy", fatal=False)])
    with pytest.raises(MappingError) as caught:
        require_fit([Problem("a", "lossy", fatal=False), Problem("b", "wrong")])
    assert caught.value.problems == ("b: wrong",)


# --- confirmation -----------------------------------------------------------------------------

ENTRIES = [USERS, {**FIRMS, "keep": "unmapped"}, PLANTS]
AT = datetime(2024, 5, 1, tzinfo=UTC)


def parts_of(source, destination, *entries, versions=None, **more):
    resolved = resolved_of(source, destination, *(entries or ENTRIES), **more)
    return fingerprint(
        resolved,
        destination.identity,
        source.objects,
        destination.objects,
        versions or {"alpha": "1"},
        external_id_field="crossdockKey",
    )


def with_field(catalog_, name):
    first, *rest = catalog_.objects
    return replace(catalog_, objects=(replace(first, fields=(*first.fields, F(name, T.TEXT))), *rest))


def test_a_confirmation_is_kept_and_accepted(tmp_path, source, destination):
    path = tmp_path / ".crossdock" / "confirmation.json"
    parts = parts_of(source, destination)
    written = write(path, " Ann ", AT, parts)
    assert read(path) == written
    assert verify(read(path), parts).by == "Ann"


def test_what_the_run_itself_provisions_is_no_change(tmp_path, source, destination):
    confirmed = write(tmp_path / "c.json", "Ann", AT, parts_of(source, destination))
    after = after_provision(destination, resolved_of(source, destination, *ENTRIES))
    assert verify(confirmed, parts_of(source, after)) is confirmed


def test_links_to_new_objects_and_named_own_things_are_no_change(source, destination):
    resolved = resolved_of(source, destination, *ENTRIES)
    links = F("target", T.REFERENCE, references=("company",))
    before = [*destination.objects, ObjectSchema("link", (links,))]
    after = [
        *destination.objects,
        ObjectSchema("link", (replace(links, references=("company", "plant")), F("mine", T.TEXT))),
        ObjectSchema("extra", (F("a", T.TEXT),)),
    ]
    assert fingerprint(resolved, "id", (), before, {}) == fingerprint(
        resolved, "id", (), after, {}, {"link.mine", "extra"}
    )


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("mapping", "the mapping"),
        ("decisions", "a decision"),
        ("destination", "the destination"),
        ("source_schema", "the source's schema"),
        ("destination_schema", "the destination's schema"),
        ("plugins", "a plugin's version"),
    ],
)
def test_a_change_of_one_part_alone_is_refused_and_named(tmp_path, source, destination, part, words):
    confirmed = write(tmp_path / "c.json", "Ann", AT, parts_of(source, destination))
    now = {
        "mapping": lambda: parts_of(
            source, destination, USERS, {**FIRMS, "keep": "unmapped", "where": "!deleted"}, PLANTS
        ),
        "decisions": lambda: parts_of(source, destination, decisions={"history": "full"}),
        "destination": lambda: parts_of(source, replace(destination, identity="other")),
        "source_schema": lambda: parts_of(with_field(source, "new"), destination),
        "destination_schema": lambda: parts_of(source, with_field(destination, "new")),
        "plugins": lambda: parts_of(source, destination, versions={"alpha": "2"}),
    }[part]()
    with pytest.raises(RefusedError) as caught:
        verify(confirmed, now)
    assert caught.value.message == f"since Ann confirmed at 2024-05-01T00:00:00+00:00, this changed: {words}."
    assert caught.value.exit_code == 4


def test_without_a_confirmation_nothing_goes(tmp_path):
    with pytest.raises(RefusedError, match="nobody has confirmed"):
        verify(read(tmp_path / "none.json"), {})


def test_a_confirmation_needs_a_name(tmp_path):
    with pytest.raises(RefusedError, match="name of a person"):
        write(tmp_path / "c.json", " ", AT, {})


@pytest.mark.parametrize("content", ["{", "[]", '{"by": "x"}'])
def test_a_damaged_confirmation_is_refused(tmp_path, content):
    path = tmp_path / "c.json"
    path.write_text(content)
    with pytest.raises(RefusedError, match="cannot be read"):
        read(path)


def test_a_confirmation_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        write(tmp_path / "file" / "c.json", "Ann", AT, {})


def test_a_source_object_that_no_route_moves_is_named(source, destination):
    said = [str(p) for p in check(resolved_of(source, destination, FIRMS), source, destination)]
    assert "objects: no route moves users; add one, or name it under ignore:" in said


def test_a_source_object_that_nobody_wants_is_not(source, destination):
    resolved = resolved_of(source, destination, FIRMS, ignore=["users"])
    said = [str(p) for p in check(resolved, source, destination)]
    assert not any("users" in text for text in said)


def test_a_target_that_is_not_there_is_not_its_own_suggestion(source, destination):
    entry = {**FIRMS, "to": "compani", "keep": "custom_fields"}
    (said,) = problems_of(source, destination, entry)
    assert "Did you mean 'company'?" in said


def test_several_values_become_one_text_where_no_field_there_holds_several(source, destination):
    shop = ObjectSchema(
        "shops", (F("days", T.DATE, "Days", multiple=True), F("sizes", T.SELECT, multiple=True))
    )
    source = replace(source, objects=(*source.objects, shop))
    destination = replace(destination, provisionable_several=frozenset({T.REFERENCE}))
    entry = {"from": "shops", "to": {"provision": {"object": "shop", "label": "Shop"}}}

    resolved = resolved_of(source, destination, entry)

    found = {f.name: (f.type, f.multiple) for f in resolved.wanted[0].fields}
    assert found == {"days": (T.TEXT, False), "sizes": (T.TEXT, False)}
