import pytest
from pydantic import ValidationError

from crossdock.errors import MappingError, StorageError
from crossdock.fieldtypes import FieldType
from crossdock.mapping import FieldMapping, MappingFile, ObjectMapping, StepUse
from crossdock.mappingfile.difference import difference
from crossdock.mappingfile.document import dump, load, parse, save
from crossdock.mappingfile.plain import as_plain

FULL = """\
source: alpha
destination: beta
questions:
  firm_as: {default: company, alternatives: [company, site], about: What is a firm?}
decisions:
  # settled on Monday
  firm_as: site
  fallback_user: ann@x.example
others: provision
ignore: [src.logs]
objects:
  - from: src.users
    to: member
    match: [email]
    create: false
    fields:
      email: mail
  - from: src.firms   # the firms
    to: company
    name: firms
    when: decisions.firm_as == 'company'
    where: not deleted
    match:
      - domain
      - [name, city]
    duplicates: keep
    keep: custom_fields
    ignore: [tmp]
    fields:
      # the shown name
      name: title
      domain: {from: site, steps: [url, {truncate: 100}, {replace: {old: a, new: b}}]}
      kind: {from: kind, values: {new: NEW, true: YES}, otherwise: keep}
      state: {from: state, values: {a: A}, otherwise: {value: B}, default: C, required: true}
      owner: {from: boss, reference: member, fallback: fallback_user, missing: null_with_finding}
      createdBy: {from: by, reference: member, author: true}
      full: {template: '{a} {b}'}
      fixed: {value: 5}
      both: {from: [a, b]}
  - from: src.firms
    to:
      provision:
        object: site
        label: Site
        fields:
          kind: {type: select, options: [A, {value: B, label: Bee}]}
          parent: {type: reference, references: [site]}
          note: text
    for_each: tags
    require_one: [kind]
    fields:
      kind: item
"""


@pytest.fixture
def full():
    return parse(FULL)


def test_the_whole_shape_is_read(full):
    users, firms, sites = full.objects
    assert (users.source, users.target, users.create, users.match) == (
        "src.users",
        "member",
        False,
        (("email",),),
    )
    assert firms.match == (("domain",), ("name", "city"))
    assert firms.fields["name"].source == "title"
    assert firms.fields["domain"].steps[1] == StepUse(name="truncate", args={"": 100})
    assert firms.fields["kind"].values == {"new": "NEW", "true": "YES"}
    assert firms.fields["fixed"].constant
    assert sites.target == "site"
    assert sites.provision.fields["kind"].options[1].label == "Bee"
    assert sites.provision.fields["note"].type is FieldType.TEXT


def test_routes_have_stable_names(full):
    assert [o.name for o in full.objects] == ["src.users>member", "firms", "src.firms>site"]
    twice = MappingFile.model_validate(
        {"source": "a", "destination": "b", "objects": [{"from": "x", "to": "y"}] * 3}
    )
    assert [o.name for o in twice.objects] == ["x>y", "x>y#2", "x>y#3"]


def test_two_routes_cannot_have_one_name():
    entry = {"from": "x", "to": "y", "name": "n"}
    with pytest.raises(ValidationError, match="same name: n"):
        MappingFile.model_validate({"source": "a", "destination": "b", "objects": [entry, entry]})


def test_decisions_win_over_the_defaults_of_questions():
    mapping = parse(
        "source: a\ndestination: b\nquestions: {q: {default: 1}, r: {default: 2}}\ndecisions: {q: 5}\n"
    )
    assert mapping.answers == {"q": 5, "r": 2}


def test_what_is_written_reads_as_the_same_mapping(full):
    again = parse(dump(full))
    assert again == full
    assert as_plain(again) == as_plain(full)


def test_comments_and_order_stay_when_a_file_is_written_again(tmp_path, full):
    path = tmp_path / "mapping.yaml"
    path.write_text(FULL, encoding="utf-8")
    firms = full.objects[1]
    fields = {**firms.fields, "extra": FieldMapping.model_validate("more")}
    del fields["fixed"]
    changed = full.model_copy(
        update={
            "objects": (full.objects[0], firms.model_copy(update={"fields": fields, "duplicates": "hold"}))
        }
    )
    save(path, changed)
    text = path.read_text(encoding="utf-8")
    for comment in ("# settled on Monday", "# the firms", "# the shown name"):
        assert comment in text
    assert "extra: more" in text
    assert "fixed" not in text
    assert load(path) == changed


def test_writing_the_same_mapping_changes_nothing(tmp_path, full):
    path = tmp_path / "mapping.yaml"
    save(path, full)
    first = path.read_text(encoding="utf-8")
    save(path, load(path))
    assert path.read_text(encoding="utf-8") == first


def test_reordered_routes_keep_what_belongs_to_them(tmp_path, full):
    path = tmp_path / "mapping.yaml"
    path.write_text(FULL, encoding="utf-8")
    changed = full.model_copy(update={"objects": tuple(reversed(full.objects))})
    save(path, changed)
    assert load(path) == changed


def test_reasons_are_written_beside_their_fields(full):
    text = dump(
        full, {("src.users>member", ""): "0.95 same name", ("src.users>member", "email"): "0.75 alike"}
    )
    assert "from: src.users # 0.95 same name" in text
    assert "email: mail # 0.75 alike" in text


