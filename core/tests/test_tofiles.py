"""Files instead of the API: what is written, what the books say, and what an export proves."""

import csv
import dataclasses
import json
import stat

import pytest
from core.tests import toy_platforms
from core.tests.answers import faults
from core.tests.fake_destination import KilledError, reference, text
from core.tests.toy_files import ToyFiles
from core.tests.toy_platforms import FIRM, FIRM_THERE, PERSON, world

from crossdock.capabilities import Capability
from crossdock.catalogfile import keep_catalog, kept_catalog
from crossdock.errors import UnreachableError
from crossdock.fieldtypes import FieldType
from crossdock.filestore import FileStore
from crossdock.ledger import Ledger, RunState
from crossdock.ledger.runs import Runs
from crossdock.model import FieldSchema, ObjectSchema, Option, Origin, TargetRecord
from crossdock.tofiles import writing
from crossdock.tofiles.attached import Attached
from crossdock.tofiles.byhand import made_by_hand
from crossdock.tofiles.spool import Spool
from crossdock.values import Reference


@pytest.fixture
def files(monkeypatch):
    """Beta can be loaded by files."""
    made = ToyFiles()
    monkeypatch.setattr(toy_platforms.ToyDestination, "file_format", lambda _: made, raising=False)
    world.destination.can = (Capability.TRASH, Capability.IMPORT_FILES)
    return made


@pytest.fixture
def filed(desk, files, tmp_path):
    """Makes the project and writes the files; gives the answer."""

    def go(*, mend=True):
        desk.prepare(confirmed=False)
        if mend:
            world.mend()
        assert desk("map", "confirm", "--by", "Anna").code == 0
        return desk("run", str(tmp_path / "out"), "--to-files", json=True)

    return go


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def ledger_of(desk):
    return Ledger(f"sqlite:///{desk.folder / '.crossdock' / 'ledger.db'}")


def export(folder, name, table):
    folder.mkdir(exist_ok=True)
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table)


def exported(out, folder):
    """What beta would export once everything was imported: one file an object."""
    checklist = json.loads((out / "checklist.json").read_text())
    for each in checklist["exports"]:
        merged: dict[str, dict[str, str]] = {}
        for file in checklist["files"]:
            if file["object"] == each["object"]:
                header, *found = rows(out / file["file"])
                for row in found:
                    cells = dict(zip(header, row, strict=True))
                    merged.setdefault(cells["key"], {}).update(cells)
        columns = ["key", "owner", *each["columns"][1:]]
        table = [[cells.get(c, "") for c in columns] for cells in merged.values()]
        export(folder, each["save_as"], [columns, *table])


def test_files_are_split_and_in_load_order(filed, tmp_path):
    answer = filed()
    out = tmp_path / "out"
    assert answer.code == 0, answer.err
    names = sorted(path.name for path in out.glob("*.csv"))
    assert names == ["01-firm.csv", "02-firm.csv", "03-person.csv", "04-person.csv"]
    assert [len(rows(out / name)) - 1 for name in names] == [2, 2, 2, 1]
    firms = {row[0] for name in names[:2] for row in rows(out / name)[1:]}
    header = rows(out / "03-person.csv")[0]
    assert {row[header.index("firm")] for row in rows(out / "03-person.csv")[1:]} <= firms


def test_nothing_is_sent(filed):
    before = world.destination.state()
    filed()
    assert world.destination.state() == before
    assert world.destination.loads == []


def test_a_record_in_a_file_is_filed_and_not_loaded(filed, desk, tmp_path):
    answer = filed()
    assert answer.json["totals"]["source"] == {"filed": 7}
    assert answer.json["verdict"] == "7 records are in files that nobody has imported yet."
    audit = rows(desk.folder / "reports" / f"audit-{answer.json['run']['id']}.csv")
    assert {row[-2] for row in audit[1:]} == {"filed"}
    assert audit[1][-1] == "01-firm.csv row 2"
    ledger = ledger_of(desk)
    run = ledger.runs.all()[-1]
    kept = [row for part in ledger.filed.scan(run, "firm") for row in part]
    ledger.close()
    assert [(row.file, row.row, row.values["name"]) for row in kept][:2] == [
        ("01-firm.csv", 2, "Firm 0"),
        ("01-firm.csv", 3, "Firm 1"),
    ]


def test_what_is_rejected_is_in_the_report_and_in_no_file(filed, tmp_path):
    answer = filed(mend=False)
    assert answer.code == 1
    assert answer.json["totals"]["source"] == {"filed": 6, "rejected": 1}
    assert "not in them: 1 rejected" in answer.json["verdict"]
    assert all("f3.example" not in path.read_text() for path in (tmp_path / "out").glob("*.csv"))


