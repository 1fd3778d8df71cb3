"""Twenty by plain HTTP: REST and GraphQL without the plugin."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote

from acceptance.destinations.base import Column, Destination, Made
from acceptance.destinations.twenty_rows import column, marks, neutral, of_column
from acceptance.platforms import Row

PLURALS = {
    "company": "companies",
    "person": "people",
    "opportunity": "opportunities",
    "task": "tasks",
    "note": "notes",
    "attachment": "attachments",
    "workspaceMember": "workspaceMembers",
    "project": "projects",
}


class Twenty(Destination):
    """A workspace. `all` and `ours` give its own rows by plural name, `rows` and `arrived` neutral ones."""

    objects_of: ClassVar[Mapping[str, str]] = {
        "company": "company",
        "person": "person",
        "deal": "opportunity",
        "task": "task",
        "project": "project",
        "event": "task",
        "email": "note",
        "message": "note",
        "attachment": "attachment",
        "user": "workspaceMember",
    }
    fields_of: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "company": {
            "name": "name",
            "website": "domainName",
            "phone": "phones",
            "revenue": "annualRevenue",
            "employees": "employees",
            "owner": "accountOwner",
        },
        "person": {"company": "company", "email": "emails"},
    }
    faults_of: ClassVar[Mapping[str, Row]] = {
        "create company": {"path": "/graphql|/rest/batch/companies", "body": "createCompanies|{value}"},
        "update company": {"path": "/graphql", "body": "updateCompany"},
        "trash company": {"path": "/graphql", "body": "deleteCompanies"},
        # By id, not by a match key: that is what is read back after a write.
        "read companies back": {
            "path": "/graphql",
            "body": '"id"[^}]*"in".*companies|companies.*"id"[^}]*"in"',
        },
    }

    def settings(self, variable: str) -> Row:
        return {"url": self.url, "key": f"env:{variable}"}

    # --- its own rows -----------------------------------------------------------------------------

    def all(self, plural: str, *, where: str = "") -> list[Row]:
        """Every live record of an object, page by page."""
        rows: list[Row] = []
        after = ""
        while True:
            path = f"/rest/{plural}?limit=200&depth=0"
            path += f"&filter={quote(where)}" if where else ""
            path += f"&starting_after={quote(after)}" if after else ""
            answer = self.ask("GET", path)
            rows += answer["data"][plural]
            page = answer["pageInfo"]
            if not page["hasNextPage"]:
                return rows
            after = page["endCursor"]

    def ours(self, plural: str, source_object: str) -> dict[str, Row]:
        """The records that came from a source object, by the key they have there (and the part)."""
        found: dict[str, Row] = {}
        for row in self.all(plural):
            origin = (row.get("crossdockKey") or "").partition(":")[2].partition("/")[2]
            owner, _, source_key = origin.partition("/")
            if owner == source_object:
                found[source_key] = row
        return found

    def graphql(self, path: str, query: str, **variables: Any) -> Any:
        """The data of a GraphQL query."""
        answer = self.ask("POST", path, {"query": query, "variables": variables})
        assert not answer.get("errors"), answer["errors"]
        return answer["data"]

    def objects(self) -> dict[str, Row]:
        """The schema: objects by singular name, `fields` by name."""
        found: dict[str, Row] = {}
        after = ""
        while True:
            path = "/rest/metadata/objects?limit=100" + (f"&starting_after={quote(after)}" if after else "")
            answer = self.ask("GET", path)
            for item in answer["data"]:
                found[item["nameSingular"]] = item | {"fields": {f["name"]: f for f in item["fields"]}}
            if not answer["pageInfo"]["hasNextPage"]:
                return found
            after = answer["pageInfo"]["endCursor"]

    # --- neutral rows -----------------------------------------------------------------------------

    def rows(self, kind: str) -> list[Row]:
        members = self._members()
        found = [neutral(kind, row, members) for row in self.all(PLURALS[self.objects_of[kind]])]
        if kind in ("task", "event", "email", "message"):
            about = self._about(self.objects_of[kind])
            for row in found:
                row |= {"about": sorted(about.get(row["id"], ())), "files": []}
        return found

    def _about(self, one: str) -> dict[str, list[str]]:
        """What each task or note is linked to."""
        found: dict[str, list[str]] = {}
        for row in self.all(f"{one}Targets"):
            ends = [value for name, value in row.items() if name.startswith("target") and value]
            found.setdefault(row[f"{one}Id"], []).extend(ends)
        return found

    def trash(self, kind: str) -> list[Row]:
        rows = self.dump()["records"][self.objects_of[kind]]["trash"]
        return [{"id": row["id"], "name": row["name"]} for row in rows]

    def made(self, label: str) -> Made:
        found = next(o for o in self.objects().values() if o["labelSingular"] == label)
        return Made(found["nameSingular"], {f["label"]: column(f) for f in found["fields"].values()})

    def made_rows(self, made: Made) -> list[Row]:
        members = self._members()
        plural = self.objects()[made.name]["namePlural"]
        return [
            {label: of_column(each, row, members) for label, each in made.fields.items()}
            | {"name": row.get("name")}
            | marks(row)
            for row in self.all(plural)
        ]

    def fields(self, kind: str) -> dict[str, Column]:
        found = self.objects()[self.objects_of[kind]]["fields"]
        return {field["label"]: column(field) for field in found.values()}

    def count(self, dump: Any, kind: str) -> int:
        return len(dump["records"][self.objects_of[kind]]["live"])

    def has(self, object_name: str) -> bool:
        return object_name in self.objects()

    def content(self, attachment: Row) -> bytes:
        (stored,) = attachment["file"]
        return self.fetch(stored["url"])

    def _members(self) -> dict[str, str]:
        """E-mails of the members by their id."""
        return {row["id"]: row["userEmail"] for row in self.all("workspaceMembers")}

    # --- what people do ---------------------------------------------------------------------------

    def make(self, kind: str, **values: Any) -> str:
        answer = self.ask("POST", f"/rest/{PLURALS[self.objects_of[kind]]}", self._wire(values))
        (made,) = answer["data"].values()
        return str(made["id"])

    def edit(self, kind: str, identifier: str, **values: Any) -> None:
        self.ask("PATCH", f"/rest/{PLURALS[self.objects_of[kind]]}/{identifier}", self._wire(values))

    def remove(self, kind: str, identifier: str) -> None:
        self.ask("DELETE", f"/rest/{PLURALS[self.objects_of[kind]]}/{identifier}?soft_delete=true")

    def destroy(self, kind: str, identifier: str) -> None:
        self.ask("DELETE", f"/rest/{PLURALS[self.objects_of[kind]]}/{identifier}")

    def invite(self, email: str) -> None:
        tokens = "{ tokens { accessOrWorkspaceAgnosticToken { token } } }"
        query = f'mutation {{ signIn(email: "a", password: "b") {tokens} }}'
        answer = self.graphql("/metadata", query)["signIn"]["tokens"]
        signed_in = replace(self, token=answer["accessOrWorkspaceAgnosticToken"]["token"])
        query = f'mutation {{ sendInvitations(emails: ["{email}"]) {{ success }} }}'
        assert signed_in.graphql("/metadata", query)["sendInvitations"]["success"]

    def account(self, email: str) -> None:
        """What the invited person does."""
        query = f'mutation {{ signUpInWorkspace(email: "{email}", password: "b") {{ workspace {{ id }} }} }}'
        self.graphql("/metadata", query)
        assert [row for row in self.all("workspaceMembers") if row["userEmail"] == email]

    def _wire(self, values: Mapping[str, Any]) -> Row:
        """Neutral values as the REST interface takes them."""
        found: Row = {}
        for name, value in values.items():
            if name == "owner":
                found["accountOwnerId"] = next(m for m, email in self._members().items() if email == value)
            else:
                found |= WIRE[name](value)
        return found

    # --- the request log --------------------------------------------------------------------------

    def written(self, log: Sequence[Row], kind: str = "") -> list[Row]:
        return written(log, PLURALS[self.objects_of[kind]] if kind else "")

    def trashing(self, log: Sequence[Row]) -> list[Row]:
        return [entry for entry in log if "delete" in (entry["operation"] or "")]

    def shaped(self, log: Sequence[Row]) -> list[Row]:
        return [e for e in log if e["operation"] in ("createOneObject", "createOneField", "updateOneField")]

    def changing(self, log: Sequence[Row]) -> list[Row]:
        writing = ("mutation", "create", "update", "delete", "destroy", "restore", "upsert", "upload")
        return [
            entry
            for entry in log
            if not entry["path"].startswith("/_sandbox")
            and entry["method"] not in ("GET", "HEAD")
            and (
                entry["path"] not in ("/graphql", "/metadata")
                or (entry["operation"] or "").lower().startswith(writing)
            )
        ]

    # --- the dump ---------------------------------------------------------------------------------

    def settled(self, dump: Any) -> Any:
        """Timeline rows of records that were there before, the counters of side effects, and who changed a
        restored record when, are left out."""
        kept = {name: value for name, value in dump.items() if name != "effects"}
        kept["records"] = {n: rows for n, rows in dump["records"].items() if n != "timelineActivity"}
        for rows in kept["records"].values():
            for row in [*rows["live"], *rows["trash"]]:
                row.pop("updatedAt", None)
                row.pop("updatedBy", None)
        return kept

    def records(self, dump: Any) -> Any:
        return {name: rows for name, rows in dump["records"].items() if not name.startswith("workflow")}


WIRE: dict[str, Callable[[Any], Row]] = {
    "name": lambda value: {"name": value},
    "website": lambda value: {"domainName": {"primaryLinkUrl": value}},
    "street": lambda value: {"address": {"addressStreet1": value}},
    "employees": lambda value: {"employees": value},
    "email": lambda value: {"emails": {"primaryEmail": value}},
}


def written(log: Sequence[Row], plural: str = "") -> list[Row]:
    """The requests of a log that write records (of one object), in order.

    Changes of the schema are none, nor is what switches workflows off and on.
    """
    found = []
    for entry in log:
        if entry["path"].startswith("/rest/metadata") or entry["method"] not in (
            "POST",
            "PATCH",
            "PUT",
            "DELETE",
        ):
            continue
        operation = (entry["operation"] or "").lower()
        if entry["path"] == "/graphql" and operation.startswith(
            ("create", "update", "delete", "destroy", "restore")
        ):
            if "automatedtrigger" in operation:
                continue
            name = operation.removeprefix("create").removeprefix("update")
        elif entry["path"].startswith("/rest/"):
            name = entry["path"].removeprefix("/rest/").removeprefix("batch/").partition("/")[0].lower()
        else:
            continue
        if not plural or name == plural.lower():
            found.append(entry)
    return found
