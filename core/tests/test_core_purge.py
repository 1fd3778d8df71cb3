"""`crossdock purge`: nothing that the source said of a record is left, and what proves the migration is."""

import csv
import shutil
import sqlite3
from contextlib import closing
from copy import deepcopy
from pathlib import Path

import pytest
from core.tests.answers import faults
from core.tests.postgres import server
from core.tests.toy_platforms import world
from sqlalchemy import create_engine, inspect, text

from crossdock.errors import ConfigError, RefusedError, StorageError
from crossdock.ledger import Ledger
from crossdock.ledger.purging import Purges
from crossdock.privacy import purging
from crossdock.privacy.proof import Proof, make_proof, read_proof
from crossdock.staging import Staging

CANARIES = (
    "Zinaida Quillfeather",
    "zinaida@quillfeather.test",
    "+7 912 555-01-99",
    "Пелагея Крутояровская",
    "allergic to peanuts and afraid of lifts",
    "quillfeather.test",
    "Grand Hotel Thistledown",
)


class First:
    """A project with both platforms as they were after its story, which is told once for all tests."""

    def __init__(self, folder):
        self._folder, self._platforms = folder, None

    def told(self, desk):
        """Put it where the desk is."""
        if self._platforms is None:
            tell(desk)
            self._platforms = deepcopy((world.source, world.destination))
            shutil.copytree(desk.folder, self._folder)
        else:
            world.source, world.destination = deepcopy(self._platforms)
            shutil.copytree(self._folder, desk.folder)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return First(tmp_path_factory.mktemp("told") / "acme")


@pytest.fixture
def told(desk, first):
    first.told(desk)
    return desk


def tell(desk):
    """A run whose records hold canaries: loaded, merged into one that was there, rejected, differing."""
    world.source.put(
        "crm.firm", "c1", title=CANARIES[0], site=CANARIES[5], city=CANARIES[3], motto=CANARIES[4]
    )
    world.source.put("crm.firm", "c2", title=CANARIES[6], site="there.example", city=CANARIES[2], motto=None)
    world.source.put("crm.firm", "c3", title=None, site=CANARIES[1], city=CANARIES[2], motto=CANARIES[4])
    world.destination.add("firm", "old", name="Grand Hotel Thistledown", domain="there.example", city="Omsk")
    world.destination.rejected.add(CANARIES[0] + " II")
    world.source.put("crm.firm", "c4", title=CANARIES[0] + " II", site="c4.example", city=None, motto=None)
    desk.prepare()
    assert desk("discover").code == 0
    assert desk("run").code == 1
    row = next(r for r in world.destination.table("firm").values() if r.values["domain"] == CANARIES[5])
    row.values["city"] = "Thistledown-on-Sea"
    assert desk("reconcile", "--spot", "5").code == 1
    row.values["city"] = CANARIES[3]
    (desk.folder / ".crossdock" / "files" / "ab").mkdir(parents=True)
    (desk.folder / ".crossdock" / "files" / "ab" / "abcd").write_text(CANARIES[4])


def places(folder: Path, words=(*CANARIES, "Thistledown-on-Sea", "Omsk", "Kazan")) -> list[tuple[str, str]]:
    """Where canaries are left: (file, canary)."""
    needles = [(word, form) for word in words for form in forms(word)]
    files = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    return [(path.name, word) for path, held in files.items() for word, form in needles if form in held]


def forms(word: str) -> set[bytes]:
    escaped = word.encode("ascii", "backslashreplace")
    return {word.encode(), word.encode("utf-16-le"), escaped, word.lower().encode()}


def test_the_canaries_are_all_over_the_project_before(told):
    files = {name for name, _ in places(told.folder)}
    assert {"staging.db", "ledger.db", "abcd"} <= files | {"staging.db-wal", "ledger.db-wal"}
    assert any(name.startswith("reconcile-") for name in files)
    assert any(name.startswith("spot-") for name in files)
    assert {word for _, word in places(told.folder)} >= set(CANARIES)


def test_after_a_purge_no_file_of_the_project_holds_a_value(told):
    answer = told("purge", "--by", "Anna", "--yes", "--force")

    assert (answer.code, places(told.folder)) == (0, [])


def test_what_was_deleted_and_changed_before_is_not_left_in_free_pages_either(told):
    world.source.put("crm.firm", "c1", title="Firm 0", site="new.example", city="Tula", motto=None)
    told("run")
    told("purge", "--yes", "--force")

    assert places(told.folder) == []


