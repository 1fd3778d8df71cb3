"""HttpClient over a real socket: keep-alive, lost connections, time-outs, proxies."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.connection import Connection
from crossdock.errors import OutcomeUnknownError, UnreachableError
from crossdock.filestore import FileStore
from crossdock.http import HttpClient, RetryPolicy
from crossdock.ratelimit import BUDGETS

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
TRUNCATED = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok"


class Server:
    """Serves scripted bytes, one a request; b"" closes the connection, None never answers."""

    def __init__(self, *answers: bytes | None) -> None:
        self.answers, self.requests, self.connections = list(answers), 0, 0
        self._held: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        while peer.recv(65536):
            self.requests += 1
            reply = self.answers.pop(0) if self.answers else OK
            if reply is None:
                self._held.append(peer)
                return
            peer.sendall(reply)
            if reply in (b"", TRUNCATED):
                break
        peer.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()
        for peer in self._held:
            peer.close()


@pytest.fixture
def serve() -> Iterator[type[Server]]:
    servers: list[Server] = []

    class Tracked(Server):
        def __init__(self, *answers: bytes | None) -> None:
            super().__init__(*answers)
            servers.append(self)

    BUDGETS.clear()
    yield Tracked
    for server in servers:
        server.close()


def client(url: str, timeout: float = 5.0) -> HttpClient:
    connection = Connection("acme", "p", "main", FileStore(Path("unused")))
    policy = RetryPolicy(attempts=2, first_wait=0.0, sleep=lambda s: None)
    return HttpClient(url, connection=connection, timeout=timeout, retry=policy)


def test_requests_share_one_connection(serve: type[Server]) -> None:
    server = serve()
    http = client(server.url)

    assert [http.send("GET", "/", safe=True).text for _ in range(3)] == ["ok"] * 3
    assert (server.requests, server.connections) == (3, 1)


@pytest.mark.parametrize("lost", [b"", TRUNCATED, None], ids=["closed", "truncated", "silent"])
def test_a_lost_answer_leaves_a_write_unknown(serve: type[Server], lost: bytes | None) -> None:
    server = serve(lost)

    with pytest.raises(OutcomeUnknownError):
        client(server.url, timeout=0.2).send("POST", "/", safe=False, json={})
    assert server.requests == 1


@pytest.mark.parametrize("lost", [b"", TRUNCATED, None], ids=["closed", "truncated", "silent"])
def test_a_lost_answer_to_a_read_is_asked_for_again(serve: type[Server], lost: bytes | None) -> None:
    server = serve(lost)

    assert client(server.url, timeout=0.2).send("GET", "/", safe=True).text == "ok"
    assert server.requests == 2


def test_a_truncated_download_is_completed(serve: type[Server]) -> None:
    server = serve(TRUNCATED)

    assert b"".join(client(server.url).download(f"{server.url}/f")) == b"ok"


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1"):
        client(url).send("POST", "/", safe=False)


def test_loopback_never_goes_through_a_proxy(serve: type[Server], monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, server = serve(), serve()
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("ALL_PROXY", proxy.url)

    client(server.url).send("GET", "/", safe=True)

    assert (proxy.requests, server.requests) == (0, 1)


def test_other_servers_are_reached_through_the_environments_proxy(
    serve: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve()
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    assert client("http://acme.invalid").send("GET", "/", safe=True).text == "ok"
    assert proxy.requests == 1
