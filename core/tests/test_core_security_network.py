"""What a client may reach: certificates that verify, hosts that somebody allowed, credentials kept."""

import gzip
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from core.tests.secure_server import Authority, Server
from hypothesis import given
from hypothesis import strategies as st

from crossdock.connection import Connection
from crossdock.errors import ConfigError, ContractError, RecordError
from crossdock.filehosts import FileHosts
from crossdock.filestore import FileStore
from crossdock.http import HttpClient, RetryPolicy


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def one(context: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(context))
        return servers[-1]

    yield one
    for server in servers:
        server.close()


def client(url: str, **options: Any) -> HttpClient:
    connection = Connection("acme", "p", "main", FileStore(Path("unused")))
    policy = RetryPolicy(attempts=2, first_wait=0.0, sleep=lambda s: None)
    return HttpClient(url, connection=connection, timeout=5.0, retry=policy, **options)


# Certificates ---------------------------------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_a_certificate_of_an_unknown_authority_is_refused(
    serve: Callable[..., Server], authority: Authority
) -> None:
    server = serve(authority.context(["127.0.0.1"]))

    with pytest.raises(ConfigError, match="does not verify") as refused:
        client(server.url).send("GET", "/", safe=True)
    assert "`ca_file`" in refused.value.hint
    assert server.asked == []


def test_a_certificate_of_an_authority_in_the_settings_is_accepted(
    serve: Callable[..., Server], authority: Authority
) -> None:
    server = serve(authority.context(["127.0.0.1"]))
    http = client(server.url, verify=authority.file)

    assert http.send("GET", "/", safe=True).text == "contents"
    assert b"".join(http.download(f"{server.url}/f")) == b"contents"


@pytest.mark.parametrize(
    ("names", "lasts"),
    [(["elsewhere.example"], timedelta(days=1)), (["127.0.0.1"], timedelta(days=-1))],
    ids=["another host's name", "expired"],
)
def test_a_certificate_that_does_not_hold_is_refused_in_spite_of_its_authority(
    serve: Callable[..., Server], authority: Authority, names: list[str], lasts: timedelta
) -> None:
    server = serve(authority.context(names, lasts))
    http = client(server.url, verify=authority.file)

    with pytest.raises(ConfigError, match="does not verify"):
        http.send("GET", "/", safe=True)
    with pytest.raises(ConfigError, match="does not verify"):
        list(http.download(f"{server.url}/f"))
    assert server.asked == []


# Where files come from ------------------------------------------------------------------------------------

INSIDE = [
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254"),
    *("100.100.100.200", "224.0.0.1", "255.255.255.255", "localhost", "files.localhost"),
    *("[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[::ffff:127.0.0.1]"),
    *("[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[ff02::1]"),
]


@pytest.mark.parametrize("host", INSIDE)
def test_no_address_inside_a_network_is_asked_even_where_any_public_host_is(host: str) -> None:
    with pytest.raises(ConfigError, match="not fetched: host"):
        FileHosts("https://crm.example", public=True).check(f"https://{host}/f")


@pytest.mark.parametrize("host", ["8.8.8.8", "storage.example", "[2606:4700::1111]"])
def test_a_public_host_is_asked_only_where_that_is_meant(host: str) -> None:
    FileHosts("https://crm.example", public=True).check(f"https://{host}/f")
    with pytest.raises(ConfigError, match=r"not fetched: host .* is not allowed.*file_hosts"):
        FileHosts("https://crm.example").check(f"https://{host}/f")


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "ftp://crm.example/f",
        "gopher://crm.example/",
        "data:text/plain,x",
        "//crm.example/f",
        "https://user:key@crm.example/f",
        "https://crm.example@inside.example/f",
        "https://crm.example:99999/f",
        "https://[::1/f",
        "http://crm.example/f",
        "https://crm.example:8443/f",
        "https://crm.example.inside.example/f",
        "https:///f",
        "",
    ],
)
def test_only_the_servers_own_address_is_its_own(address: str) -> None:
    with pytest.raises(ConfigError):
        FileHosts("https://crm.example").check(address)


def test_the_own_server_and_named_hosts_are_asked() -> None:
    hosts = FileHosts("https://crm.example", ["Store.example", "minio.corp:9000"])

    for address in ("https://crm.example/f", "https://CRM.example:443/f", "https://store.example:444/f"):
        hosts.check(address)
    hosts.check("https://minio.corp:9000/f")
    for address in ("https://minio.corp:9001/f", "http://store.example/f"):
        with pytest.raises(ConfigError):
            hosts.check(address)


@given(st.text(st.characters(exclude_characters="/?#"), max_size=60))
def test_no_text_at_all_is_taken_for_an_address_that_is_allowed(text: str) -> None:
    with pytest.raises(ConfigError):
        FileHosts("https://crm.example").check(f"https://{text}.inside.example/f")