def test_ids_outcomes_and_counts_stay(told):
    before = list(csv.DictReader(audit(told).open()))
    told("purge", "--by", "Anna", "--yes", "--force")
    after = list(csv.DictReader(audit(told).open()))

    kept = ("time", "phase", "tenant", "source_object", "source_id", "part", "object", "id", "outcome")
    assert [[row[name] for name in kept] for row in after] == [[row[name] for name in kept] for row in before]
    assert len(before) > len(world.destination.table("firm"))


def audit(desk):
    first = desk("status", json=True).json[0]
    assert desk("report", "--run", first["id"]).code == 0
    return desk.folder / "reports" / f"audit-{first['id']}.csv"


def test_reasons_keep_the_programs_words_and_lose_the_records(told):
    told("purge", "--yes", "--force")
    run = told("status", json=True).json[0]
    report = told("report", "--run", run["id"], json=True).json

    reasons = [r for phase in report["phases"] for line in phase["not_loaded"] for r in line["reasons"]]
    assert any("name" in reason for reason in reasons)
    assert report["purged"].startswith("The personal data of this project was purged")
    assert report["next"] == []
    assert faults("report", report) == []


@pytest.mark.parametrize(
    "command",
    [
        ("run",),
        ("run", "--delta"),
        ("run", "--dry-run"),
        ("run", "--sample", "3"),
        ("rollback",),
        ("rollback", "--dry-run"),
        ("cutover",),
        ("reconcile", "--spot", "3"),
    ],
    ids=" ".join,
)
def test_what_needs_the_values_answers_4_and_says_who_purged(told, command):
    told("purge", "--by", "Anna Petrova", "--yes", "--force")
    before = world.destination.state()

    answer = told(*command)

    assert answer.code == 4
    assert "purged" in answer.err
    if "--spot" not in command:
        assert "by Anna Petrova" in answer.err
    assert world.destination.state() == before
    assert places(told.folder) == []


def test_status_report_and_handoff_still_work_and_say_it(told):
    told("purge", "--by", "Anna Petrova", "--yes", "--force")

    status, report, handoff = told("status"), told("report"), told("handoff", json=True)

    assert (status.code, report.code, handoff.code) == (0, 0, 0)
    assert "purged on" in status.out
    assert "by Anna Petrova" in status.out
    assert "purged on" in report.out
    assert [(s["what"], s["by"]) for s in handoff.json["signed"]] == [("purge", "Anna Petrova")]
    assert faults("handoff", handoff.json) == []


def test_every_record_is_still_accounted_for_by_hash(told):
    told("purge", "--yes", "--force")

    answer = told("reconcile", json=True)

    assert (answer.code, answer.json["not_proven"], faults("reconcile", answer.json)) == (0, [], [])
    assert answer.json["hashed_fields"] > 10
    assert sum(route["whole"] for route in answer.json["routes"]) == 8


def test_a_changed_a_deleted_and_an_unknown_record_are_found_by_hash(told):
    told("purge", "--yes", "--force")
    people = world.destination.table("person")
    first, second, _ = sorted(people)
    people[first].values["email"] = "else@where.example"
    del people[second]
    owner = people[first].external_id.partition(":")[0]
    world.destination.add("firm", "stray", name="Stray")
    world.destination.table("firm")["stray"].external_id = f"{owner}:main/crm.firm/zz"

    answer = told("reconcile", json=True)

    kinds = sorted((f["kind"], f["target_id"], f["field"]) for f in answer.json["first_findings"])
    assert answer.code == 1
    assert kinds == sorted(
        [("deleted there", second, ""), ("edited there since", first, "email"), ("extra", "stray", "")]
    )
    assert places(told.folder, ("else@where.example",)) == []


def test_without_the_key_only_that_records_are_there_is_proven(told):
    told("purge", "--yes", "--force")
    (told.folder / ".crossdock" / "proof.key").unlink()

    answer = told("reconcile", json=True)

    assert answer.code == 1
    assert answer.json["hashed_fields"] == 0
    assert "the key of the hashes is not here" in answer.json["not_proven"][0]


def test_who_has_value_and_key_can_prove_it_and_who_lacks_one_cannot(told):
    told("purge", "--yes", "--force")
    ledger = Ledger(f"sqlite:///{told.folder}/.crossdock/ledger.db")
    link = next(x for page in ledger.links.scan("main", "crm.firm", "firm") for x in page)
    ledger.close()
    proof = read_proof(told.folder / ".crossdock" / "proof.key")
    value = world.destination.table("firm")[link.target_id].values["name"]

    place = ("firm", link.target_id, "name")
    assert link.base["name"] == proof.hash(*place, value)
    assert link.base["name"] != proof.hash(*place, value + ".")
    assert link.base["name"] != Proof(bytes(32)).hash(*place, value)
    assert proof.hash("firm", "another", "name", value) != link.base["name"]
    assert link.hash is None


