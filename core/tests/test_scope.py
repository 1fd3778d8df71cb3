"""The scope document over two toy platforms: figures, plan, risks, files."""

import csv
import json
import stat
from dataclasses import replace

import pytest
from core.tests.answers import faults
from core.tests.fake_destination import reference, text
from core.tests.toy_platforms import world

from crossdock.config import load_project
from crossdock.errors import AuthError, ContractError, StorageError
from crossdock.fieldtypes import FieldType
from crossdock.migration import Migration
from crossdock.model import Artifact, ArtifactReport, FieldSchema, ObjectSchema, Record
from crossdock.scoping.comparison import scope_compared, scope_counts
from crossdock.scoping.scope import write_scope
from crossdock.scoping.survey import survey
from crossdock.values import Link, Reference


def found(desk, *options):
    answer = desk("discover", *options, json=True)
    assert (answer.code, faults("discover", answer.json)) == (0, [])
    return answer.json


def item(scope, name):
    return next(o for o in scope["sources"][0]["objects"] if o["name"] == name)


def test_records_are_counted_looked_at_and_named_incomplete(desk):
    desk.prepare(confirmed=False)
    firm = item(found(desk), "crm.firm")
    assert firm["count"] == 4
    seen = firm["profile"]
    assert (seen["records"], seen["whole"], seen["incomplete"]) == (4, True, 1)
    assert seen["missing"] == [{"field": "title", "label": "title", "records": 1}]
    shares = {f["field"]: f["share"] for f in seen["filled"]}
    assert shares == {"title": 0.75, "site": 1.0, "city": 1.0, "motto": 0.25}


def test_what_a_route_requires_of_other_records_is_not_missing(desk):
    desk.prepare(confirmed=False)
    other = """\
  - from: crm.firm
    to: firm
    name: others
    where: "title == 'nobody'"
    fields: {name: title, motto: {from: motto, required: true}}
  - from: crm.person
"""
    desk.edit("  - from: crm.person\n", other)
    seen = item(found(desk), "crm.firm")["profile"]
    assert [(each["field"], each["records"]) for each in seen["missing"]] == [("title", 1)]


def test_duplicates_are_found_by_e_mail(desk):
    desk.initialise()
    mail = FieldSchema("mail", FieldType.EMAIL)
    world.source.schemas = (
        world.source.schemas[0],
        replace(world.source.schemas[1], fields=(text("title"), mail)),
    )
    world.source.put("crm.person", "p9", title="Somebody else", mail="P1@F.example ")
    seen = item(found(desk), "crm.person")["profile"]
    assert seen["duplicates"] == 2
    assert seen["repeated"] == [
        {"kind": "e-mail", "field": "mail", "label": "mail", "groups": 1, "records": 2}
    ]


def test_only_so_many_records_are_read_as_asked(desk):
    desk.initialise()
    scope = found(desk, "--records", "2")
    seen = item(scope, "crm.firm")["profile"]
    assert (scope["records_read"], seen["records"], seen["whole"]) == (2, 2, False)
    assert any("read in part" in risk["text"] for risk in scope["risks"])


def test_a_quick_look_reads_no_records_and_says_so(desk):
    desk.initialise()
    scope = found(desk, "--quick")
    assert world.source.asked == []
    assert scope["records_read"] is None
    assert item(scope, "crm.firm")["profile"] is None
    assert "Not counted: Records that share an identity." in scope["assessment"]["assumptions"]


def test_the_plan_rests_on_the_mapping_or_on_a_proposal(desk):
    desk.initialise()
    proposed = found(desk, "--quick")
    desk.write_mapping()
    mapped = found(desk, "--quick")
    desk.edit("source: alpha", "source: alpha\nnonsense: 1")
    broken = found(desk, "--quick")
    assert [s["mapping"]["from"] for s in (proposed, mapped, broken)] == [
        "proposal",
        "mapping.yaml",
        "proposal",
    ]
    assert "cannot be used yet" in broken["mapping"]["note"]
    (firm, _) = mapped["plan"]
    assert [f["label"] for f in firm["routes"][0]["make"]] == ["Motto"]
    assert firm["routes"][0]["match"] == [["domain"]]


def test_every_kind_of_artifact_says_what_was_found_or_why_not(desk):
    desk.initialise()
    kinds = {r["kind"]: r["summary"] for r in found(desk, "--quick")["sources"][0]["artifacts"]}
    assert kinds["robot"] == "1 found"
    assert kinds["workflow"] == "not examined: the connector says nothing about it"
    assert "0 found" not in kinds.values()


