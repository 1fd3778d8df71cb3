"""Labour of jobs, one request a job. The shape of the answer is not settled: several are taken.

Off by default. What it gives becomes line items of the kind `labour`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crossdock.errors import ContractError
from crossdock_ascora.client import AnswerError, AscoraClient, Read
from crossdock_ascora.listing import Spool

Json = Mapping[str, Any]

LABOUR = "job_lines"


def labour_rows(client: AscoraClient, jobs: Iterable[Json]) -> Spool:
    """The labour of all jobs as lines: key `{job}/{place}`."""
    spool = Spool()
    for job in jobs:
        number, key = str(job.get("jobNumber") or "").strip(), str(job.get("jobId") or "")
        if not (number and key):
            continue
        try:
            answer = client.one(Read.JOB_LABOUR, number)
        except AnswerError:
            continue  # a job without labour may be answered as one that is not found (assumed)
        for place, row in enumerate(entries(answer), start=1):
            spool.add(f"{key}/{place}", _line(row, key, place))
    return spool


def entries(answer: Json | list[Any]) -> Iterator[Json]:
    """The entries of an answer, whichever of the known shapes it has. Raises ContractError for another."""
    found: Any = answer if isinstance(answer, list) else answer.get("jobLabours", answer.get("results"))
    if isinstance(found, Mapping) and "jobLabour" in found:
        found = found["jobLabour"]
    if isinstance(found, Mapping):
        found = [found]
    if found is None:
        return
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise ContractError(
            "Ascora answered labour of a job in an unknown shape.", hint="Set job_labour: false."
        )
    yield from found


def _line(row: Json, job: str, place: int) -> Json:
    """An entry in the words of a line; the rest of it stands in the description."""
    chargeable = "" if row.get("isChargeable", True) else "not chargeable"
    said = [row.get("roleName"), row.get("startDate"), chargeable]
    return {
        "document": job,
        "line": place,
        "description": ", ".join(str(word) for word in said if word),
        "quantity": row.get("numberOfHours"),
        "unitAmountExTax": row.get("hourlyRateExTax"),
        "amountExTax": row.get("totalAmountExTax"),
        "invoiceLineType": "labour",
    }
