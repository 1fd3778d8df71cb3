"""A made-up CRM on loopback, one process a role: a source that lists records, a sink that takes them.

    source  GET  /contacts?page=1&size=1000   {"items": [...], "page": 1, "total": N, "next": 2 or null}
    sink    POST /contacts/batch              [record, ...] -> {"ids": [...]}; a known id is refused (409)
            POST /contacts/read               {"ids": [...]} -> {"items": [...]}, unknown ids left out
            POST /contacts/delete             {"ids": [...]} -> {}
            GET  /stats, POST /reset          what arrived, and forget it

Raw ASGI, pages serialised once at the start: what is measured is the client. The sink parses every
body, checks every record and keeps it. When a server is ready it prints one JSON line: {"url": ...}.
"""

import argparse
import random
import socket
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import orjson
import uvicorn

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Answer = tuple[int, bytes]

PAGE_SIZES = (100, 1000)
STATUSES = ("new", "quoted", "working", "won", "lost", "archived")
_FIRST = ("Анна", "Борис", "Вера", "Chloë", "Дмитрий", "Emil", "Жанна", "Oliver", "Юлия", "Ханс")
_LAST = (
    "Абрамова",
    "Белов",
    "Schmidt",
    "Гаврилов",
    "O'Brien",
    "Дементьева",
    "Núñez",
    "Ершов",
    "Wong",
    "Юдин",
)
_START = datetime(2023, 3, 1, tzinfo=UTC)


def contact(number: int, chance: random.Random) -> dict[str, Any]:
    """One record of about 425 bytes; amounts are text, as a CRM that cares about cents writes them."""
    made = _START + timedelta(seconds=number * 41)
    company = number % 4000
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"contact-{number}")),
        "name": f"{chance.choice(_FIRST)} {chance.choice(_LAST)}",
        "email": f"person{number}@firm{company}.example",
        "phone": f"+7 (49{number % 10}) {number % 900 + 100}-{number % 89 + 10}-{number % 83 + 10}",
        "amount": {
            "value": f"{chance.randrange(9_000_000) / 100:.2f}",
            "currency": chance.choice(["RUB", "EUR"]),
        },
        "status": chance.choice(STATUSES),
        "company": {"id": f"firm-{company}", "name": f"ООО «Северный ветер {company}»"},
        "comment": "Просил счёт на поставку до конца месяца" if number % 4 else None,
        "active": number % 6 != 0,
        "created_at": made.isoformat(),
        "updated_at": (made + timedelta(hours=7)).isoformat(),
    }


class Source:
    """Lists records in pages of 100 or 1000."""

    def __init__(self, records: int) -> None:
        chance = random.Random(20)
        made = [orjson.dumps(contact(number, chance)) for number in range(records)]
        self.record_bytes = sum(map(len, made)) // max(1, records)
        self._pages = {size: _pages(made, size) for size in PAGE_SIZES}

    def answer(self, path: str, query: str, _body: bytes) -> Answer:
        """The answer to one request."""
        if path == "/stats":
            return 200, orjson.dumps({"record_bytes": self.record_bytes})
        if path != "/contacts":
            return 404, b"{}"
        asked = parse_qs(query)
        pages = self._pages[int(asked["size"][0])]
        number = int(asked["page"][0])
        return (200, pages[number - 1]) if 1 <= number <= len(pages) else (404, b"{}")


def _pages(records: list[bytes], size: int) -> list[bytes]:
    starts = range(0, len(records), size)
    pages = []
    for number, start in enumerate(starts, start=1):
        following = b"null" if number == len(starts) else b"%d" % (number + 1)
        items = b",".join(records[start : start + size])
        pages.append(
            b'{"items":[%b],"page":%d,"total":%d,"next":%b}' % (items, number, len(records), following)
        )
    return pages


class Sink:
    """Takes records under the ids that the client gives them."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._requests = self._received = 0

    def answer(self, path: str, _query: str, body: bytes) -> Answer:
        """The answer to one request."""
        if path == "/contacts/batch":
            return self._take(orjson.loads(body))
        if path == "/contacts/read":
            kept = (self._kept.get(key) for key in orjson.loads(body)["ids"])
            return 200, b'{"items":[' + b",".join(record for record in kept if record) + b"]}"
        if path == "/contacts/delete":
            for key in orjson.loads(body)["ids"]:
                self._kept.pop(key, None)
            return 200, b"{}"
        if path == "/stats":
            counts = {"requests": self._requests, "received": self._received, "kept": len(self._kept)}
            return 200, orjson.dumps(counts)
        if path == "/reset":
            self.__init__()  # type: ignore[misc]
            return 200, b"{}"
        return 404, b"{}"

    def _take(self, records: list[dict[str, Any]]) -> Answer:
        self._requests += 1
        self._received += len(records)
        ids = []
        for record in records:
            key = record["id"]
            if key in self._kept:
                return 409, orjson.dumps({"error": f"{key} is there already"})
            if not record["email"] or not record["amount"]["value"]:
                return 422, orjson.dumps({"error": f"{key} lacks its e-mail address or amount"})
            self._kept[key] = orjson.dumps(record)
            ids.append(key)
        return 200, orjson.dumps({"ids": ids})


def app(platform: Source | Sink) -> Callable[[Message, Receive, Send], Awaitable[None]]:
    """The ASGI application."""

    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        chunks, more = [], True
        while more:
            message = await receive()
            chunks.append(message.get("body", b""))
            more = message.get("more_body", False)
        status, body = platform.answer(scope["path"], scope["query_string"].decode(), b"".join(chunks))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return serve


def main() -> None:
    """Serve one role on a free port until the process is ended."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    arguments.add_argument("role", choices=["source", "sink"])
    arguments.add_argument("--records", type=int, default=100_000)
    given = arguments.parse_args()
    platform = Source(given.records) if given.role == "source" else Sink()
    # With the protocol named, asyncio switches Nagle's algorithm off: else many answers take 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print(orjson.dumps({"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}).decode(), flush=True)
    config = uvicorn.Config(
        app(platform), lifespan="off", ws="none", log_config=None, access_log=False, timeout_keep_alive=300
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
