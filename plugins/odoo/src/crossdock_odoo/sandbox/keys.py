"""Passwords and API keys. The key of the administrator is the sandbox's token; every other user has a key
made from it and the login, which `POST /_seed` answers."""

import hashlib
import hmac

from crossdock_odoo.sandbox.environment import ADMIN, Database

TOKEN = "token"  # noqa: S105 - the name of a setting


def key_of(db: Database, login: str) -> str:
    """The API key of a user."""
    token = db.store.setting(TOKEN) or ""
    made = hmac.new(token.encode(), login.encode(), hashlib.sha1).hexdigest()
    return token if login == str(db.store.rows["res.users"].get(ADMIN, {}).get("login")) else made


def accepts(db: Database, uid: int, secret: str) -> bool:
    """Whether this is the password or the key of an active user."""
    row = db.store.rows["res.users"].get(uid)
    if row is None or not row.get("active") or not secret:
        return False
    known = [key_of(db, str(row["login"])), str(row.get("password") or "")]
    return any(one and hmac.compare_digest(one.encode(), secret.encode()) for one in known)


def owner_of(db: Database, secret: str) -> int:
    """The user whose API key this is; 0 if it is nobody's."""
    for uid, row in db.store.rows["res.users"].items():
        if row.get("active") and hmac.compare_digest(key_of(db, str(row["login"])).encode(), secret.encode()):
            return uid
    return 0