def test_a_dry_run_says_what_would_go_and_touches_nothing(told):
    (told.folder / "queues").mkdir(exist_ok=True)
    (told.folder / "queues" / "conflicts.csv").write_text(
        "tenant,object,key,reason,decision\nmain,crm.firm,c1,both sides changed,\n"
    )
    before = {path: path.read_bytes() for path in told.folder.rglob("*.csv")}

    answer = told("purge", "--dry-run", json=True)

    assert (answer.code, faults("purge", answer.json)) == (0, [])
    assert answer.json["staged"] == 11
    assert answer.json["ledgers"][0]["bases"] == 8
    assert answer.json["ledgers"][0]["images"] == 1
    assert ".crossdock/files" in answer.json["files"]["paths"]
    assert answer.json["open"] == ["1 records wait in queues/conflicts.csv"]
    assert answer.json["purged"] is None
    assert {path: path.read_bytes() for path in told.folder.rglob("*.csv")} == before
    assert told("rollback", "--dry-run").code != 4


def test_a_purge_says_what_it_did_in_json_too(told):
    answer = told("purge", "--by", "Anna", "--yes", "--force", json=True)
    again = told("purge", "--dry-run", json=True)

    assert [faults("purge", answer.json), faults("purge", again.json)] == [[], []]
    assert (answer.json["purged"]["by"], answer.json["purged"]["staged"]) == ("Anna", 11)
    assert again.json["before"] == answer.json["purged"]
    assert again.json["staged"] == 0


def test_without_a_yes_nothing_is_purged(told):
    answer = told("purge")
    assert answer.code == 4
    assert "--yes" in answer.err
    assert places(told.folder)


def test_open_queues_and_unfinished_runs_refuse_it_unless_forced(told):
    (told.folder / "queues" / "conflicts.csv").write_text(
        "tenant,object,key,reason,decision\nmain,crm.firm,c1,both sides changed,\n"
    )
    with ledger_of(told) as ledger:
        run = ledger.runs.start("delta", "fake-1")

    answer = told("purge", "--yes")

    assert answer.code == 4
    assert f"delta {run.id} has not ended" in answer.err
    assert "1 records wait in queues/conflicts.csv" in answer.err
    assert places(told.folder)
    assert told("purge", "--yes", "--force").code == 0
    assert places(told.folder) == []


def ledger_of(desk):
    """The ledger of a project, closed at the end of the block."""
    return closing(Ledger(f"sqlite:///{desk.folder}/.crossdock/ledger.db"))


STEPS = (
    (purging, "make_proof"),
    (Purges, "purge"),
    (Purges, "compact"),
    (Staging, "forget"),
    (purging, "remove"),
    (purging, "write_report"),
)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("owner", "step"), STEPS, ids=[name for _, name in STEPS])
def test_killed_at_any_step_and_given_again_it_comes_to_the_same_end(told, monkeypatch, owner, step, after):
    real = getattr(owner, step)

    def killed(*args, **kwargs):
        if after:
            real(*args, **kwargs)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(owner, step, killed)
        assert told("purge", "--by", "Anna", "--yes", "--force").code == 3
    assert told("purge", "--by", "Boris", "--yes", "--force").code == 0

    assert places(told.folder) == []
    assert told("reconcile").code == 0
    with sqlite3.connect(told.folder / ".crossdock" / "ledger.db") as db:
        rows = db.execute("select by, staged, bases from purge").fetchall()
    assert len(rows) == 1
    assert rows[0][1:] == (11, 8)


def test_given_again_it_takes_away_what_was_written_since_and_nothing_else(told):
    told("purge", "--yes", "--force")
    (told.folder / "reports" / "notes.txt").write_text(CANARIES[0])
    ledger = (told.folder / ".crossdock" / "proof.key").read_text()

    assert told("purge", "--yes").code == 0
    assert places(told.folder) == []
    assert (told.folder / ".crossdock" / "proof.key").read_text() == ledger
    assert told("reconcile").code == 0


def test_the_ledger_of_a_rehearsal_is_purged_too(desk):
    desk.initialise()
    written = (desk.folder / "crossdock.yaml").read_text()
    there = "\ndestinations:\n  rehearsal:\n    platform: beta\n    url: http://toy.example\n"
    (desk.folder / "crossdock.yaml").write_text(written + there)
    desk.write_mapping()
    assert desk("map", "confirm", "--by", "Anna", "--to", "rehearsal").code == 0
    assert desk("run", "--to", "rehearsal").code == 1
    assert "Kazan" in {word for _, word in places(desk.folder)}

    assert desk("purge", "--yes", "--force").code == 0

    assert places(desk.folder) == []
    assert desk("rollback", "--to", "rehearsal").code == 4
    assert desk("reconcile", "--to", "rehearsal").code == 0