def test_an_object_that_cannot_be_read_is_named_and_the_rest_goes_on(desk, monkeypatch):
    desk.initialise()
    original = world.source.extract

    def extract(name, *rest):
        if name == "crm.firm":
            raise ContractError("no right to read firms.")
        return original(name, *rest)

    monkeypatch.setattr(world.source, "extract", extract)
    scope = found(desk)
    assert item(scope, "crm.firm")["profile"]["unread"] == "no right to read firms."
    assert item(scope, "crm.person")["profile"]["whole"] is True


def test_an_object_that_costs_too_many_requests_is_left_to_the_run_unless_all_is_asked_for(desk):
    desk.initialise()
    firms, people = world.source.schemas
    world.source.schemas = (replace(firms, requests=5000), people)
    assert "takes 5000 requests" in item(found(desk), "crm.firm")["profile"]["unread"]
    assert item(found(desk, "--records", "0"), "crm.firm")["profile"]["whole"] is True


def test_a_key_that_is_refused_ends_it(desk, monkeypatch):
    desk.initialise()

    def refused(*_):
        raise AuthError("the key was not accepted.")

    monkeypatch.setattr(world.source, "extract", refused)
    assert desk("discover").code == 2


def test_files_are_measured_up_to_a_bound_and_the_rest_is_estimated(desk, monkeypatch):
    desk.initialise()
    holder = ObjectSchema("crm.file", (text("name"), FieldSchema("content", FieldType.FILE)))
    scan = FieldSchema("scan", FieldType.REFERENCE, references=("crm.file",))
    world.source.schemas = (ObjectSchema("crm.firm", (text("title"), scan), count=3), holder)
    world.source.records = {"crm.firm": {}}
    for n in range(3):
        world.source.put("crm.firm", f"f{n}", title="F", scan=Reference("crm.file", f"x{n}"))

    def extract(name, cursor, since, files):
        from crossdock.model import Batch

        if name == "crm.firm":
            yield Batch(tuple(world.source.records[name].values()), "end")
            return
        for n in range(3):
            stored = files.save([b"x" * 1000], name=f"{n}.txt")
            yield Batch((Record(name, f"x{n}", {"name": f"{n}", "content": stored}),), str(n))

    monkeypatch.setattr(world.source, "extract", extract)
    with Migration(load_project(desk.folder)) as migration:
        some, whole = survey(migration, None, files=2).files, survey(migration, None).files
    assert [(v.links, v.measured, v.bytes, v.whole) for v in some] == [(3, 2, 3000, False)]
    assert [(v.measured, v.bytes, v.whole) for v in whole] == [(3, 3000, True)]
    assert not (desk.folder / ".crossdock" / "files").exists()


def test_the_page_can_be_sent_and_holds_no_secret(desk, monkeypatch):
    monkeypatch.setenv("TOY_TOKEN", "toy-token-8d1f0c")
    desk.initialise()
    desk.edit("tenant: main", "tenant: main\n    token: env:TOY_TOKEN", "crossdock.yaml")
    world.source.schemas = (replace(world.source.schemas[0], label="Firms <b> toy-token-8d1f0c"),)
    answer = desk("discover")
    page = (desk.folder / "reports" / "scope.html").read_text(encoding="utf-8")
    assert answer.code == 0
    assert "Firms &lt;b&gt; [secret]" in page
    assert "8d1f0c" not in page + (desk.folder / "reports" / "scope.json").read_text() + answer.out
    for name in ("scope.html", "scope.json"):
        assert stat.S_IMODE((desk.folder / "reports" / name).stat().st_mode) == 0o600


def test_without_the_extra_the_json_is_there_and_it_says_what_to_install(desk, monkeypatch):
    desk.initialise()
    monkeypatch.setattr("crossdock.documents.filing.pages_possible", lambda: False)
    answer = desk("discover")
    assert answer.code == 0
    assert "crossdock[reports]" in answer.out
    assert not (desk.folder / "reports" / "scope.html").exists()


def test_a_scope_that_cannot_be_written_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot write"):
        write_scope(tmp_path / "file" / "reports", {})


