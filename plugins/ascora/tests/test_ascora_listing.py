"""Lists are read whole although nothing says in which order they come."""

from typing import Any

import pytest

from crossdock.errors import ContractError
from crossdock_ascora.client import AscoraClient
from crossdock_ascora.listing import read_list


def rows(*ids: str) -> list[dict[str, Any]]:
    return [{"jobId": one, "jobNumber": one.upper()} for one in ids]


def test_all_pages_are_read_and_given_in_the_order_of_ids(client: AscoraClient, tenant: Any) -> None:
    tenant.list("/Jobs/Jobs", rows("d", "b", "a", "c", "e"))

    spool = read_list(client, "jobs", 2)

    assert [key for key, _ in spool.rows()] == ["a", "b", "c", "d", "e"]
    assert [row["jobNumber"] for _, row in spool.rows()] == ["A", "B", "C", "D", "E"]
    spool.close()


def test_every_status_and_every_section_is_asked_for(client: AscoraClient, tenant: Any) -> None:
    tenant.list("/Jobs/Jobs", rows("a"))

    read_list(client, "jobs", 2).close()

    asked = dict(tenant.requests[0].url.params)
    assert (asked["JobStatus"], asked["IncludeChildJobs"]) == ("ALL", "true")


def test_an_empty_list_says_that_it_has_no_pages(client: AscoraClient, tenant: Any) -> None:
    tenant.answers["/Jobs/Jobs"] = {"success": True, "results": [], "totalPages": 0, "totalRecords": 0}

    assert len(read_list(client, "jobs", 2)) == 0
    assert len(tenant.requests) == 1


def test_rows_that_move_between_pages_are_found_in_a_second_reading(
    client: AscoraClient, tenant: Any
) -> None:
    orders = [["a", "b", "c", "d"], ["b", "c", "a", "d"], ["a", "b", "c", "d"], ["a", "b", "c", "d"]]
    served: list[int] = []

    def page(query: dict[str, str]) -> dict[str, Any]:
        order = orders[min(len(served), 3)]
        served.append(1)
        number = int(query["Page"])
        part = rows(*order[(number - 1) * 2 : number * 2])
        return {"success": True, "results": part, "totalPages": 2, "totalRecords": "4"}

    tenant.answers["/Jobs/Jobs"] = page

    assert [key for key, _ in read_list(client, "jobs", 2).rows()] == ["a", "b", "c", "d"]
    assert len(served) == 4


def test_a_list_that_never_gives_what_it_counts_stops(client: AscoraClient, tenant: Any) -> None:
    answer = {"success": True, "results": rows("a"), "totalPages": 1, "totalRecords": 3}
    tenant.answers["/Jobs/Jobs"] = answer

    with pytest.raises(ContractError, match="counts 3 records, but its list gave 1"):
        read_list(client, "jobs", 2)


def test_rows_without_an_id_are_told_apart(client: AscoraClient, tenant: Any) -> None:
    tenant.list("/Jobs/Jobs", [{"jobNumber": "J1"}, {"jobNumber": "J2"}])

    assert len(read_list(client, "jobs", 2)) == 2
