"""Who may ask: whoever gives the one key of the tenant in the query (seen in vendor code and all clients).

Assumed: who does not is led to the login page, which comes with status 200. What would change the tenant is
refused here, so that a test sees it; the real API would do it.
"""

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

TOKEN = "Tenant;JSON|API[key!]/0001+demo"  # noqa: S105 - made up; real keys hold such signs
"""The key of every sandbox."""

_LOGIN = """<!DOCTYPE html>
<html><head><title>Login</title></head>
<body><form method="post" action="/auth/login"><input name="username"><input name="password"></form>
</body></html>
"""


class Access:
    """Lets a request through to the API if it is a GET and carries the key."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the login page or 405, or pass the request on."""
        request = Request(scope)
        if request.query_params.get("preshared_token") != TOKEN:
            await HTMLResponse(_LOGIN)(scope, receive, send)
        elif request.method != "GET":
            refusal = JSONResponse({"success": 0, "message": "the sandbox takes no changes"}, 405)
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)
