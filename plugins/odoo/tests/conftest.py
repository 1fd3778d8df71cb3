"""A sandbox in a process of its own, and everything that writes into it, for tests over loopback."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock.compare import compare
from crossdock.connection import Connection
from crossdock.filestore import FileStore
from crossdock.ids import external_id, target_uuid
from crossdock.model import (
    Action,
    Change,
    Finding,
    LedgerEntry,
    ObjectSchema,
    Observation,
    Origin,
    Outcome,
    Receipt,
    Selection,
    TargetRecord,
)
from crossdock.sandbox.process import SandboxProcess, start
from crossdock_odoo.client import OdooClient
from crossdock_odoo.destination import OdooDestination
from crossdock_odoo.settings import OdooSettings

QUIET = {"tracking_disable": True, "mail_create_nolog": True, "no_reset_password": True}


class OdooWorld:
    """One database: `destination` as crossdock has it, `client` for what an administrator does in it."""

    def __init__(self, server: SandboxProcess, files: Path) -> None:
        self.url, self.files = server.url, files
        self.connection = Connection("t", "demo", "ten", FileStore(files))
        self.client = self.client_of("admin", server.token)
        settings = OdooSettings(url=server.url, key=server.token, database="odoo")
        self.destination = OdooDestination(settings, self.connection)

    def client_of(self, login: str, key: str) -> OdooClient:
        """A client with another user's key."""
        return OdooClient(OdooSettings(url=self.url, key=key, login=login, database="odoo"), self.connection)

    def seed(self, **what: Any) -> dict[str, Any]:
        """Put the sandbox into a situation; the answer's `keys` and `ids`."""
        answer = httpx2.post(f"{self.url}/_seed", json=what)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def fault(self, **what: Any) -> None:
        """Order one fault of the server."""
        httpx2.post(f"{self.url}/_sandbox/faults", json=what).raise_for_status()

    def refuse(self, call: str, kind: str = "UserError", *, about: str = "", times: int | None = 1) -> None:
        """Let the server refuse the next calls of `model.method`, by this class of exception; `about`: those
        that hold this pattern."""
        model, _, method = call.rpartition(".")
        error = {"name": f"odoo.exceptions.{kind}", "message": "No.", "arguments": [], "debug": ""}
        text = json.dumps({"jsonrpc": "2.0", "id": 1, "error": {"code": 200, "data": error}})
        body = f'"{re.escape(model)}", *"{method}"'
        self.fault(kind="status", status=200, text=text, body=f"(?s){body}.*{about}", times=times)

    def no_faults(self) -> None:
        """Forget the faults that were ordered."""
        httpx2.delete(f"{self.url}/_sandbox/faults").raise_for_status()

    def calls(self, method: str) -> list[Mapping[str, Any]]:
        """The requests for a method so far."""
        log = httpx2.get(f"{self.url}/_sandbox/log").json()
        found = log["requests"] if isinstance(log, dict) else log
        return [entry for entry in found if str(entry["operation"]).endswith(f".{method}")]

    def dump(self) -> dict[str, Any]:
        """Everything the database holds."""
        return dict(httpx2.get(f"{self.url}/_sandbox/dump", timeout=30).json())

    def requests(self) -> int:
        """How many requests were answered so far."""
        return int(httpx2.get(f"{self.url}/_sandbox/").json()["requests"])

    def person(self, login: str = "olga@example.com", *groups: str) -> OdooClient:
        """Somebody of the company, with rights in sales and projects."""
        rights = groups or (
            "base.group_user",
            "sales_team.group_sale_manager",
            "project.group_project_manager",
            "base.group_partner_manager",
        )
        keys = self.seed(users=[{"login": login, "groups": list(rights)}])["keys"]
        return self.client_of(login, keys[login])

    def make(self, model: str, /, **values: Any) -> int:
        """A record that an administrator makes."""
        return self.client.create(model, [values])[0]

    def provision(self, *wanted: ObjectSchema) -> list[Change]:
        """Provision for real."""
        return list(self.destination.provision(wanted, False, ()))

    def send(self, object_name: str, key: str, action: Action, target_id: str, **values: Any) -> Receipt:
        """Load one record."""
        origin = Origin("ten", object_name, key)
        owner = external_id("demo", origin)
        record = TargetRecord(object_name, origin, target_id, owner, values, action)
        (receipt,) = self.destination.load(object_name, [record])
        return receipt

    def load(self, object_name: str, key: str, **values: Any) -> str:
        """Load a new record; its target id."""
        target_id = str(target_uuid("demo", Origin("ten", object_name, key), object_name))
        receipt = self.send(object_name, key, Action.CREATE, target_id, **values)
        assert receipt.outcome is Outcome.CREATED, receipt
        return target_id

    def see(self, object_name: str, target_id: str) -> Observation | None:
        """A record as it is, None if it is not there."""
        found = list(self.destination.reconcile(object_name, Selection(ids=(target_id,))))
        return found[0] if found else None

    def id_of(self, object_name: str, target_id: str) -> int:
        """The database id of a loaded record."""
        domain = [["module", "=", "__crossdock__"], ["name", "=", target_id], ["model", "=", object_name]]
        (row,) = self.client.search_read("ir.model.data", domain, ["res_id"])
        return int(row["res_id"])

    def update(self, object_name: str, key: str, target_id: str, **values: Any) -> LedgerEntry:
        """Load an update; the entry that undoes it."""
        before = self.see(object_name, target_id)
        assert before is not None
        receipt = self.send(object_name, key, Action.UPDATE, target_id, **values)
        assert receipt.outcome is Outcome.UPDATED, receipt
        origin = Origin("ten", object_name, key)
        return LedgerEntry(origin, object_name, target_id, Outcome.UPDATED, tuple(values), before.image)

    def take_away(
        self, object_name: str, key: str, target_id: str, action: Action
    ) -> tuple[Receipt, LedgerEntry]:
        """Remove a record; the receipt, and the entry that brings it back."""
        before = self.see(object_name, target_id)
        image: Mapping[str, Any] = before.image if before else {}
        base: Mapping[str, Any] = before.values if before else {}
        origin = Origin("ten", object_name, key)
        receipt = self.send(object_name, key, action, target_id)
        entry = LedgerEntry(
            origin, object_name, target_id, Outcome.UPDATED, (), image, removal=action, base=base
        )
        return receipt, entry

    def undo(self, *entries: LedgerEntry) -> list[Receipt]:
        """Roll back; a dry run before it must have said the same and changed nothing."""
        held = self.dump()
        said = list(self.destination.rollback(entries, True))
        assert self.dump() == held
        done = list(self.destination.rollback(entries, False))
        assert [(r.outcome, r.reasons) for r in said] == [(r.outcome, r.reasons) for r in done]
        return done

    def created(self, object_name: str, key: str, target_id: str) -> LedgerEntry:
        """The entry of a record that a run created."""
        return LedgerEntry(Origin("ten", object_name, key), object_name, target_id, Outcome.CREATED)

    def changed(self, change: Change) -> LedgerEntry:
        """The entry of a schema change."""
        origin = Origin("", "schema", change.key)
        return LedgerEntry(origin, change.object_name, "", Outcome.CREATED, change=change)


