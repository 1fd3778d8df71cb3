"""PostgreSQL: what goes wrong there stops a run with exit code 3, and the same run goes on later."""

import pytest
from core.tests.company import firm, firm_route
from core.tests.databases import POSTGRESQL, Database
from core.tests.postgres import OWNER, new_schema, server
from sqlalchemy import text

from crossdock.database import close_engine, place_of, schema_name, transaction
from crossdock.errors import ConfigError, StorageError
from crossdock.ledger import Ledger
from crossdock.model import Batch, Finding, FindingKind, Outcome, Record, Rejected
from crossdock.staging import Staging


@pytest.fixture
def firms(company):
    """A company with many firms to load."""
    company.routes = [firm_route()]
    company.stage(*(firm(str(n)) for n in range(100)))
    return company


def assert_goes_on(company):
    company.reopen()
    run = company.load()
    assert company.books(run).source == {Outcome.LOADED: 100}
    assert set(company.destination.made.values()) == {1}


def at_request(company, number, deed):
    """Have something done at the n-th request to the destination."""
    load, count = company.destination.load, iter(range(1000))

    def loaded(*arguments):
        answer = load(*arguments)
        if next(count) == number:
            deed()
        return answer

    company.destination.load = loaded


def stopped(company):
    with pytest.raises(StorageError) as caught:
        company.load()
    assert caught.value.exit_code == 3
    return str(caught.value)


def test_a_connection_that_is_lost_in_the_middle_stops_the_run(firms):
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'process %'"
    at_request(firms, 2, lambda: server().ask(cut))
    assert "terminating connection" in stopped(firms)
    with pytest.raises(StorageError, match="was lost, and with it the right to write"):
        firms.ledger.runs.start("run", "x")
    assert_goes_on(firms)


def test_a_server_that_is_restarted_in_the_middle_stops_the_run(firms):
    at_request(firms, 1, server().restart)
    assert OWNER in stopped(firms)
    assert_goes_on(firms)


def test_a_full_disk_of_the_server_stops_the_run(firms):
    url, schema = firms.database.place
    refuse = (
        f'CREATE FUNCTION "{schema}".no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN'
        " RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$;"
        f' CREATE TRIGGER no_room BEFORE UPDATE ON "{schema}".entry EXECUTE FUNCTION "{schema}".no_room()'
    )
    name = url.partition("?")[0].rpartition("/")[2]
    at_request(firms, 1, lambda: server().ask(refuse, name))
    assert "No space left on device" in stopped(firms)
    server().ask(f'DROP TRIGGER no_room ON "{schema}".entry', name)
    assert_goes_on(firms)


def test_a_statement_that_takes_too_long_for_the_server_stops_the_run(firms):
    with transaction(firms.ledger._engine) as db:
        db.execute(text("SET statement_timeout = '20ms'"))
    engine = firms.ledger._engine
    with pytest.raises(StorageError, match="statement timeout") as caught, transaction(engine) as db:
        db.execute(text("SELECT pg_sleep(1)"))
    assert caught.value.exit_code == 3


def test_after_a_refused_statement_the_ledger_goes_on(company):
    run = company.ledger.runs.start("run", "d")
    with pytest.raises(StorageError), transaction(company.ledger._engine) as db:
        db.execute(text("SELECT nothing FROM nowhere"))
    company.ledger.runs.end(run)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anna:geheim@127.0.0.1:1/crm",
        "postgresql://127.0.0.1:1/crm?user=anna&password=geheim",
        "postgresql://anna:geheim@no.such.host.invalid/crm",
        "postgresql://anna:12/geheim@127.0.0.1:1/crm",
        "postgresql://anna:geheim@127.0.0.1:1/crm?nonsense=geheim",
    ],
)
def test_no_error_of_a_connection_shows_the_password(url):
    with pytest.raises((StorageError, ConfigError)) as caught:
        Ledger(url, "x")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://anna@host/crm", "oracle://host/crm"])
def test_another_kind_of_database_is_a_configuration_error(url):
    with pytest.raises(ConfigError, match="neither a PostgreSQL nor a SQLite URL"):
        Ledger(url)


def test_projects_and_rehearsals_in_one_database_do_not_mix():
    url = server().new_database()
    places = [place_of(url, "acme-1"), place_of(url, "acme-1", "rehearsal"), place_of(url, "acme-2")]
    ledgers = [Ledger(*place) for place in places]
    for ledger, name in zip(ledgers, "abc", strict=True):
        ledger.runs.start("run", name)  # each is held by its own
    assert [[run.destination for run in ledger.runs.all()] for ledger in ledgers] == [["a"], ["b"], ["c"]]
    for ledger in ledgers:
        ledger.close()