def test_a_run_after_it_loads_all_of_it(filed, desk):
    filed()
    done = desk("run", json=True)
    assert (done.code, done.json["totals"]["source"]) == (0, {"loaded": 7})


def test_files_cannot_be_rolled_back_and_that_is_said(filed, desk):
    run = filed().json["run"]["id"]
    answer = desk("rollback", "--run", run)
    assert answer.code == 2
    assert "undone, by people" in answer.err
    assert desk("report", json=True).json["run"]["state"] == "done"


def test_the_answer_fits_its_schema(filed, desk, tmp_path):
    answer = filed()
    assert faults("run-files", answer.json) == []
    exported(tmp_path / "out", tmp_path / "back")
    proven = desk("reconcile", "--from-files", str(tmp_path / "back"), json=True)
    assert faults("reconcile-files", proven.json) == []
    assert faults("report", desk("report", json=True).json) == []
    assert faults("status", desk("status", json=True).json) == []


def test_the_checklist_says_what_has_to_be_made_first(filed, tmp_path):
    checklist = filed().json["checklist"]
    assert [(x["what"], x["object"], x["label"]) for x in checklist["make_first"]] == [
        ("field", "firm", "Motto")
    ]
    page = (tmp_path / "out" / "checklist.html").read_text()
    assert "Motto" in page
    assert "01-firm.csv" in page
    assert "Firm &gt; Import" in page
    assert checklist["never"] == ["No time is kept."]


def test_automations_are_named_to_be_switched_off(filed):
    world.destination.automations = {"Greeter": True, "Sleeper": False}
    checklist = filed().json["checklist"]
    assert [x["name"] for x in checklist["switch_off"]] == ["Greeter"]


def test_files_are_for_this_user_alone(filed, tmp_path):
    filed()
    found = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").glob("*.*")]
    assert set(found) == {0o600}


def with_parents(desk):
    """Firms refer to one another in a ring."""
    world.source.schemas = (
        dataclasses.replace(FIRM, fields=(*FIRM.fields, reference("parent", "crm.firm"))),
        PERSON,
    )
    world.destination.schemas["firm"] = dataclasses.replace(
        FIRM_THERE, fields=(*FIRM_THERE.fields, reference("parent", "firm"))
    )
    for n in range(4):
        known = world.source.records["crm.firm"][f"f{n}"].values
        there = Reference("crm.firm", f"f{(n + 1) % 4}")
        world.source.put("crm.firm", f"f{n}", **{**known, "title": f"Firm {n}", "parent": there})
    desk.edit("motto: motto}", "motto: motto, parent: {from: parent, reference: firm}}")


def test_a_cycle_is_closed_by_a_later_file(desk, files, tmp_path):
    desk.prepare(confirmed=False)
    with_parents(desk)
    desk("map", "confirm", "--by", "Anna")
    answer = desk("run", str(tmp_path / "out"), "--to-files", json=True)
    completing = [f for f in answer.json["checklist"]["files"] if f["completes"]]
    assert [f["file"] for f in completing] == ["05-firm-more.csv", "06-firm-more.csv"]
    assert rows(tmp_path / "out" / "05-firm-more.csv")[0] == ["key", "owner", "parent"]
    assert "parent" not in rows(tmp_path / "out" / "01-firm.csv")[0]


def test_what_has_to_wait_goes_into_a_later_file_of_its_own(filed, files, tmp_path):
    files.twice = "city"
    answer = filed()
    assert "city" not in rows(tmp_path / "out" / "01-firm.csv")[0]
    later = rows(tmp_path / "out" / "03-firm-more.csv")
    assert later[0] == ["key", "city"]
    assert answer.json["checklist"]["files"][2]["completes"]
    exported(tmp_path / "out", tmp_path / "back")


def test_an_object_without_an_importer_is_named_with_its_count(filed, files, tmp_path):
    files.refusing = frozenset({"person"})
    answer = filed()
    assert answer.code == 1
    assert answer.json["totals"]["source"] == {"filed": 4, "skipped": 3}
    (left,) = answer.json["checklist"]["left_out"]
    assert (left["object"], left["field"], left["count"], left["reason"]) == (
        "person",
        "",
        3,
        "it has no importer",
    )


