"""The lower bound: an httpx2 loop from source to sink, four requests at a time, and nothing else.

With `--id-map FILE` every answered batch is written into an SQLite table of source key and target id,
in a transaction of its own, as a careful script would do it. There is no staging, no mapping, no
intent before the request: killed half way, it loses count of the batches under way.
"""

import argparse
import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import orjson

WORKERS = 4
_JSON = {"Content-Type": "application/json"}
_TABLES = """
pragma journal_mode=wal;
pragma synchronous=full;
create table id_map (key text primary key, target_id text not null) without rowid;
create table progress (cursor text not null);
"""

Records = list[dict[str, Any]]


class IdMap:
    """Source key -> target id, in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(_TABLES)

    def keep(self, records: Records, ids: list[str]) -> None:
        """Write one batch."""
        pairs = [(record["id"], target) for record, target in zip(records, ids, strict=True)]
        self._db.execute("begin immediate")
        self._db.executemany("insert or replace into id_map values (?, ?)", pairs)
        self._db.execute("insert into progress values (?)", (records[-1]["updated_at"],))
        self._db.execute("commit")


async def batches(
    client: httpx2.AsyncClient, source: str, page_size: int, size: int
) -> AsyncIterator[Records]:
    """All records of the source, `size` at a time."""
    waiting: Records = []
    page: int | None = 1
    while page is not None:
        response = await client.get(f"{source}/contacts", params={"page": page, "size": page_size})
        response.raise_for_status()
        given = orjson.loads(response.content)
        page = given["next"]
        waiting += given["items"]
        while len(waiting) >= size:
            yield waiting[:size]
            waiting = waiting[size:]
    if waiting:
        yield waiting


async def send(
    client: httpx2.AsyncClient, sink: str, queue: "asyncio.Queue[Records | None]", id_map: IdMap | None
) -> None:
    """Post what the queue holds until it holds None."""
    while (records := await queue.get()) is not None:
        response = await client.post(f"{sink}/contacts/batch", content=orjson.dumps(records), headers=_JSON)
        response.raise_for_status()
        ids = orjson.loads(response.content)["ids"]
        if id_map is not None:
            id_map.keep(records, ids)


async def copy(source: str, sink: str, page_size: int, batch_size: int, id_map: IdMap | None) -> None:
    """Move every record."""
    limits = httpx2.Limits(max_connections=WORKERS + 1, max_keepalive_connections=WORKERS + 1)
    queue: asyncio.Queue[Records | None] = asyncio.Queue(maxsize=WORKERS * 2)
    client = httpx2.AsyncClient(timeout=60, trust_env=False, limits=limits)
    async with client, asyncio.TaskGroup() as tasks:
        for _ in range(WORKERS):
            tasks.create_task(send(client, sink, queue, id_map))
        async for records in batches(client, source, page_size, batch_size):
            await queue.put(records)
        for _ in range(WORKERS):
            await queue.put(None)


def main() -> None:
    """Copy once."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--source", required=True)
    arguments.add_argument("--sink", required=True)
    arguments.add_argument("--page-size", type=int, default=1000)
    arguments.add_argument("--batch-size", type=int, default=200)
    arguments.add_argument("--id-map", type=Path)
    given = arguments.parse_args()
    id_map = IdMap(given.id_map) if given.id_map else None
    asyncio.run(copy(given.source, given.sink, given.page_size, given.batch_size, id_map))


if __name__ == "__main__":
    main()
