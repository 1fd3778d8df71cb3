"""Web addresses as the server stores them (measured on 2.21.0).

With a scheme, an address is parsed and written anew: host in lower case and in its ASCII form, no user
name, no default port, path, query and fragment percent-encoded, one slash at the end taken away. Without
a scheme it is kept as it is.
"""

import re
from urllib.parse import SplitResult, quote, urlsplit

import idna

from crossdock_twenty.sandbox.inspection import coded
from crossdock_twenty.sandbox.values import check_text

_HOST = re.compile(r"[^\s/?#@:_]+(\.[^\s/?#@.:_]+)*(:\d+)?([/?#].*)?")
_ASCII_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# What stays as it is in each part; everything else is percent-encoded.
_PATH = "%!$&'()*+,-./:;=@[]\\^_|~"
_QUERY = "%!$&()*+,-./:;=?@[]\\^_`{|}~"
_FRAGMENT = "%!$&'()*+,-./:;=?@[]\\^_{|}~#"


def link(url: str) -> str:
    """A URL as stored. Raises RefusalError for what is no web address."""
    if not url:
        return ""
    check_text(url)
    scheme, mark, _ = url.partition("://")
    if not mark:
        if not _HOST.fullmatch(url.removeprefix("//")) or not re.search(r"\w", url) or " " in url:
            raise _invalid()
        return url
    try:
        parts = urlsplit(url.strip())
        host = _host(parts)
    except ValueError:
        raise _invalid() from None
    rest = quote(parts.path or "/", safe=_PATH)
    rest += "?" + quote(parts.query, safe=_QUERY) if parts.query else ""
    rest += "#" + quote(parts.fragment, safe=_FRAGMENT) if parts.fragment else ""
    return f"{scheme.lower()}://{host}{rest}".removesuffix("/")


def _host(parts: SplitResult) -> str:
    """Host and port in normal form. Raises ValueError (idna's errors are ValueErrors)."""
    default = _DEFAULT_PORTS.get(parts.scheme.lower())
    name = parts.hostname or ""
    if not name.isascii():
        name = idna.encode(name, uts46=True).decode()
    if default is None or not _ASCII_HOST.fullmatch(name):
        raise _invalid()
    return name if parts.port in (None, default) else f"{name}:{parts.port}"


def _invalid() -> Exception:
    return coded("The URL of the link is not valid", "INVALID_URL")
