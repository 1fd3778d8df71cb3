"""Twenty as the house's tests see it."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from tests import canonical as comparing
from tests.there import BEFORE, BETWEEN, Dump, Kill, Place, There

from crossdock.testing.sandboxes import Json, Sandbox

OBJECT, FIELD, UPDATE = {"body": "createOneObject"}, {"body": "createOneField"}, {"body": "updateOneField"}
UPLOAD, COMPLETE = {"body": "createFileUpload"}, {"body": "completeFileUpload"}
ATTACHMENTS = {"path": "/rest/batch/attachments"}
COMPANIES, PEOPLE = {"path": "/rest/batch/companies"}, {"path": "/rest/batch/people"}
UPDATES = ("create", "update", "delete", "destroy", "restore", "complete")
PLURALS = {"company": "companies", "person": "people", "task": "tasks", "link": "taskTargets"}


class Twenty(There):
    """A Twenty workspace."""

    platform = "twenty"
    settings: ClassVar[Mapping[str, Any]] = {"calls_per_minute": 100_000, "batch_size": 8}
    objects: ClassVar[Mapping[str, str]] = {
        "company": "company",
        "person": "person",
        "task": "task",
        "link": "taskTarget",
        "part": "parts",
        "member": "workspaceMember",
    }
    columns: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "company": {"owner": "accountOwnerId"},
        "person": {"title": "jobTitle", "company": "companyId"},
        "part": {"parent": "parentId", "maker": "makerId"},
        "link": {"person": "targetPersonId"},
        "member": {"mail": "userEmail"},
    }

    provision = (
        Kill(OBJECT, 0, BEFORE),
        Kill(OBJECT, 0),
        Kill(FIELD, 5, BEFORE),
        Kill(FIELD, 12),
        Kill(FIELD, 24),
        Kill(UPDATE, 0, BEFORE),
        Kill(UPDATE, 1),
    )
    load = (
        Kill(COMPANIES, 0),
        Kill(COMPANIES, 1),
        Kill({"body": "updateCompany"}, 0),
        Kill(PEOPLE, 1),
        Kill({"path": "/rest/batch/tasks"}, 1),
        Kill({"path": "/rest/batch/partses"}, 2),
    )
    files = (
        Kill(UPLOAD, 1, BEFORE),
        Kill(UPLOAD, 0),
        Kill({"path": "/file-upload/"}, 2, BEFORE),
        Kill({"path": "/file-upload/"}, 1),
        Kill(COMPLETE, 0),
        Kill(ATTACHMENTS, 3, BEFORE),
        Kill(ATTACHMENTS, 2),
    )
    second_pass = tuple(
        Kill({"body": "updateParts"}, skip, kind)
        for kind, skip in ((BEFORE, 0), (BETWEEN, 0), (BEFORE, 9), (BETWEEN, 10), (BETWEEN, 17))
    )
    rollback = (
        Kill({"body": "destroyPartses"}, 0),
        Kill({"body": "destroyPeople"}, 0, BEFORE),
        Kill({"body": "destroyTasks"}, 0),
        Kill({"body": "updateCompany"}, 0, BEFORE),
        Kill({"body": "updateCompany"}, 0),
        Kill({"body": "destroyCompanies"}, 0),
        Kill({"body": "deleteOneField"}, 3, BEFORE),
        Kill({"body": "deleteOneField"}, 9),
        Kill({"body": "deleteOneObject"}, 0),
    )
    removal: ClassVar[Mapping[str, Place]] = {
        "trash": {"body": "deletePeople"},
        "destroy": {"body": "destroyPeople"},
    }
    midway = Kill(FIELD, 8)
    three = (Kill(FIELD, 2), Kill(PEOPLE), Kill(ATTACHMENTS, 1, BEFORE))
    people: ClassVar[Place] = {"method": "POST", **PEOPLE}
    second_batch = Kill(COMPANIES, 1)
    updates: ClassVar[Place] = {"method": "POST", "body": "updateParts"}
    codec: ClassVar[Mapping[str, str]] = {
        "a digit": "weight",
        "day and month": "contractDate",
        "cut at 255": "about",
        "micros": "annualRevenue",
        "currency": "annualRevenue",
        "a neighbour's e-mail": "email",
    }
    grave = "currency"
    revoked: ClassVar[Place] = {
        "kind": "status",
        "status": 401,
        "text": '{"statusCode":401,"error":"UnauthorizedException","messages":["This API Key is revoked"]}',
        "headers": {"content-type": "application/json"},
        "path": "/rest/batch/tasks|/graphql",
        "skip": 8,
        "times": None,
    }
    made_again = frozenset({"updatedAt", "updatedBy", "position", "searchVector"})
    restored = ("updatedAt", "updatedBy")
    unchanged = 82
    skipped = 20 + 12  # contacts without a second company, tasks without a second performer

    def canonical(self, dump: Dump) -> Dump:
        return comparing.canonical(dump)

    def undone(self, dump: Dump) -> Dump:
        return comparing.undone(dump)

    def raw(self, dump: Dump, kind: str, *, trash: bool) -> list[Json]:
        found: list[Json] = dump["records"][self.objects[kind]]["trash" if trash else "live"]
        return found

    def external_id(self, row: Json) -> str:
        return row.get("crossdockKey") or ""

    def change(self, sandbox: Sandbox, kind: str, row: Json, values: Mapping[str, Any]) -> None:
        sandbox.ask("PATCH", f"/rest/{PLURALS[kind]}/{quote(row['id'])}", dict(values))

    def remove(self, sandbox: Sandbox, kind: str, row: Json, *, trash: bool) -> None:
        query = "?soft_delete=true" if trash else ""
        sandbox.ask("DELETE", f"/rest/{PLURALS[kind]}/{row['id']}{query}")

    def copy(self, sandbox: Sandbox, kind: str, row: Json) -> str:
        kept = {"person": ("name", "companyId"), "link": ("taskId", "targetCompanyId", "targetPersonId")}
        values = {name: row[name] for name in (*kept[kind], "crossdockKey") if name in row}
        answer = sandbox.ask("POST", f"/rest/{PLURALS[kind]}", values)["data"]
        name = self.objects[kind]
        return str(answer[f"create{name[0].upper()}{name[1:]}"]["id"])

    def free(self, sandbox: Sandbox, dump: Dump, person: Json) -> None:
        for link in self.rows(dump, "link"):
            if link["person"] == person["id"]:
                self.remove(sandbox, "link", link, trash=False)

    def extend(self, sandbox: Sandbox) -> None:
        answer = sandbox.ask("GET", "/rest/metadata/objects?limit=100")["data"]
        company = next(o for o in answer if o["nameSingular"] == "company")
        field = {"objectMetadataId": company["id"], "type": "TEXT", "name": "later", "label": "Later"}
        sandbox.ask("POST", "/rest/metadata/fields", field)

    def writes(self, request: Json) -> bool:
        operation = request["operation"] or ""
        if "AutomatedTrigger" in operation:
            return False
        return (
            request["method"] in ("PATCH", "PUT", "DELETE")
            or (request["method"] == "POST" and request["path"].startswith("/rest"))
            or operation.startswith(UPDATES)
        )

    def about(self, write: str, kind: str) -> bool:
        name = self.objects[kind]
        return PLURALS[kind] in write or name[0].upper() + name[1:] in write

    def wrong_key(self, key: str) -> str:
        head, claims, _ = key.split(".")
        return f"{head}.{claims}.{'0' * 40}"