def test_a_damaged_file_is_replaced(tmp_path, full):
    path = tmp_path / "mapping.yaml"
    path.write_text("a: [", encoding="utf-8")
    save(path, full)
    assert load(path) == full


def test_a_folder_that_is_not_there_cannot_be_written(tmp_path, full):
    with pytest.raises(StorageError, match="cannot write"):
        save(tmp_path / "none" / "mapping.yaml", full)


def test_dates_and_numbers_in_yaml_are_plain_values():
    mapping = parse(
        "source: a\ndestination: b\n"
        "decisions: {d: 2024-01-02, t: 2024-01-02T03:04:05Z, n: 1.5, i: 3, b: true}"
    )
    kinds = {name: type(value).__name__ for name, value in mapping.decisions.items()}
    assert kinds == {"d": "date", "t": "datetime", "n": "float", "i": "int", "b": "bool"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "objects: [{from: a, to: b, colour: red}]",
            r"objects\[0\]\.colour \(line 3\): there is no such key",
        ),
        ("objects: [{from: a}]", r"objects\[0\]\.target"),
        ("objects: [{from: a, to: {make: b}}]", r"objects\[0\].*to: is the name"),
        (
            "objects: [{from: a, to: b, fields: {x: {steps: [url]}}}]",
            r"objects\[0\]\.fields\.x .*exactly one of",
        ),
        ("objects: [{from: a, to: b, fields: {x: {from: y, value: 1}}}]", "has from, value"),
        ("objects: [{from: a, to: b, fields: {x: {from: y, fallback: z}}}]", "only with reference"),
        ("objects: [{from: a, to: b, fields: {x: {from: y, values: 5}}}]", r"fields\.x\.values"),
        ("objects: [{from: a, to: b, match: 5}]", r"objects\[0\]\.match"),
        ("objects: [{from: a, to: b, keep: maybe}]", r"objects\[0\]\.keep"),
        ("objects: [{from: a, to: b, fields: {x: {template: '{q'}}}]", "template '{q' cannot be read"),
        ("colour: red", r"colour \(line 3\)"),
    ],
)
def test_a_fault_is_named_with_its_path(text, problem):
    with pytest.raises(MappingError, match=problem):
        parse(f"source: a\ndestination: b\n{text}\n")


def test_all_faults_are_named_at_once():
    with pytest.raises(MappingError) as caught:
        parse("destination: b\nobjects: [{from: a, to: b, x: 1}, {from: a, to: b, y: 1}]\n")
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("text", ["a: [", "- a\n- b\n", "a: 1\na: 2\n", ""])
def test_what_is_no_mapping_is_refused(text):
    with pytest.raises(MappingError, match=r"mapping\.yaml"):
        parse(text)


def test_a_missing_file_is_a_mapping_error(tmp_path):
    with pytest.raises(MappingError, match="there is no mapping yet"):
        load(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("unmapped", "custom_fields"),
        ("note", "note"),
        ({"unmapped": "report"}, "report"),
        ("custom_fields", "custom_fields"),
    ],
)
def test_keep_may_be_written_in_several_ways(written, kept):
    assert ObjectMapping.model_validate({"from": "a", "to": "b", "keep": written}).keep == kept


def test_one_match_key_needs_no_list():
    assert ObjectMapping.model_validate({"from": "a", "to": "b", "match": "name"}).match == (("name",),)


def test_a_difference_is_said_in_words(full):
    text = FULL.replace("new: NEW", "new: OPEN").replace("firm_as: site", "firm_as: company")
    text = (
        text.replace("name: title", "name: label")
        .replace("others: provision\n", "")
        .replace("      fixed: {value: 5}\n", "")
    )
    assert difference(full, parse(text)) == [
        "others is not set, it was provision",
        "decision firm_as is company, it was site",
        "route firms: field name comes from label, it came from title",
        "route firms: field kind, values: new becomes OPEN, it became NEW",
        "route firms: field fixed was dropped, it came from the fixed value 5",
    ]


def test_routes_that_come_go_and_move_are_said(full):
    other = full.model_copy(
        update={
            "objects": (
                full.objects[1],
                full.objects[0],
                ObjectMapping.model_validate({"from": "q", "to": "z"}),
            )
        }
    )
    assert difference(full, other) == [
        "route q>z was added, with 0 fields",
        "route src.firms>site was dropped, with 1 field",
        "the order of the routes changed, it was src.users>member, firms",
    ]


def test_a_field_that_is_added_and_a_rule_that_changes_are_said(full):
    changed = full.objects[1].model_copy(
        update={
            "where": "x" * 100,
            "fields": {**full.objects[1].fields, "new": FieldMapping.model_validate("n")},
        }
    )
    said = difference(full, full.model_copy(update={"objects": (full.objects[0], changed, full.objects[2])}))
    assert said == [
        "route firms: where is " + "x" * 77 + "..., it was not deleted",
        "route firms: field new was added, it comes from n",
    ]


def test_the_same_mapping_has_no_difference(full):
    assert difference(full, parse(FULL)) == []
