"""What cannot move by itself, or has to be looked at before it moves: found when somebody first asks."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import overload

from crossdock.model import Artifact, ArtifactReport
from crossdock_ascora.accounting import accounting_report
from crossdock_ascora.attachments import Attachments
from crossdock_ascora.handoffs import Handoffs, Row
from crossdock_ascora.office import Office
from crossdock_ascora.people import records
from crossdock_ascora.wordforms import FormCode

NOT_EXAMINED = {
    "workflow": "the API does not show automations of a tenant",
    "robot": "the API does not show anything of the kind",
    "report": "the API does not list reports; their data are the tables that people export",
    "page": "the API does not show screens",
    "permission": "the API does not show rights",
    "enquiry": "the API makes enquiries but lists none; give a table",
    "task": "the API does not list tasks; give a table",
    "purchase_order": "the API does not list purchase orders; give a table",
    "timesheet": "the API does not list time sheets; give a table",
}


class Inventory(Sequence[ArtifactReport]):
    """The reports on all kinds of artifact."""

    def __init__(self, office: Office, attachments: Attachments | None, handoffs: Handoffs) -> None:
        self._office = office
        self._attachments = attachments
        self._handoffs = handoffs

    @overload
    def __getitem__(self, index: int) -> ArtifactReport: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ArtifactReport]: ...
    def __getitem__(self, index: int | slice) -> ArtifactReport | Sequence[ArtifactReport]:
        """One kind's report, or several."""
        return self._reports[index]

    def __len__(self) -> int:
        return len(self._reports)

    @cached_property
    def _reports(self) -> tuple[ArtifactReport, ...]:
        office, listed = self._office, self._handoffs.listed
        given = set(office.raw.tables.objects)
        rest = (
            ArtifactReport(kind, not_examined=why)
            for kind, why in NOT_EXAMINED.items()
            if not given & {kind, f"{kind}s", kind.replace("enquiry", "enquiries")}
        )
        what = ("what", "number", "id", "why")
        quotes = sorted(_loose_quotes(office))
        return (
            self._templates(),
            self._roles(),
            accounting_report(office, self._handoffs),
            self._kinds(),
            listed(
                "missing_site",
                "{n} jobs and quotes whose site is not there",
                what,
                sorted(missing_sites(office)),
            ),
            listed(
                "missing_customer",
                "{n} records whose billing customer is not there",
                what,
                sorted(missing_customers(office)),
            ),
            listed(
                "quote_without_job",
                "{n} quotes whose job is not known",
                ("number", "id", "status", "risk"),
                quotes,
            ),
            self._uploads(),
            listed(
                "form_answer",
                "{n} answers of forms whose job is not there",
                ("job", "form", "code", "why"),
                sorted(lost_answers(office)),
            ),
            listed(
                "text_repair",
                "{n} texts that were mended",
                ("what", "number", "id", "where"),
                list(_mended(office)),
            ),
            *rest,
        )

    def _templates(self) -> ArtifactReport:
        """Each Word template with the fields that it asks for."""
        kind = "word_template"
        if not self._office.settings.forms:
            return ArtifactReport(kind, not_examined="name the Word templates in `forms`")
        forms = self._office.custom.forms
        found = []
        for path in forms.paths:
            own = [code for code in forms.codes if any(_in(place, path.name) for place in code.places)]
            fields = [self._told(code) for code in own]
            found.append(Artifact(kind, path.name, id=path.name, details={"fields": fields}))
        return ArtifactReport(kind, tuple(found))

    def _told(self, code: FormCode) -> dict[str, object]:
        told: dict[str, object] = {"code": code.code, "what": code.control, "group": code.group}
        told["where"] = ", ".join(code.places)
        if code.group in ("custom", "input"):
            own = self._office.custom.of("jobs").get(code.field)
            told |= {"type": (own or code).type.value, "evidence": (own or code).evidence}
            told["becomes"] = own.field_name if own else "nothing: it is neither declared nor filled anywhere"
        if code.options:
            told["options"] = ", ".join(code.options)
        if code.suggestion:
            told["its name suggests"] = code.suggestion
        return told

    def _roles(self) -> ArtifactReport:
        """Roles with their people, as far as a table of users names them."""
        if not self._office.raw.has("users"):
            return ArtifactReport("role", not_examined="the API lists no users; give a table of them")
        held: dict[str, list[str]] = {}
        for row in records(self._office.raw, "users"):
            if row.text("role"):
                held.setdefault(row.text("role"), []).append(row.text("name") or row.key)
        roles = (Artifact("role", name, id=name, details={"people": who}) for name, who in held.items())
        return ArtifactReport("role", tuple(roles))

    def _kinds(self) -> ArtifactReport:
        """By what customers are persons or businesses, and each of whom that is a guess."""
        everybody = [c for c in self._office.customers.all.values() if not c.is_site]
        everybody.sort(key=lambda customer: (customer.number, customer.key))
        counts = Counter(f"{c.verdict.kind.lower()}: {c.verdict.evidence}" for c in everybody)
        rows = [
            _judged(c.number, c.facts.name, c.key, c.verdict.kind, c.verdict.evidence, c.verdict.sure)
            for c in everybody
        ]
        columns = ("number", "name", "id", "kind", "why", "sure")
        every = self._handoffs.table("customer_kinds", columns, rows)
        more: dict[str, object] = {"evidence": dict(counts.most_common()), "everybody": str(every or "")}
        unsure = [row for row in rows if row[5] == "guess"]
        return self._handoffs.listed(
            "customer_kind",
            "{n} customers of whom nothing says for sure what they are",
            columns,
            unsure,
            more,
        )

    def _uploads(self) -> ArtifactReport:
        kind = "attachment_to_upload"
        if self._attachments is None:
            why = "the API gives no attachments; give `attachments` with a folder or an index of them"
            return ArtifactReport(kind, not_examined=why)
        rows = [(one.key, "; ".join(one.reasons), "") for one in self._attachments.missing()]
        columns = ("attachment", "why it could not be had", "uploaded by hand (date, name)")
        return self._handoffs.listed(kind, "{n} attachments to be uploaded by hand", columns, rows)