def test_a_reference_to_what_is_in_no_file_is_left_out_and_said(filed, files, tmp_path):
    files.refusing = frozenset({"firm"})
    answer = filed()
    assert "firm" not in rows(tmp_path / "out" / "01-person.csv")[0]
    assert ("person", "firm", 3) in {
        (x["object"], x["field"], x["count"]) for x in answer.json["checklist"]["left_out"]
    }


def test_a_destination_without_files_says_so_and_nothing_is_written(desk, tmp_path):
    desk.prepare()
    answer = desk("run", str(tmp_path / "out"), "--to-files")
    assert (answer.code, (tmp_path / "out").exists()) == (2, False)
    assert "beta cannot be loaded by files" in answer.err


@pytest.mark.parametrize("more", [("--dry-run",), ("--delta",), ("--sample", "2")])
def test_it_goes_with_no_other_kind_of_run(desk, files, more):
    desk.prepare()
    assert desk("run", "--to-files", *more).code == 2


def test_a_folder_without_the_option_is_a_mistake(desk):
    desk.prepare()
    assert desk("run", "somewhere").code == 2


def test_an_unconfirmed_mapping_is_refused(desk, files, tmp_path):
    desk.prepare(confirmed=False)
    assert desk("run", str(tmp_path / "out"), "--to-files").code == 4
    assert not (tmp_path / "out").exists()


