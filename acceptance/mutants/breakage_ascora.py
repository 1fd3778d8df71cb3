"""Known ways to break what is about Ascora, one for each row: name, place, and what stands in its place."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any


def _all_businesses(original: Any) -> Any:
    def judge(facts: Any, *_: Any) -> Any:
        return replace(original(facts), kind="BUSINESS")

    return judge


def _nothing(_original: Any) -> Any:
    return lambda *_: None


def _nowhere(_original: Any) -> Any:
    def nothing(*_: Any) -> Iterator[Any]:
        yield from ()

    return nothing


def _of_nobody(_original: Any) -> Any:
    return lambda *_: {"company": None, "person": None}


def _first_alone(original: Any) -> Any:
    return lambda statuses: original(statuses)[:1]


def _without(what: str) -> Callable[[Any], Any]:
    """No papers of this kind stand on a job."""

    def make(original: Any) -> Any:
        return lambda kind, papers: original(kind, () if kind == what else papers)

    return make


def _unnamed(_original: Any) -> Any:
    return lambda *_: ""


def _altered_bytes(original: Any) -> Any:
    def save(self: Any, chunks: Any, **details: Any) -> Any:
        return original(self, (bytes(chunk).replace(b"\xd0", b"\xd1") for chunk in chunks), **details)

    return save


def _no_links(_original: Any) -> Any:
    return lambda _office: ({}, [])


def _no_flag(original: Any) -> Any:
    return lambda row: replace(original(row), is_business=None)


def _first_run(original: Any) -> Any:
    """The text of a paragraph's first run alone."""

    def paragraph_text(paragraph: Any) -> Any:
        runs = list(paragraph.iter(f"{paragraph.tag.partition('}')[0]}}}r"))
        return original(runs[0]) if runs else ""

    return paragraph_text


def _no_address(original: Any) -> Any:
    return lambda *arguments: original(*arguments) | {"only_address": None}


ASCORA: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    "AT01": ("nobody is a person", "crossdock_ascora.kinds:judge", _all_businesses),
    "AT02": ("no domain", "crossdock_ascora.objects.customers:_domain", _nothing),
    "AT03": ("sites of nobody", "crossdock_ascora.objects.persons:sides", _of_nobody),
    "AT04": ("missing sites not listed", "crossdock_ascora.inventory:missing_sites", _nowhere),
    "AT05": ("one status alone", "crossdock_ascora.objects.statuses:plain", _first_alone),
    "AT06": ("quotes not told", "crossdock_ascora.objects.jobs:_papers", _without("quote")),
    "AT07": ("invoices not told", "crossdock_ascora.objects.jobs:_papers", _without("invoice")),
    "AT08": ("forms not read", "crossdock_ascora.wordforms.library:FormLibrary.fields", _nowhere),
    "AT09": ("no authors", "crossdock_ascora.people:Users.find", _unnamed),
    "AT10": ("bytes altered", "crossdock.filestore:FileStore.save", _altered_bytes),
    "AT11": ("no owners", "crossdock_ascora.people:Users.find", _unnamed),
    "AT12": ("links not read", "crossdock_ascora.accounting:_links", _no_links),
    "G17": ("the flag is not read", "crossdock_ascora.people:facts_of", _no_flag),
    "G18": ("split codes not read", "crossdock_ascora.wordforms.codes:paragraph_text", _first_run),
    "G19": ("the risk is not said", "crossdock_ascora.accounting:note", _unnamed),
    "G20": ("no address of an only site", "crossdock_ascora.objects.customers:_places", _no_address),
}
