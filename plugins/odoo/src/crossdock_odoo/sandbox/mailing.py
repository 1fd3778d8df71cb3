"""E-mails that would have been sent, counted instead (which calls send was measured with a mail sink)."""

from collections.abc import Iterable
from typing import Any

from crossdock_odoo.sandbox.environment import Env

PREFIX = "mail "


def send(env: Env, partners: Iterable[int], subject: str, *, kept: bool = True) -> None:
    """Count one e-mail to each partner that has an address and is not the sender.

    With `POST /_seed {"smtp": false}` no mail server can be reached: nothing is counted, and the mail stays
    in `mail.mail` as failed, if it is `kept` there (an invitation is not, measured).
    """
    for key in partners:
        to = env.row("res.partner", key).get("email")
        if env.db.store.setting("smtp") != "refused":
            if to:
                env.store.count(f"{PREFIX}{to}: {subject}")
        elif kept:
            stamps = {
                "create_uid": env.uid,
                "create_date": env.now,
                "write_uid": env.uid,
                "write_date": env.now,
            }
            message = env.store.next_id("mail.message")
            env.store.put(
                "mail.message", message, {"subject": subject, "message_type": "email_outgoing"} | stamps
            )
            row: dict[str, Any] = {
                "state": "exception",
                "failure_reason": "111\nConnection refused",
                "recipient_ids": [key],
            }
            row |= {"mail_message_id": message} | stamps
            env.store.put("mail.mail", env.store.next_id("mail.mail"), row)


def queue(env: Env, to: str, subject: str) -> None:
    """Leave an e-mail to an address in the queue: nothing is sent until the queue is worked off."""
    stamps = {"create_uid": env.uid, "create_date": env.now, "write_uid": env.uid, "write_date": env.now}
    message = env.store.next_id("mail.message")
    head = {"subject": subject, "message_type": "email_outgoing", "author_id": sender(env) or None}
    env.store.put("mail.message", message, {n: v for n, v in head.items() if v} | stamps)
    row = {"state": "outgoing", "email_to": to, "auto_delete": True, "mail_message_id": message}
    env.store.put("mail.mail", env.store.next_id("mail.mail"), row | stamps)


def partner_of(env: Env, uid: int | None) -> int:
    """The partner of a user; 0 if there is none."""
    return int(env.row("res.users", uid or 0).get("partner_id") or 0)


def sender(env: Env) -> int:
    """The partner of the caller."""
    return partner_of(env, env.uid)


def address(env: Env, partner: int) -> str | None:
    """Name and address of a partner as a sender."""
    row = env.row("res.partner", partner)
    to = row.get("email_normalized") or row.get("email")
    return f'"{row.get("name", "")}" <{to}>' if to else None
