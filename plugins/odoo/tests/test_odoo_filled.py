"""What the server fills in a new record is known to be its own: nobody takes it for people's work."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from crossdock.equality import is_blank
from crossdock.model import TargetRecord

DUE = {"date_deadline": date(2026, 1, 1), "user_id": "2"}


def made(stand: Any, name: str, values: Mapping[str, Any]) -> TargetRecord:
    """A record with these values, and beside a contact, if it lies with one."""
    owner = stand.made("res.partner", "owner", {"name": "Owner"}).target_id
    record: TargetRecord = stand.made(
        name, "1", {k: owner if k.startswith("on_") else v for k, v in values.items()}
    )
    return record


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("res.partner", {"name": "Firm", "is_company": True}),
        ("res.partner", {"name": "Person"}),
        ("res.users", {"name": "Olga", "login": "olga@x.example"}),
        ("crm.lead", {"name": "Lead", "type": "lead"}),
        ("crm.lead", {"name": "Deal", "type": "opportunity", "user_id": "2"}),
        ("crm.stage", {"name": "Stage"}),
        ("project.project", {"name": "Project"}),
        ("project.task", {"name": "Task"}),
        ("hr.employee", {"name": "Employee"}),
        ("ir.attachment", {"on_res.partner": "", "name": "a link", "type": "url", "url": "http://x.example"}),
        ("mail.message", {"on_res.partner": "", "body": "<p>hello</p>"}),
        ("mail.activity", {"on_res.partner": "", "summary": "call", **DUE}),
    ],
)
def test_no_field_that_the_server_fills_looks_like_peoples_work(
    stand: Any, name: str, values: Mapping[str, Any]
) -> None:
    record = made(stand, name, values)
    schema, held = stand.odoo._schemas.schema(name), stand.values(record)

    plain = [f for f in schema.fields if not (f.read_only or f.filled or f.name in values)]
    found = {f.name: held.get(f.name) for f in plain if not is_blank(held.get(f.name), f)}

    assert {n: value for n, value in found.items() if value != record.external_id} == {}