def test_the_counts_of_the_scope_are_compared_after_the_load(desk):
    desk.prepare()
    desk("discover")
    world.source.put("crm.person", "p9", title="Late", mail=None, firm=None)
    assert desk("run").code == 1  # a firm without a name
    gone = next(k for k, r in world.destination.table("person").items() if r.values["name"] == "Person 0")
    del world.destination.table("person")[gone]

    with Migration(load_project(desk.folder)) as migration:
        rows = scope_compared(migration)

    shown = {r["object"]: (r["scope"], r["extracted"], r["loaded"], r["there"]) for r in rows}
    assert shown == {"crm.firm": (4, 4, 3, 3), "crm.person": (3, 4, 4, 3)}
    assert desk("reconcile", json=True).json["scope"] == rows


def test_without_a_scope_document_nothing_was_said(tmp_path):
    assert scope_counts(tmp_path / "scope.json") == {}


def test_a_damaged_scope_document_is_named(tmp_path):
    (tmp_path / "scope.json").write_text("{")
    with pytest.raises(StorageError, match=r"scope\.json"):
        scope_counts(tmp_path / "scope.json")


def test_what_is_switched_on_at_the_destination_is_a_risk(desk, monkeypatch):
    desk.initialise()
    original = world.destination.discover
    on = ArtifactReport("workflow", (Artifact("workflow", "Welcome mail", active=True),))
    monkeypatch.setattr(world.destination, "discover", lambda: replace(original(), artifacts=(on,)))
    scope = found(desk, "--quick")
    assert scope["automations"] == [{"kind": "workflow", "name": "Welcome mail"}]
    assert any(r["figure"] == 1 and "automations" in r["text"] for r in scope["risks"])


def test_links_of_values_do_not_break_the_json(desk):
    desk.initialise()
    world.source.put("crm.firm", "f9", title="L", site=Link("https://x.example"), city=None, motto=None)
    assert json.dumps(found(desk))


def test_what_an_object_costs_by_its_platform_is_estimated_twice_for_the_comparison(desk):
    desk.initialise()
    before = {s["name"]: s["requests"] for s in found(desk, "--quick")["estimate"]["steps"]}
    firms, people = world.source.schemas
    world.source.schemas = (replace(firms, requests=40), people)
    estimate = found(desk, "--quick")["estimate"]
    after = {s["name"]: s["requests"] for s in estimate["steps"]}
    more = 40 - 1  # firms fit into one page
    assert (after["extract"], after["reconcile"]) == (before["extract"] + more, before["reconcile"] + more)
    assert "at least" in estimate["assumptions"][0]


def test_the_scope_counts_the_people_without_an_account_that_the_run_lists_and_reads_them_once(
    desk, monkeypatch
):
    world.mend()
    desk.initialise()
    member = ObjectSchema("crm.member", (text("title"), text("mail"), text("login")), "Members", count=4)
    firms, people = world.source.schemas
    world.source.schemas = (
        firms,
        replace(people, fields=(*people.fields, reference("owner", "crm.member"))),
        member,
    )
    account = ObjectSchema("member", (text("email"), text("login")), "Member", match_only=True)
    world.destination.schemas["member"] = account
    there = world.destination.schemas["person"]
    world.destination.schemas["person"] = replace(there, fields=(*there.fields, reference("owner", "member")))
    for n, (mail, login) in enumerate((("a@x", None), ("B@X ", None), (None, "carl"), ("d@x", "dora"))):
        world.source.put("crm.member", f"m{n}", title=f"Member {n}", mail=mail, login=login)
        world.source.put("crm.person", f"q{n}", title=f"Q{n}", owner=Reference("crm.member", f"m{n}"))
    world.destination.add("member", "1", email="B@X ", login=None)
    world.destination.add("member", "2", email=None, login="carl")
    world.destination.add("member", "3", email="d@x", login="dora", trashed=True)
    desk.prepare(confirmed=False)
    desk.edit("email: mail, firm:", "email: mail, owner: {from: owner, reference: member}, firm:")
    desk.edit(
        "  - from: crm.person\n",
        "  - from: crm.member\n    to: member\n    match: [email, login]\n    create: false\n"
        "    ignore: [title]\n    fields: {email: mail, login: login}\n  - from: crm.person\n",
    )
    reads: list[str] = []
    extract = world.source.extract

    def counted(*a):
        reads.append(a[0])
        return extract(*a)

    monkeypatch.setattr(world.source, "extract", counted)

    scope = found(desk)

    (people_there,) = scope["people"]
    assert (people_there["people"], people_there["names"]) == (4, ["Member 0 (a@x)", "Member 3 (d@x)"])
    assert reads.count("crm.member") == 1
    assert desk("map", "confirm", "--by", "Anna").code == 0
    desk("run")
    with (desk.folder / "reports" / "invitations.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == people_there["missing"] == 2