def resolving(monkeypatch: pytest.MonkeyPatch, **names: str) -> None:
    """Let names resolve as somebody who runs a DNS server would have it."""
    real = socket.getaddrinfo
    known = {name.replace("_", "."): address for name, address in names.items()}

    def resolved(host: Any, *rest: Any, **more: Any) -> Any:
        return real(known.get(host, host), *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


def test_a_name_that_resolves_into_the_network_is_not_asked(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = serve()
    resolving(monkeypatch, cdn_example="127.0.0.1", crm_example="127.0.0.1")
    hosts = FileHosts("http://crm.example", public=True)
    http = client("http://crm.example", file_hosts=hosts)

    with pytest.raises(ConfigError, match=r"host cdn\.example is not allowed .*inside a network"):
        list(http.download(f"http://cdn.example:{inside.port}/f"))
    with pytest.raises(ConfigError, match="inside a network"):
        http.upload(f"http://cdn.example:{inside.port}/f", [b"x"])
    assert inside.asked == []


def test_a_named_host_may_be_inside_a_network_but_not_this_machine(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = serve()
    resolving(monkeypatch, minio_corp="127.0.0.1")
    http = client("http://crm.example", file_hosts=FileHosts("http://crm.example", ["minio.corp"]))

    with pytest.raises(ConfigError, match="inside a network"):
        list(http.download(f"http://minio.corp:{inside.port}/f"))
    assert inside.asked == []


def test_an_address_written_as_one_number_is_not_asked(serve: Callable[..., Server]) -> None:
    inside = serve()
    http = client("http://crm.example", file_hosts=FileHosts("http://crm.example", public=True))

    for host in ("2130706433", "0x7f.1", "127.1"):
        with pytest.raises(ConfigError, match="not fetched"):
            list(http.download(f"http://{host}:{inside.port}/f"))
    assert inside.asked == []


def test_a_redirect_does_not_lead_where_a_link_may_not(serve: Callable[..., Server]) -> None:
    server, inside = serve(), serve()
    server.pages["/f"] = (302, {"Location": f"{inside.url}/latest/meta-data"}, b"")

    with pytest.raises(ConfigError, match="not fetched: host"):
        list(client(server.url).download(f"{server.url}/f"))
    assert [path for path, _ in server.asked] == ["/f"]
    assert inside.asked == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/f"])
def test_a_redirect_to_something_else_than_the_web_is_refused(
    serve: Callable[..., Server], target: str
) -> None:
    server = serve()
    server.pages["/f"] = (302, {"Location": target}, b"")

    with pytest.raises(ConfigError):
        list(client(server.url).download(f"{server.url}/f"))


def test_a_redirect_carries_no_credentials_to_another_server(serve: Callable[..., Server]) -> None:
    server, other = serve(), serve()
    server.pages["/f"] = (302, {"Location": f"{other.url}/g", "Set-Cookie": "session=crumbs; Path=/"}, b"")
    given = {"Authorization": "Bearer signed-for-one", "X-Storage-Key": "signed-for-one"}
    hosts = FileHosts(server.url, [f"127.0.0.1:{other.port}"])
    http = client(server.url, headers={"Authorization": "Bearer of-the-api"}, file_hosts=hosts)

    list(http.download(f"{server.url}/f", headers=given))

    [(_, first)], [(_, second)] = server.asked, other.asked
    assert first["x-storage-key"] == "signed-for-one"
    assert "of-the-api" not in str(first)
    assert not {"authorization", "x-storage-key"} & set(second)


def test_a_request_with_credentials_follows_no_redirect(serve: Callable[..., Server]) -> None:
    server, other = serve(), serve()
    server.pages["/x"] = (307, {"Location": f"{other.url}/x"}, b"")
    http = client(server.url, headers={"Authorization": "Bearer of-the-api"})

    assert http.send("POST", "/x", safe=False, json={}).status_code == 307
    assert http.upload(f"{server.url}/x", [b"file"]).status_code == 307
    assert other.asked == []


def test_a_redirect_in_circles_ends(serve: Callable[..., Server]) -> None:
    server = serve()
    server.pages["/f"] = (302, {"Location": "/f"}, b"")

    with pytest.raises(RecordError, match="leads on more than"):
        list(client(server.url).download(f"{server.url}/f"))


# How much is read -----------------------------------------------------------------------------------------


def test_an_answer_that_unpacks_without_end_is_not_kept(serve: Callable[..., Server]) -> None:
    server = serve()
    server.pages["/x"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(20_000_000)))
    http = client(server.url, largest_answer=1_000_000)

    with pytest.raises(ContractError, match="more than 1000000 bytes"):
        http.send("GET", "/x", safe=True)


def test_a_compressed_answer_within_the_limit_is_read_whole(serve: Callable[..., Server]) -> None:
    server = serve()
    server.pages["/x"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"[1, 2, 3]"))

    answer = client(server.url).send("GET", "/x", safe=True)

    assert (answer.json(), answer.status_code, answer.request.url.path) == ([1, 2, 3], 200, "/x")


def test_a_file_is_taken_up_to_the_size_that_is_allowed(serve: Callable[..., Server]) -> None:
    server = serve()
    server.pages["/f"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(20_000_000)))
    taken: list[bytes] = []

    with pytest.raises(RecordError, match="more than the 1000 bytes"):
        taken.extend(client(server.url).download(f"{server.url}/f", largest=1000))
    assert sum(map(len, taken)) <= 1000