@pytest.fixture(scope="session")
def odoo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One process for all tests; each starts it afresh."""
    data = tmp_path_factory.mktemp("sandbox") / "odoo.db"
    process = start("odoo", data=data, seed="fresh", rate="off")
    yield process
    process.stop()


@pytest.fixture
def odoo(odoo_server: SandboxProcess, tmp_path: Path) -> Iterator[OdooWorld]:
    """A new database."""
    httpx2.post(f"{odoo_server.url}/_sandbox/reset", json={"seed": "fresh"}, timeout=60).raise_for_status()
    world = OdooWorld(odoo_server, tmp_path)
    yield world
    world.destination.close()
    world.client.close()


class Stand:
    """A database in which every object has its external id field, for the tests of data: `client` is the
    destination's own, for looking at things without the plugin's conversions."""

    def __init__(self, server: SandboxProcess, folder: Path) -> None:
        self.url, self.token, self.files = server.url, server.token, FileStore(folder)
        self.connection = Connection("odoo", "demo", "ten", self.files)
        self.odoo = self.destination()
        self.client = self.odoo._client

    def destination(self, **settings: Any) -> OdooDestination:
        """A destination with other settings."""
        given = {"url": self.url, "database": "odoo", "key": self.token, "timeout": 20.0, **settings}
        return OdooDestination(OdooSettings(**given), self.connection)

    def odoo_hooks(self) -> Any:
        """The destination as the core's sender has it: load takes a policy."""
        odoo = self.odoo

        class Hooks:
            def load(self, name: str, records: Any, _policy: Any) -> Iterator[Receipt]:
                return iter(odoo.load(name, records))

            def reconcile(self, name: str, selection: Selection) -> Iterator[Observation]:
                return iter(odoo.reconcile(name, selection))

        return Hooks()

    def provision(self, *names: str) -> None:
        """Give objects the external id field."""
        list(self.odoo.provision([ObjectSchema(name, ()) for name in names], False, ()))

    def record(
        self, name: str, key: str, values: Mapping[str, Any], action: Action = Action.CREATE, at: str = ""
    ) -> TargetRecord:
        """A target record as the transform makes it; `at`: of one that was there before."""
        origin = Origin("ten", f"src.{name}", key)
        target_id = at or target_uuid("demo", origin, name)
        return TargetRecord(name, origin, target_id, external_id("demo", origin), dict(values), action)

    def load(self, *records: TargetRecord) -> dict[str, Receipt]:
        """Receipts by the key of the source record."""
        given = list(self.odoo.load(records[0].object_name, list(records)))
        assert sorted(r.origin.key for r in given) == sorted(r.origin.key for r in records)
        return {receipt.origin.key: receipt for receipt in given}

    def made(self, name: str, key: str, values: Mapping[str, Any]) -> TargetRecord:
        """A record that was created."""
        record = self.record(name, key, values)
        (receipt,) = self.load(record).values()
        assert receipt.outcome is Outcome.CREATED, receipt.reasons
        return record

    def changed(
        self, record: TargetRecord, values: Mapping[str, Any], action: Action = Action.UPDATE
    ) -> Receipt:
        """The receipt for an update of a record."""
        at = record.target_id
        (receipt,) = self.load(
            self.record(record.object_name, record.origin.key, values, action, at)
        ).values()
        return receipt

    def observed(self, *records: TargetRecord) -> dict[str, Observation]:
        """Observations by target id."""
        return {o.id: o for o in self.seen(records[0].object_name, ids=tuple(r.target_id for r in records))}

    def seen(self, name: str, **selection: Any) -> list[Observation]:
        """Observations of a selection."""
        return list(self.odoo.reconcile(name, Selection(**selection)))

    def values(self, record: TargetRecord) -> Mapping[str, Any]:
        """The values of a record that is there."""
        return self.observed(record)[record.target_id].values

    def findings(self, *records: TargetRecord) -> list[Finding]:
        """What the core would find of these records."""
        there = self.observed(*records)
        schema = self.odoo._schemas.schema(records[0].object_name)
        return [f for r in records for f in compare(r, there.get(r.target_id), None, schema)]

    def database_id(self, record: TargetRecord) -> int:
        """The database id of a record that was loaded."""
        domain = [["module", "=", "__crossdock__"], ["name", "=", record.target_id]]
        (row,) = self.client.search_read("ir.model.data", domain, ["res_id"])
        return int(row["res_id"])

    def key_of(self, login: str, *groups: str) -> str:
        """The key of a new user with these groups, an ordinary one without any."""
        users = [{"login": login, "groups": list(groups or ("base.group_user",))}]
        return str(self.seed(users=users)["keys"][login])

    def seed(self, **what: Any) -> dict[str, Any]:
        """Put the sandbox into a situation; the answer's `keys` and `ids`."""
        answer = httpx2.post(f"{self.url}/_seed", json=what)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def calls(self, method: str) -> list[Mapping[str, Any]]:
        """The requests for a method so far."""
        log = httpx2.get(f"{self.url}/_sandbox/log").json()
        found = log["requests"] if isinstance(log, dict) else log
        return [entry for entry in found if str(entry["operation"]).endswith(f".{method}")]

    def fault(self, **fault: Any) -> None:
        """Make the server fail in this way, once if nothing else is said."""
        httpx2.post(f"{self.url}/_sandbox/faults", json=fault).raise_for_status()


_OBJECTS: Iterable[str] = (
    *("res.users", "res.partner", "res.partner.category", "crm.lead", "crm.tag", "crm.stage"),
    *("mail.message", "mail.activity", "ir.attachment", "project.task", "project.project", "hr.employee"),
)


@pytest.fixture
def stand(odoo_server: SandboxProcess, tmp_path: Path) -> Iterator[Stand]:
    """A new database to load into."""
    httpx2.delete(f"{odoo_server.url}/_sandbox/faults").raise_for_status()
    httpx2.post(f"{odoo_server.url}/_sandbox/reset", json={"seed": "fresh"}, timeout=60).raise_for_status()
    found = Stand(odoo_server, tmp_path)
    found.provision(*_OBJECTS)
    yield found
    found.odoo.close()