def test_a_project_on_a_server_is_purged_too(desk):
    url = server().new_database()
    desk.prepare(confirmed=False)
    with (desk.folder / "crossdock.yaml").open("a") as file:
        file.write(f"\ndatabase: {url}\n")
    assert desk("map", "confirm", "--by", "Anna").code == 0
    assert desk("run").code == 1
    assert "Kazan" in on_server(url)

    answer = desk("purge", "--yes", "--force", json=True)

    assert (answer.code, answer.json["purged"]["staged"]) == (0, 7)
    assert "Kazan" not in on_server(url)
    assert desk("run").code == 4
    assert desk("reconcile").code == 0


def on_server(url: str) -> str:
    """Everything that the tables of a database hold."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    found = []
    with engine.connect() as db:
        for schema in inspect(db).get_schema_names():
            for name in inspect(db).get_table_names(schema) if schema != "information_schema" else ():
                for row in db.execute(text(f'select * from "{schema}"."{name}"')):
                    found += [v.decode() if isinstance(v, bytes) else str(v) for v in row]
    engine.dispose()
    return "\n".join(found)


def test_exported_files_and_old_copies_go_and_foreign_files_are_named(told, tmp_path):
    folder = told.folder
    for name in ("import-files", "import-files.partial", ".crossdock/dry-run-x"):
        (folder / name).mkdir()
        (folder / name / "people.csv").write_text(CANARIES[0])
    (folder / ".crossdock" / "ledger.version-1.db").write_text(CANARIES[0])
    (folder / "queues" / "unmatched.csv.partial").write_text(CANARIES[0])
    (folder / "crm-export.xlsx").write_text("of a person")
    (folder / ".crossdock" / "signoffs.json").write_text("[]")

    answer = told("purge", "--yes", "--force", json=True)

    assert places(folder) == []
    assert answer.json["left_alone"] == ["crm-export.xlsx"]
    assert (folder / "crm-export.xlsx").exists()
    assert (folder / ".crossdock" / "signoffs.json").exists()
    assert (folder / ".crossdock" / "confirmation.json").exists()
    assert (folder / "mapping.yaml").exists()


def test_what_was_exported_elsewhere_is_named_and_left(told, tmp_path):
    outside = tmp_path / "for the customer"
    outside.mkdir()
    with ledger_of(told) as ledger:
        ledger.runs.end(ledger.runs.start("files", "fake-1", {"folder": str(outside)}))

    answer = told("purge", "--yes", "--force", json=True)

    assert str(outside) in answer.json["left_alone"]
    assert outside.exists()


def test_a_project_in_which_nothing_was_run_loses_what_lies_in_its_folders(desk):
    desk.prepare(confirmed=False)
    (desk.folder / "reports" / "notes.txt").write_text(CANARIES[0])

    answer = desk("purge", "--yes")

    assert answer.code == 0
    assert "Nothing was ever run here" in answer.out
    assert places(desk.folder) == []


def test_a_reader_of_the_database_stops_the_purge_which_goes_on_later(told):
    path = told.folder / ".crossdock" / "ledger.db"
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from link").fetchone()

    first = told("purge", "--yes", "--force")
    reader.close()

    assert first.code == 3
    assert told("purge", "--yes").code == 0
    assert places(told.folder) == []


def test_a_damaged_key_is_said_and_never_replaced(told):
    told("purge", "--yes", "--force")
    key = told.folder / ".crossdock" / "proof.key"
    key.write_text("beef\n")

    assert told("reconcile").code == 2
    with pytest.raises(ConfigError, match="damaged"):
        make_proof(key)
    key.write_text("no hex")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_proof(key)


def test_the_key_is_for_this_user_alone(told):
    told("purge", "--yes", "--force")
    assert (told.folder / ".crossdock" / "proof.key").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_removed_stops_it(told, monkeypatch):
    def refuse(path):
        raise OSError(13, "Permission denied", str(path))

    monkeypatch.setattr(shutil, "rmtree", refuse)
    answer = told("purge", "--yes", "--force")
    assert answer.code == 3
    assert "Permission denied" in answer.err


def test_errors_of_a_purge_are_sorted():
    assert (RefusedError.exit_code, StorageError.exit_code) == (4, 3)