def test_the_name_of_a_schema_is_one_that_the_server_keeps_whole():
    long = "p" * 63
    names = [schema_name(long), schema_name(long + "/a"), schema_name(long + "/b")]
    assert names[0] == long
    assert len(set(names)) == 3
    assert {len(name) for name in names} == {63}


def test_a_rehearsal_in_a_sqlite_file_is_another_file(tmp_path):
    url, schema = place_of(f"sqlite:///{tmp_path / 'all.db'}", "acme", "rehearsal")
    assert (url, schema) == (f"sqlite:///{tmp_path / 'all-rehearsal.db'}", None)


def test_tables_of_version_1_are_not_taken_for_ones_own():
    url = server().new_database()
    Ledger(url).close()  # as version 1 made them: in no schema of a project
    with pytest.raises(ConfigError, match="does not say of which project") as caught:
        Ledger(url, "acme-1")
    moves = caught.value.hint.removeprefix("If it is this project's: ").partition(" If it is not")[0]
    name = url.partition("?")[0].rpartition("/")[2]
    server().ask(moves, name)
    Ledger(url, "acme-1").close()
    assert server().ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", name) == [(0,)]


def test_a_user_who_may_make_no_schema_is_told():
    url, user = server().new_database(), new_schema().replace("-", "_")
    server().ask(f"CREATE USER {user}")
    with pytest.raises(ConfigError, match="permission denied") as caught:
        Ledger(url.replace(OWNER, user, 1), "acme-1")
    assert "CREATE on the database" in caught.value.hint
    name = url.partition("?")[0].rpartition("/")[2]
    server().ask(f'CREATE SCHEMA "acme-1" AUTHORIZATION {user}', name)
    Ledger(url.replace(OWNER, user, 1), "acme-1").close()


def test_a_database_that_cannot_keep_all_text_is_refused():
    server().ask("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0")
    with pytest.raises(ConfigError, match="SQL_ASCII"):
        Ledger(server().url("ascii"), "acme-1")


@pytest.mark.parametrize("kind", ["sqlite", POSTGRESQL])
def test_words_that_no_database_keeps_are_shown_by_characters_that_stand_for_them(kind, tmp_path):
    database = Database(kind, tmp_path)
    ledger = database.ledger()
    run = ledger.runs.start("run", "d")
    ledger.findings.add(run, [Finding(FindingKind.DIFFERS, "firm", "1", note="a\0b\ud800", expected="\0")])
    (finding,) = ledger.findings.of_run(run)
    ledger.close()
    assert (finding.note, finding.expected) == ("a\u2400b?", "\u2400")


@pytest.mark.parametrize("kind", ["sqlite", POSTGRESQL])
@pytest.mark.parametrize("key", ["a\0b", "a\ud800"])
def test_a_record_whose_key_no_database_keeps_is_rejected(kind, key, tmp_path):
    staging = Database(kind, tmp_path).staging()
    extraction = staging.begin("acme", "src.firms")
    records = (Record("src.firms", key, {"name": "A"}), Record("src.firms", "2", {"name": "B"}))
    for _ in range(2):
        staging.put(extraction, Batch(records, "c", rejected=(Rejected("src.firms", f"{key}!", ("x\0",)),)))
    rejected = staging.rejected("acme", "src.firms")
    assert staging.count("acme", "src.firms") == 1
    assert sorted(len(item.key) for item in rejected) == [len(key), len(key) + 1]
    staging.close()


@pytest.mark.parametrize("kind", ["sqlite", POSTGRESQL])
def test_what_is_counted_by_name_comes_in_the_same_order_everywhere(kind, tmp_path):
    ledger = Database(kind, tmp_path).ledger()
    run = ledger.runs.start("reconcile", "d")
    names = ["ёж", "b", "Яблоко", "A", "a", "_x", "Ель", "B"]
    ledger.findings.add(run, [Finding(FindingKind.EXTRA, name, "1") for name in names])
    assert [name for name, _ in ledger.findings.count(run)] == sorted(names)
    ledger.close()


def test_staging_and_ledger_hold_long_numbers_and_bytes(tmp_path):
    staging = Staging(*Database(POSTGRESQL, tmp_path).place)
    with transaction(staging._engine) as db:
        db.execute(text("SELECT setval(pg_get_serial_sequence('record', 'n'), 5000000000)"))
    extraction = staging.begin("acme", "src.firms")
    staging.put(extraction, Batch((Record("src.firms", "1", {"b": "x" * 100_000, "n": 2**70}),), "c"))
    ((staged,),) = staging.scan("acme", "src.firms")
    assert (staged.n, staged.record.values["n"]) == (5_000_000_001, 2**70)
    close_engine(staging._engine)