def missing_sites(office: Office) -> Iterator[Row]:
    """Jobs and quotes whose site is not there, or not one."""
    return _missing(office, "site_customer")


def missing_customers(office: Office) -> Iterator[Row]:
    """Jobs and quotes whose billing customer is not there, or not one; sites without theirs."""
    yield from _missing(office, "billing_customer")
    for customer in office.customers.all.values():
        if customer.billing_problem:
            yield ("site", customer.number, customer.key, customer.billing_problem)


def _missing(office: Office, column: str) -> Iterator[Row]:
    for name, what in (("jobs", "job"), ("quotes", "quote")):
        for row in records(office.raw, name):
            problem = office.customers.finder.find(row.named(column)).problem
            if problem:
                yield (what, row.text("number"), row.key, problem)


def lost_answers(office: Office) -> Iterator[Row]:
    """Answers of forms that no job carries."""
    for row in records(office.raw, "form_answers"):
        named = row.named("about")
        problem = office.work.jobs.find(named).problem if named else "it names no job"
        if problem:
            number = (named.name or named.key) if named else ""
            yield (number, row.text("form"), row.text("code"), problem)


def _loose_quotes(office: Office) -> Iterator[Row]:
    """Quotes that led to no job that is known; a won one may be counted twice."""
    for paper in office.work.quotes.values():
        if not paper.job:
            won = paper.status.strip().lower() in ("won", "accepted")
            risk = "won, and its job is not known: its amount may count twice" if won else paper.problem
            yield (paper.number, paper.key, paper.status, risk)


def _mended(office: Office) -> Iterator[Row]:
    for name in office.raw.objects:
        for row in records(office.raw, name):
            for place, what in row.repairs.items():
                yield (name, row.text("number"), row.key, f"{place}: {what}")


def _judged(number: str, name: str, key: str, kind: str, why: str, sure: bool) -> Row:
    return (number, name, key, kind.lower(), why, "sure" if sure else "guess")


def _in(place: str, file: str) -> bool:
    return place == file or place.startswith(f"{file} (")
