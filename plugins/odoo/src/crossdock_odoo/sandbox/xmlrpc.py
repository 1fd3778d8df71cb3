"""`/xmlrpc/2/*` and `/xmlrpc/*`: the same services in XML (measured); the first has strings as codes."""

import xmlrpc.client
from typing import Any
from xml.parsers.expat import ExpatError

from starlette.responses import Response

from crossdock_odoo.sandbox.environment import Database
from crossdock_odoo.sandbox.errors import PythonError, ServerError
from crossdock_odoo.sandbox.services import dispatch


def answer(db: Database, service: str, body: bytes, version: int) -> Response:
    """The answer to one request."""
    try:
        args, method = xmlrpc.client.loads(body, use_builtin_types=True)
        with db.store.lock:
            result = dispatch(db, service, str(method), args)
        if result is None:
            raise PythonError("TypeError", "cannot marshal None unless allow_none is enabled")
        text = xmlrpc.client.dumps((_plain(result),), methodresponse=True)
    except ExpatError as error:
        text = _fault(PythonError("xml.parsers.expat.ExpatError", str(error)), version)
    except ServerError as error:
        text = _fault(error, version)
    text = text.replace("\n</methodResponse>", "\n\n</methodResponse>")
    return Response(f'<?xml version="1.0"?>\n{text.partition(chr(10))[2]}', media_type="text/xml")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return False if value is None else value


def _fault(error: ServerError, version: int) -> str:
    code: Any = error.fault
    text = error.message
    if error.fault == 1:
        short = error.name.removeprefix("builtins.")
        text = f"Traceback (most recent call last):\n{short}: {error.message}\n"
    if version == 1 and error.fault == 3:
        code = "AccessDenied"
    return xmlrpc.client.dumps(xmlrpc.client.Fault(code, text), methodresponse=True)
