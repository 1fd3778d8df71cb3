"""Odoo as the house's tests see it."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from tests import canonical_odoo as comparing
from tests import dataset
from tests.there import BEFORE, Dump, Kill, Place, There

from crossdock.testing.sandboxes import Json, Sandbox

LOGIN, ADMIN = "admin", 2
READS = {
    *("search", "read", "search_read", "search_count", "fields_get", "default_get", "has_access", "list"),
    *("authenticate", "version", "check_object_reference", "check_access_rights", "read_group"),
}
PLACES = {"company": "_clients._companies", "person": "_clients._contacts"}


def calls(model: str, method: str = "load") -> Place:
    """Calls of a method."""
    return {"body": f'"{model}", ?"{method}"'}


PARTNERS, PARTS, LEADS = calls("res.partner"), calls("x_parts"), calls("crm.lead")
FIELD = calls("ir.model.fields", "create")

NOT_ITS_OWN = (
    "test_a_delta_needs_a_finished_run",
    "test_a_full_disk_stops_the_run_and_it_goes_on_later",
    "test_a_mapping_that_decides_otherwise_is_confirmed_first",
    "test_a_missing_field_is_named_with_its_place",
    "test_a_secret_that_is_not_set_is_named",
    "test_a_wrong_token_of_the_source_writes_nothing",
    "test_an_unknown_mapping_key_names_the_nearest",
    "test_another_plugin_version_is_refused",
    "test_every_answer_about_the_pair_fits_its_schema",
    "test_only_what_changed_since_the_mark_is_asked_for",
)
IN_THE_KIT = (
    "test_killed_in_provision",
    "test_killed_in_the_second_pass",
    "test_killed_three_times_in_one_run",
    "test_a_fault_at_an_update_leaves_no_second_trace",
    "test_a_fault_on_the_way_changes_nothing_in_the_end",
    "test_ended_by_a_signal_it_says_so_and_goes_on_later",
)


class Odoo(There):
    """An Odoo database. Its people have no bin: what they delete is gone, what they archive is there."""

    platform = "odoo"
    settings: ClassVar[Mapping[str, Any]] = {"batch_size": 8}
    applications = (*dataset.APPLICATIONS, "_projects._projects")
    objects: ClassVar[Mapping[str, str]] = {
        "company": "res.partner",
        "person": "res.partner",
        "task": "crm.lead",
        "part": "x_parts",
        "member": "res.users",
    }
    columns: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "company": {"owner": "user_id", "employees": "x_employees"},
        "person": {"title": "function", "company": "parent_id"},
        "part": {"name": "x_name", "note": "x_note", "parent": "x_parent", "maker": "x_maker"},
        "member": {"mail": "login"},
    }

    provision = (
        Kill(calls("ir.model", "create"), 0, BEFORE),
        Kill(calls("ir.model", "create"), 0),
        Kill(FIELD, 0, BEFORE),
        Kill(FIELD, 1),
        Kill(calls("ir.ui.menu"), 0),
    )
    load = (Kill(PARTNERS, 1), Kill(LEADS, 1), Kill(PARTS, 2))
    files = (Kill(calls("ir.attachment"), 0, BEFORE), Kill(calls("ir.attachment"), 0))
    second_pass = (Kill(PARTS, 3, BEFORE), Kill(PARTS, 3), Kill(PARTS, 5))
    rollback = (
        Kill(calls("x_parts", "unlink"), 0),
        Kill(calls("res.partner", "unlink"), 0, BEFORE),
        Kill(calls("res.partner", "unlink"), 0),
        Kill(calls("ir.model.fields", "unlink"), 0, BEFORE),
        Kill(calls("ir.model.fields", "unlink"), 0),
        Kill(calls("ir.model", "unlink"), 0),
    )
    removal: ClassVar[Mapping[str, Place]] = {"trash": PARTNERS, "destroy": calls("res.partner", "unlink")}
    midway = Kill(FIELD, 0)
    three = (Kill(FIELD, 1), Kill(PARTNERS, 3), Kill(LEADS, 1, BEFORE))
    people: ClassVar[Place] = PARTNERS
    second_batch = Kill(PARTNERS, 1)
    updates: ClassVar[Place] = PARTS
    codec: ClassVar[Mapping[str, str]] = {
        "a digit": "x_weight",
        "day and month": "x_contract_date",
        "cut at 255": "x_about",
        "micros": "x_revenue",
        "a neighbour's e-mail": "email",
    }
    grave = "micros"
    revoked: ClassVar[Place] = {
        "kind": "status",
        "status": 200,
        "text": json.dumps(
            {
                "jsonrpc": "2.0",
                "id": 1,
                "error": {
                    "code": 200,
                    "message": "Odoo Server Error",
                    "data": {
                        "name": "odoo.exceptions.AccessDenied",
                        "message": "Access Denied",
                        "arguments": ["Access Denied"],
                        "context": {},
                        "debug": "",
                    },
                },
            }
        ),
        "headers": {"content-type": "application/json"},
        **LEADS,
        "times": None,
    }
    made_again = frozenset({"id", "create_date", "create_uid", "write_date", "write_uid"})
    restored = ("write_date", "write_uid")
    bin = False
    refuses_nul = True
    unchanged = 86
    skipped = 267
    left_out: ClassVar[Mapping[str, str]] = {
        "test_a_person_without_an_account_is_stood_for_as_decided": "users are made",
        "test_a_planted_link_is_extra": "a task refers to what it is about; there are no links",
        "test_a_duplicate_of_a_unique_value_is_told_what_to_decide_and_ends_clean": "nothing is unique there",
        **dict.fromkeys(NOT_ITS_OWN, "it is about the source or the project: one destination is enough"),
        **dict.fromkeys(IN_THE_KIT, "the conformance kit tries it"),
    }

    def prepare(self, sandbox: Sandbox) -> None:
        """What Twenty's demo workspace has by itself: a company of the source, a contact taken away."""
        self.ask(sandbox, "res.partner", "create", [[{
            "name": "Ромашка-Юг", "is_company": True, "website": "https://romashka-yug.example",
        }]])  # fmt: skip
        gone = {"name": "Из архива", "email": "trash@example.ru", "is_company": False, "active": False}
        self.ask(sandbox, "res.partner", "create", [[gone]])

    def canonical(self, dump: Dump) -> Dump:
        return comparing.canonical(dump)

    def undone(self, dump: Dump) -> Dump:
        return comparing.undone(dump)

    def raw(self, dump: Dump, kind: str, *, trash: bool) -> list[Json]:
        found = []
        for row in dump["records"].get(self.objects[kind], []):
            key = row.get("x_crossdock_key") or ""
            gone = key.startswith("trash:") or (not key and row.get("active") is False)
            if gone is trash and (not key or PLACES.get(kind, "") in key):
                found.append(row)
        return found

    def external_id(self, row: Json) -> str:
        return (row.get("x_crossdock_key") or "").removeprefix("trash:")

    def target_id(self, sandbox: Sandbox, row: Json) -> str:
        model = "res.partner" if "email_normalized" in row else "x_parts"
        domain = [["module", "=", "__crossdock__"], ["model", "=", model], ["res_id", "=", row["id"]]]
        found = self.ask(sandbox, "ir.model.data", "search_read", [domain, ["name"]])
        return str(found[0]["name"]) if found else str(row["id"])

    def change(self, sandbox: Sandbox, kind: str, row: Json, values: Mapping[str, Any]) -> None:
        self.ask(sandbox, self.objects[kind], "write", [[row["id"]], dict(values)])

    def remove(self, sandbox: Sandbox, kind: str, row: Json, *, trash: bool) -> None:
        self.ask(sandbox, self.objects[kind], "unlink", [[row["id"]]])

    def copy(self, sandbox: Sandbox, kind: str, row: Json) -> str:
        values = {name: row[name] for name in ("name", "parent_id", "x_crossdock_key")}
        [made] = self.ask(sandbox, self.objects[kind], "create", [[values]])
        return str(made)

    def free(self, sandbox: Sandbox, dump: Dump, person: Json) -> None:
        leads = [r["id"] for r in dump["records"]["crm.lead"] if r.get("x_about_res_partner") == person["id"]]
        if leads:
            self.ask(sandbox, "crm.lead", "unlink", [leads])

    def extend(self, sandbox: Sandbox) -> None:
        [model] = self.ask(sandbox, "ir.model", "search", [[["model", "=", "res.partner"]]])
        field = {"model_id": model, "name": "x_later", "ttype": "char", "field_description": "Later"}
        self.ask(sandbox, "ir.model.fields", "create", [[field]])

    def writes(self, request: Json) -> bool:
        model, _, method = (request["operation"] or "").rpartition(".")
        return bool(method) and method not in READS and model != "base.automation"

    def kept(self, row: Json, *lost: str) -> Json:
        return comparing.filled(super().kept(row, *lost))

    def about(self, write: str, kind: str) -> bool:
        return f" {self.objects[kind]}." in write

    def wrong_key(self, key: str) -> str:
        return "0" * len(key)

    def ask(self, sandbox: Sandbox, model: str, method: str, args: list[Any]) -> Any:
        """One call, as a person with the administrator's key would make it."""
        params = {
            "service": "object",
            "method": "execute_kw",
            "args": ["odoo", ADMIN, sandbox.token, model, method, args],
        }
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        answer = sandbox.ask("POST", "/jsonrpc", body)
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer["result"]
