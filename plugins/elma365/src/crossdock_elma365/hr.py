"""What discover says of HR documents (KEDO) and of signatures: where they are, and how many."""

from collections.abc import Iterator

from crossdock.model import Artifact, ArtifactReport
from crossdock_elma365.client import AnswerError, Read
from crossdock_elma365.company import Company
from crossdock_elma365.schema import Application
from crossdock_elma365.signatures import is_signature, signature_fields

NAMESPACES = (
    "kedo",
    "kedo_ext",
    "personnel_documents",
    "absences",
    "absences_ext",
    "business_trips",
    "time_tracking",
)
"""Where the vendor's HR solution keeps its applications (seen in an export of it)."""

_PURPOSE = (
    "Files and data of a signature move, what makes it hold does not: it can be verified only where it was"
    " made. Keep the originals there, or with the operator, as long as the law asks for."
)


def signature_report(company: Company) -> ArtifactReport:
    """Artifacts of kind `signature`: one for each application whose records hold any, with their number."""
    try:
        return ArtifactReport("signature", tuple(_signatures(company)))
    except AnswerError as error:
        return ArtifactReport("signature", not_examined=error.message)


def hr_notes(company: Company) -> tuple[str, ...]:
    """A sentence about the HR applications, none if there are none."""
    names = [name for name in company.names() if name.partition(".")[0] in NAMESPACES]
    if not names:
        return ()
    return (
        f"HR documents: {', '.join(names)}. Their files and signature files move with their data; the"
        " signatures cannot be verified there.",
    )


def _signatures(company: Company) -> Iterator[Artifact]:
    for app in company.applications():
        fields = signature_fields(app)
        if not fields and not is_signature(app):
            continue
        records = company.listing(app).count() if is_signature(app) else _signed(company, app, list(fields))
        if records:
            details = {"records": records, "fields": list(fields.values()), "where": app.name}
            yield Artifact("signature", app.label, app.name, details=details | {"purpose": _PURPOSE})


def _signed(company: Company, app: Application, codes: list[str]) -> int:
    """How many live records have a value in any of these fields."""
    filled = [{"not": {"eq": [{"field": code}, None]}} for code in codes]
    body = {"active": True, "from": 0, "size": 1, "filter": {"or": filled}}
    return company.client.page(Read.ITEMS, body, namespace=app.namespace, code=app.code)[1]
