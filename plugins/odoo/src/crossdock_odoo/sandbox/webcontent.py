"""`/web/content/<id>?access_token=...`: a file without a session (measured: else 404, also with a key)."""

import hmac

from starlette.requests import Request
from starlette.responses import Response

from crossdock_odoo.sandbox.attachments import MODEL, bytes_of
from crossdock_odoo.sandbox.environment import Database, Env
from crossdock_odoo.sandbox.pages import not_found


def answer(db: Database, request: Request) -> Response:
    """The file, 304 when the client has it already, or 404."""
    key = int(request.path_params["key"])
    with db.store.lock:
        env = Env.of(db, 1).sudo()
        row = env.row(MODEL, key)
        token = str(row.get("access_token") or "")
        given = request.query_params.get("access_token", "")
        if not row.get("public") and not (token and hmac.compare_digest(token.encode(), given.encode())):
            return not_found()
        content = bytes_of(env, key)
    tag = f'"{row.get("checksum", "")}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    headers = {"ETag": tag}
    if request.query_params.get("download"):
        headers["Content-Disposition"] = "attachment"
    return Response(content, headers=headers, media_type=str(row.get("mimetype")))
