"""Definitions of the demo company's processes: an approval, and one that has a robot fill in a lead."""

from crossdock_elma365.sandbox.bpm import definition
from crossdock_elma365.sandbox.fields import Json


def approval() -> Json:
    """The approval of a shipment: a check by script, a gateway, an approval, a notification."""
    over = {"a": {"kind": "context", "value": "limit"}, "operation": "more", "b": {"value": 100_000}}
    return definition(
        "approve",
        [
            ("script", "Проверка лимита", "Инициатор", {}),
            ("approval_list_process", "Согласовать отгрузку", "Директор", {}),
            ("notification", "Сообщить складу", "Директор", {}),
        ],
        {2: over},
        context=[{"code": "limit", "type": "MONEY", "view": {"name": "Лимит"}}],
        # A script as careless as real ones are: its token must never leave the sandbox's answers.
        scripts="async function check() {\n  return call({token: 'demo-0123456789abcdef'});\n}\n",
        applicationLink=True,
    )


def lead() -> Json:
    """The handling of a lead: a robot looks up the requisites, a mailing goes out, a person calls."""
    return definition(
        "lead_to_deal",
        [
            ("rpa", "Найти реквизиты", "Отдел продаж", {"robot": {"id": "rpa-7", "name": "Реквизитор"}}),
            ("send_mail", "Отправить предложение", "Отдел продаж", {}),
            ("user", "Позвонить", "Отдел продаж", {}),
        ],
        {},
    )
