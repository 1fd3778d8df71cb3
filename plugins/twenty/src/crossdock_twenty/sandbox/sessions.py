"""Signing in as a person: what it takes to make a workspace and a key (measured), and invitations.

A sandbox has one workspace, so a new one is never made: the calls answer with the one there is
(assumed). An invitation would send a mail: it is only counted.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson

from crossdock_twenty.sandbox.accounts import forbidden_resource, roles, session_only
from crossdock_twenty.sandbox.clock import stamp
from crossdock_twenty.sandbox.errors import RefusalError
from crossdock_twenty.sandbox.rows import insert, read
from crossdock_twenty.sandbox.signing import read_token, token
from crossdock_twenty.sandbox.workspace import Workspace

Arguments = Mapping[str, Any]
OPEN = frozenset({"signIn", "getAuthTokensFromLoginToken", "signUpInWorkspace"})
_INVITED = "invited"  # the setting that holds the addresses
_DAY = 24 * 3600


def session_token(ws: Workspace, kind: str = "ACCESS", days: float = 1, **more: Any) -> dict[str, Any]:
    """A signed token of a person, and when it ends."""
    ends = ws.clock.now() + days * _DAY
    payload = {"sub": ws.id, "type": kind, "workspaceId": ws.id, "exp": int(ends)} | more
    at = stamp(datetime.fromtimestamp(ends, UTC))
    return {"token": token(ws.secret, payload), "expiresAt": at}


def is_session(ws: Workspace, text: str) -> bool:
    """Whether the bearer token is a person's and not a key."""
    payload = read_token(ws.secret, text)
    return payload is not None and payload.get("type") == "ACCESS"


def is_member(ws: Workspace, text: str) -> bool:
    """Whether a person's token is for this workspace: signing in alone gives one for none (measured)."""
    return bool((read_token(ws.secret, text) or {}).get("member"))


def sign_in(ws: Workspace, args: Arguments) -> Any:
    """signIn: any person and password will do."""
    del args
    return {
        "availableWorkspaces": {"availableWorkspacesForSignIn": []},
        "tokens": {"accessOrWorkspaceAgnosticToken": session_token(ws)},
    }


def sign_up(ws: Workspace, args: Arguments) -> Any:
    """signUpInNewWorkspace."""
    del args
    urls = {"subdomainUrl": f"{ws.base_url}/", "customUrl": None}
    return {
        "loginToken": session_token(ws, "LOGIN", 1 / 96),
        "workspace": {"id": ws.id, "workspaceUrls": urls},
    }


def exchange(ws: Workspace, args: Arguments) -> Any:
    """getAuthTokensFromLoginToken. Raises RefusalError for a foreign token."""
    payload = read_token(ws.secret, str(args.get("loginToken")))
    if payload is None or payload.get("type") != "LOGIN":
        raise forbidden_resource()
    access = session_token(ws, member=True)
    return {
        "tokens": {"accessOrWorkspaceAgnosticToken": access, "refreshToken": session_token(ws, "REFRESH", 60)}
    }


def activate(ws: Workspace, args: Arguments) -> Any:
    """activateWorkspace: it is active from the start."""
    name = (args.get("data") or {}).get("displayName") or ws.store.setting("name") or "Contract"
    return {"id": ws.id, "activationStatus": "ACTIVE", "displayName": name}


def create_key(ws: Workspace, args: Arguments) -> Any:
    """createApiKey, for a person only; its token is made by the next call."""
    if not ws.session:
        session_only(ws, args)
    given, now, key = args["input"], ws.clock.stamp(), str(uuid4())
    sql = "INSERT INTO api_key (id, name, token, created) VALUES (?, ?, ?, ?)"
    ws.store.run(sql, (key, given["name"], key, now))
    role = next((r for r in roles(ws, args) if r["id"] == given.get("roleId")), roles(ws, args)[0])
    ends = str(given["expiresAt"])
    values = {"id": key, "name": given["name"], "expiresAt": ends, "revokedAt": None}
    return values | {"createdAt": now, "updatedAt": now, "role": role}


def key_token(ws: Workspace, args: Arguments) -> Any:
    """generateApiKeyToken: shown this once."""
    if not ws.session:
        session_only(ws, args)
    key = str(args["apiKeyId"])
    claims = {"sub": ws.id, "type": "API_KEY", "workspaceId": ws.id, "jti": key, "exp": 4070908800}
    text = token(ws.secret, claims)
    if not ws.store.run("UPDATE api_key SET token = ? WHERE id = ?", (text, key)):
        raise RefusalError("API key not found", extensions={"code": "NOT_FOUND"})
    return {"token": text}


def invite(ws: Workspace, args: Arguments) -> Any:
    """sendInvitations: forbidden to keys; for a person it counts the mails that would leave."""
    if not ws.session:
        raise forbidden_resource()
    emails = [str(email) for email in args.get("emails") or ()]
    known = orjson.loads(ws.store.setting(_INVITED) or "[]")
    ws.store.set_setting(_INVITED, orjson.dumps([*known, *emails]).decode())
    ws.store.count("mail invitation", len(emails))
    ends = stamp(datetime.fromtimestamp(ws.clock.now() + 30 * _DAY, UTC))
    made = [{"id": str(uuid4()), "email": email, "expiresAt": ends} for email in emails]
    return {"success": True, "errors": [], "result": made}


def join(ws: Workspace, args: Arguments) -> Any:
    """signUpInWorkspace: somebody who was invited accepts, and is a member from then on.

    Assumed: the personal token of the invitation is not asked for, and the member has no name yet.
    """
    email = str(args.get("email"))
    if email not in orjson.loads(ws.store.setting(_INVITED) or "[]"):
        raise forbidden_resource()
    members = ws.catalog.by_name["workspaceMember"]
    first = ws.store.value("SELECT id FROM record WHERE object = ? ORDER BY position", (members.id,))
    known = read(ws, members, [first])[first]
    rest = {"id": str(uuid4()), "userId": str(uuid4()), "userEmail": email, "name": {}}
    now = ws.clock.stamp()
    insert(ws, members, [known | rest | {"createdAt": now, "updatedAt": now}])
    return sign_up(ws, args)
