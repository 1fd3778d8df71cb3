"""Groups and roles as records, and the users who are in them."""

from collections.abc import Callable
from typing import Any

import httpx2

from crossdock.filestore import FileStore
from crossdock.values import Reference
from crossdock_elma365.source import Elma365Source

Make = Callable[..., Elma365Source]
SALES = {"__id": "g1", "__name": "Отдел продаж", "code": "sales", "isRole": True}


def with_groups(company: Any, *rows: dict[str, Any]) -> None:
    def change(path: str, answer: Any) -> Any:
        if path.endswith("/scheme/groups/list"):
            return {"success": True, "error": "", "result": {"result": list(rows), "total": len(rows)}}
        return answer

    company.change = change


def test_groups_and_roles_are_records(make_source: Make, company: Any, store: FileStore) -> None:
    with_groups(company, SALES)

    (batch,) = make_source().extract("_system.groups", None, None, store)

    (record,) = batch.records
    assert record.key == "g1"
    assert (record.values["__name"], record.values["code"], record.values["is_role"]) == (
        "Отдел продаж",
        "sales",
        True,
    )


def test_a_user_refers_to_his_groups(make_source: Make, company: Any, store: FileStore) -> None:
    company.users = [{"__id": "u1", "__name": "Анна", "groupIds": ["g1", "g2"]}]

    (batch,) = make_source().extract("_system.users", None, None, store)

    assert batch.records[0].values["groups"] == tuple(Reference("_system.groups", g) for g in ("g1", "g2"))


def test_groups_that_the_token_may_not_see_are_left_out(make_source: Make, company: Any) -> None:
    company.change = lambda path, answer: (
        httpx2.Response(404, text="not here") if path.endswith("/scheme/groups/list") else answer
    )

    assert make_source().discover().object("_system.groups") is None
