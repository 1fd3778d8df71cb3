"""Which addresses a file may be fetched from, or sent to, when somebody else names the address.

A source names the addresses of its files, and a redirect the next one; neither may steer requests into the
network of whoever migrates. Allowed are the connection's own server and the hosts that its settings name.
Addresses that are not on the public network count only for a host that was configured, and those of this
machine and of its link (where clouds keep credentials) only if it was configured in numbers. What counts is
the address that a connection is made to, not what a name resolved to before.
"""

from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from crossdock.errors import ConfigError
from crossdock.redaction import quote

_NAT64: Final = ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits
_PORTS: Final = {"http": 80, "https": 443}
_CONNECTING, _CONNECTED = "connection.connect_tcp.started", "connection.connect_tcp.complete"

Watch = Callable[[str, Mapping[str, Any]], None]
"""Told of each step of a connection, as the extension `trace` of the HTTP library is."""


def loopback_hosts(host: str) -> set[str]:
    """The names of this machine, as they stand in an address; `host` with them if it is one in numbers."""
    found = _parsed(host)
    local = isinstance(found, IPv4Address) and found.is_loopback
    return {"localhost", "127.0.0.1", "[::1]", *([host] if local else [])}


class FileHostError(ConfigError):
    """Somebody else gave an address that must not be asked; the message names the host and the setting."""


class FileHosts:
    """The servers of one connection that files may come from.

    `own`: the address of the connection's server. `named`: further hosts, as `host` (any port) or
    `host:port`. `public`: any server of the public network may be asked too (a destination that keeps its
    files at a provider of storage). `setting`: what the list of hosts is called in the project file.
    """

    def __init__(
        self, own: str, named: Iterable[str] = (), *, public: bool = False, setting: str = "file_hosts"
    ) -> None:
        self._own = urlsplit(own)
        self._named = frozenset(host.strip().lower() for host in named)
        self._public = public
        self._setting = setting

    def check(self, address: str) -> None:
        """Raise FileHostError, which names the host and the setting, if the address must not be asked."""
        try:
            parts = urlsplit(address)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            raise FileHostError(f"a file has an address that is none: {quote(address)}.") from None
        if parts.scheme not in _PORTS or not host or parts.username is not None:
            raise self._refused(host, f"its address is no plain {'http(s)' if host else 'web address'}")
        if parts.scheme == "http" and self._own.scheme != "http" and not _is_loopback(host):
            raise self._refused(host, "it is not asked by https")
        if self._is_own(parts) or self._is_named(parts, host, port):
            return
        if not self._public:
            raise self._refused(host)
        self._check_reached(host, host, named=False)

    def watch(self, address: str) -> Watch:
        """What to tell of the steps of a connection to `address`; raises FileHostError before it sends.

        A connection to a proxy is left alone: it is the proxy that resolves names then.
        """
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        own, named = self._is_own(parts), self._is_named(parts, host, parts.port)
        asked: list[str] = []

        def told(step: str, about: Mapping[str, Any]) -> None:
            if step == _CONNECTING:
                asked.append(str(about["host"]).lower())
            elif step == _CONNECTED and not own and asked[-1:] == [host]:
                stream = about["return_value"]
                try:
                    self._check_reached(host, stream.get_extra_info("server_addr")[0], named=named)
                except FileHostError:
                    stream.close()
                    raise

        return told

    def _is_own(self, parts: SplitResult) -> bool:
        return bool(self._own.hostname) and _server(self._own) == _server(parts)

    def _is_named(self, parts: SplitResult, host: str, port: int | None) -> bool:
        return host in self._named or f"{host}:{port or _PORTS.get(parts.scheme)}" in self._named

    def _check_reached(self, host: str, address: str, *, named: bool) -> None:
        """Refuse the address that a host has, as far as its name was not meant for it."""
        if _is_near(address) if named and not _is_near(host) else not named and _is_private(address):
            raise self._refused(host, "its address is inside a network")

    def _refused(self, host: str, why: str = "") -> FileHostError:
        shown = quote(host) or "(none)"
        return FileHostError(
            f"not fetched: host {shown} is not allowed{f' ({why})' if why else ''}.",
            hint=f"If it is where the files are kept, add {shown!r} to {self._setting} of the connection.",
        )


def _server(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme)


def _is_loopback(host: str) -> bool:
    found = _parsed(host)
    return host == "localhost" or (found is not None and found.is_loopback)


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    found = _parsed(host)
    return found is not None and not all(one.is_global and not one.is_multicast for one in _meant(found))


def _is_near(host: str) -> bool:
    """Whether it is this machine or its link, as a name or as an address."""
    found = _parsed(host)
    return _is_loopback(host) or (
        found is not None
        and any(one.is_loopback or one.is_link_local or one.is_unspecified for one in _meant(found))
    )


def _parsed(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.partition("%")[0])  # without the zone of a link-local address
    except ValueError:
        return None


def _meant(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address and, where it carries another one in itself, that one too."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    carried = [address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address, *(one for one in carried if one is not None)]