def test_what_is_in_the_folder_stays(filed, desk, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    assert filed().code == 2
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_killed_while_writing_leaves_no_folder_and_the_next_one_is_whole(filed, desk, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(writing, "write_checklist", _die)
        with pytest.raises(KilledError):
            filed()
    assert not (tmp_path / "out").exists()
    again = desk("run", str(tmp_path / "out"), "--to-files", json=True)
    assert (again.code, again.json["totals"]["source"]) == (0, {"filed": 7})
    ledger = ledger_of(desk)
    states = [run.state for run in ledger.runs.all()]
    left = ledger.filed.objects(ledger.runs.all()[0])
    ledger.close()
    assert (states, left) == ([RunState.ROLLED_BACK, RunState.DONE], {})


def test_killed_after_the_folder_took_its_place_it_is_written_anew(filed, desk, tmp_path, monkeypatch):
    end = Runs.end

    def die_at_its_end(runs, run, *more):
        if run.kind == "files":
            raise KilledError
        end(runs, run, *more)

    with monkeypatch.context() as patch:
        patch.setattr(Runs, "end", die_at_its_end)
        with pytest.raises(KilledError):
            filed()
    assert (tmp_path / "out" / "checklist.json").exists()
    assert desk("run", str(tmp_path / "out"), "--to-files").code == 0


def _die(*_arguments, **_more):
    raise KilledError


def closed(monkeypatch):
    def fail(_self):
        raise UnreachableError("the API is closed.")

    monkeypatch.setattr(world.destination.__class__, "discover", fail)
    monkeypatch.setattr(
        world.destination.__class__, "reconcile", lambda *_: pytest.fail("the destination was asked")
    )


def test_a_closed_api_is_not_asked_and_the_kept_catalog_serves(desk, files, tmp_path, monkeypatch):
    desk.prepare(confirmed=False)
    world.mend()
    desk("map", "confirm", "--by", "Anna")
    closed(monkeypatch)
    answer = desk("run", str(tmp_path / "out"), "--to-files", json=True)
    assert (answer.code, answer.json["totals"]["source"]) == (0, {"filed": 7})
    assert (answer.json["checklist"]["asked"], answer.json["checklist"]["why_not_asked"]) == (
        False,
        "the API is closed.",
    )
    exported(tmp_path / "out", tmp_path / "back")
    assert desk("reconcile", "--from-files", str(tmp_path / "back")).code == 0


def test_a_destination_that_was_never_looked_at_is_no_guess(desk, files, tmp_path, monkeypatch):
    desk.prepare()
    (desk.folder / ".crossdock" / "catalog.json").unlink()
    closed(monkeypatch)
    answer = desk("run", str(tmp_path / "out"), "--to-files")
    assert answer.code == 2
    assert "sandbox: fresh" in answer.err


def test_after_a_run_through_the_api_only_what_changed_is_in_the_files(desk, files, tmp_path):
    desk.prepare(confirmed=False)
    world.mend()
    desk("map", "confirm", "--by", "Anna")
    assert desk("run").code == 0
    world.source.put("crm.person", "p1", title="Another name", mail="p1@f.example", firm=None)
    answer = desk("run", str(tmp_path / "out"), "--to-files", json=True)
    assert answer.json["totals"]["source"] == {"unchanged": 6, "filed": 1}
    (file,) = answer.json["checklist"]["files"]
    assert (file["object"], file["completes"], file["rows"]) == ("person", True, 1)


# --- exports ---------------------------------------------------------------------------------


@pytest.fixture
def back(filed, desk, tmp_path):
    """The files are imported and exported again; gives a command that proves it."""
    filed()
    exported(tmp_path / "out", tmp_path / "back")

    def prove():
        return desk("reconcile", "--from-files", str(tmp_path / "back"), json=True)

    return prove


def found(answer):
    return [(f["object"], f["kind"], f["field"]) for f in answer.json["first_findings"]]


def test_an_export_of_everything_is_clean(back):
    answer = back()
    assert (answer.code, answer.json["not_proven"]) == (0, [])
    assert [(x["object"], x["filed"], x["whole"]) for x in answer.json["objects"]] == [
        ("firm", 4, 4),
        ("person", 3, 3),
    ]


def test_another_value_differs(back, tmp_path):
    table = rows(tmp_path / "back" / "firm.csv")
    table[1][table[0].index("city")] = "Perm"
    export(tmp_path / "back", "firm.csv", table)
    answer = back()
    assert (answer.code, found(answer)) == (1, [("firm", "differs", "city")])
    assert answer.json["first_findings"][0]["note"].endswith("row 2")


def test_a_record_that_is_in_no_export_never_arrived(back, tmp_path):
    table = rows(tmp_path / "back" / "firm.csv")
    export(tmp_path / "back", "firm.csv", table[:-1])
    assert found(back()) == [("firm", "never arrived", "")]


def test_a_record_of_this_project_that_no_file_has_is_extra(back, tmp_path):
    table = rows(tmp_path / "back" / "firm.csv")
    more = list(table[1])
    more[0] = "another-id"
    export(tmp_path / "back", "firm.csv", [*table, more])
    assert found(back()) == [("firm", "extra", "")]


def test_a_missing_column_is_not_proven_and_the_others_are_compared(back, tmp_path):
    table = rows(tmp_path / "back" / "firm.csv")
    at, name = table[0].index("city"), table[0].index("name")
    table[1][name] = "Another"
    export(tmp_path / "back", "firm.csv", [row[:at] + row[at + 1 :] for row in table])
    answer = back()
    assert answer.code == 1
    assert answer.json["not_proven"] == ["firm: firm.csv lacks 'city', so field city is not proven"]
    assert found(answer) == [("firm", "differs", "name")]


def test_an_export_without_the_key_proves_nothing_and_accuses_nobody(back, tmp_path):
    table = rows(tmp_path / "back" / "firm.csv")
    export(tmp_path / "back", "firm.csv", [row[1:] for row in table])
    answer = back()
    assert (answer.code, found(answer)) == (1, [])
    assert "so the key is not proven" in answer.json["not_proven"][0]


def test_an_export_that_ends_at_the_limit_is_not_proven(back, tmp_path):
    table = rows(tmp_path / "back" / "firm.csv")
    filler = [[f"other-{n}", *[""] * (len(table[0]) - 1)] for n in range(7)]
    export(tmp_path / "back", "firm.csv", [*table[:4], *filler])
    answer = back()
    assert (answer.code, found(answer)) == (1, [])
    assert answer.json["not_proven"] == [
        "firm: firm.csv has exactly 10 rows, at which an export is cut off",
        "firm: 1 records that were written are not in what could be read",
    ]


def test_an_export_in_parts_is_one(back, tmp_path):
    table = rows(tmp_path / "back" / "firm.csv")
    (tmp_path / "back" / "firm.csv").unlink()
    export(tmp_path / "back", "firm-1.csv", table[:3])
    export(tmp_path / "back", "firm (2).csv", [table[0], *table[2:]])
    assert back().code == 0


def test_semicolons_and_a_mark_at_the_beginning_are_read(back, tmp_path):
    table = rows(tmp_path / "back" / "firm.csv")
    with (tmp_path / "back" / "firm.csv").open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";").writerows(table)
    assert back().code == 0


def test_a_file_in_another_encoding_is_a_clear_mistake(back, tmp_path):
    (tmp_path / "back" / "firm.csv").write_bytes("key,name\n1,Ёж\n".encode("cp1251"))
    answer = back()
    assert answer.code == 2
    assert "UTF-8" in answer.err


def test_an_object_without_an_export_is_not_proven(back, tmp_path):
    (tmp_path / "back" / "person.csv").rename(tmp_path / "back" / "people.csv")
    answer = back()
    assert answer.code == 1
    assert answer.json["not_proven"] == ["person: there is no export of it (person.csv)"]
    assert answer.json["strange"] == ["people.csv"]


def test_a_cell_that_cannot_be_told_is_not_proven(back, tmp_path):
    table = rows(tmp_path / "back" / "firm.csv")
    table[1][table[0].index("city")] = "?"
    export(tmp_path / "back", "firm.csv", table)
    answer = back()
    assert (answer.code, found(answer)) == (1, [])
    assert answer.json["not_proven"] == ["firm: field city: it is a riddle"]


def test_without_files_there_is_nothing_to_prove(desk, files, tmp_path):
    desk.prepare()
    answer = desk("reconcile", "--from-files", str(tmp_path))
    assert answer.code == 2
    assert "no files were written yet" in answer.err


# --- parts -----------------------------------------------------------------------------------


def test_a_catalog_comes_back_as_it_was_kept(tmp_path):
    world.refill()
    choice = FieldSchema(
        "stage",
        FieldType.SELECT,
        "Stage",
        options=(Option("a", "A"), Option("b")),
        references=("x",),
        default="a",
        settings={"column": "stage", "digits": (16, 2)},
    )
    catalog = world.destination.discover()
    firm = dataclasses.replace(FIRM_THERE, fields=(*FIRM_THERE.fields, choice), count=4)
    catalog = dataclasses.replace(catalog, objects=(firm,), notes=("one",))
    path = keep_catalog(tmp_path / "catalog.json", catalog)
    back = kept_catalog(path)
    assert back is not None
    assert back.objects == catalog.objects
    assert back.capabilities.as_dict() == catalog.capabilities.as_dict()
    assert (back.identity, back.limits, back.notes) == (catalog.identity, catalog.limits, ("one",))
    assert kept_catalog(tmp_path / "none.json") is None


def test_fields_that_refer_are_made_after_the_objects(files):
    wanted = dataclasses.replace(FIRM_THERE, name="site", fields=(reference("firm", "firm"), text("name")))
    changes = list(made_by_hand({}, [wanted], lambda _: wanted, files))
    assert [change.key for change in changes] == ["object:site", "field:site.name", "field:site.firm"]


def test_a_missing_option_is_named():
    before = FieldSchema("stage", FieldType.SELECT, options=(Option("a"),))
    after = dataclasses.replace(before, options=(Option("a"), Option("b", "Second")))
    known, wanted = (dataclasses.replace(FIRM_THERE, fields=(field,)) for field in (before, after))
    changes = list(made_by_hand({"firm": known}, [wanted], lambda _: wanted, ToyFiles()))
    assert [(c.key, c.label) for c in changes] == [("option:firm.stage.b", "Second")]


def test_files_lie_with_the_record_that_they_belong_to(tmp_path):
    store = FileStore(tmp_path / "store")
    names = ("../../etc/passwd", "plan.pdf", "plan.pdf", "con:tract?.pdf")
    stored = [store.save([name.encode()], name=name) for name in names]
    schema = ObjectSchema("paper", (FieldSchema("file", FieldType.FILE), reference("firm", "firm")), "Paper")
    attached = Attached(tmp_path, store, lambda *_: "Acme / North", lambda _: "no importer")
    for n, file in enumerate(stored):
        values = {"file": (file,), "firm": "1a2b3c4d-0000"}
        attached.add(schema, TargetRecord("paper", Origin("main", "doc", str(n)), f"id{n}", "", values))
    folder = tmp_path / "attachments" / "firm" / "Acme _ North 1a2b3c4d"
    assert sorted(path.name for path in folder.iterdir()) == [
        "_.._etc_passwd",
        "con_tract_.pdf",
        "plan (2).pdf",
        "plan.pdf",
    ]
    assert attached.count == 4
    index = rows(tmp_path / "attachments" / "index.csv")
    assert [row[0] for row in index[1:]][1] == "firm/Acme _ North 1a2b3c4d/plan.pdf"


def test_what_refers_to_records_of_the_same_object_from_elsewhere_is_in_a_later_file(tmp_path):
    spool = Spool(tmp_path / "spool.db")
    for source, key in (("flow", "1"), ("flow", "2"), ("step", "1")):
        origin = Origin("main", source, key)
        spool.put(TargetRecord("log", origin, f"{source}{key}", "", {"name": key}))
    sheets = spool.sheets()
    found = [[str(record.origin) for record in spool.records(sheet)] for sheet in sheets]
    spool.close()
    assert found == [["main/flow/1", "main/flow/2"], ["main/step/1"]]
