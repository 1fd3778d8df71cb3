"""Messages and comments in the feed of an item -> rows of `_feed.messages`.

That the feed has messages and messages have comments is documented; what they look like is not. Assumed:
the envelope of all lists, `body` as HTML, `author` or `__createdBy`, `__createdAt`, files as ids in `files`,
people addressed in `recipients` or `mentions`, `commentsCount`. Whatever else stands in a message is
written out below its text, so that nothing is dropped.

The key is `{message}@{namespace.code}:{item}`, of a comment `{message}.{comment}@{namespace.code}:{item}`.
A row is in the platform's own form: the two decoders read it like any other, each for itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.model import Provenance
from crossdock_elma365.directories import define
from crossdock_elma365.markup import first_words, lines_of, shown
from crossdock_elma365.schema import Application, application

Json = Mapping[str, Any]
Names = Callable[[str], str]
"""The name of a user by id."""

MESSAGES = "_feed.messages"
KINDS = ("message", "comment")

_MANY: dict[str, Any] = {"array": True, "single": False}
_FIELDS = [
    define("__id", "STRING", "Id"),
    define("kind", "CODE", "Kind", data={"enumItems": [{"code": kind} for kind in KINDS]}),
    define("subject", "STRING", "Subject"),
    define("body", "STRING", "Text", "html"),
    define("details", "STRING", "Particulars", "html"),
    define("author", "SYS_USER", "Author"),
    define("recipients", "SYS_USER", "Addressed to", **_MANY),
    define("about", "REF_ITEM", "About", **_MANY),
    define("parent", "STRING", "Key of the message it is a comment to"),
    define("files", "FILE", "Files", **_MANY),
    define("__createdAt", "DATETIME", "Created at", "datetime"),
    define("__updatedAt", "DATETIME", "Updated at", "datetime"),
    define("__deletedAt", "DATETIME", "Deleted at", "datetime"),
]
_COPIED = ("__createdAt", "__updatedAt", "__deletedAt", "body", "files")
_USED = frozenset({"author", "body", "files", "mentions", "recipients", "subject", "title", "commentsCount"})
# Where it stands and what the platform keeps for itself.
_TECHNICAL = frozenset({"code", "id", "message", "messageId", "namespace", "target", "version"})


@dataclass(frozen=True, slots=True)
class Thread:
    """The feed of one item: its application and id, what it is called, and what its notes are linked to."""

    application: str
    item: str
    name: str
    about: tuple[Json, ...]
    is_record: bool = True

    def key(self, message: str, comment: str = "") -> str:
        """The key of a message, or of a comment to it."""
        return f"{message}{f'.{comment}' if comment else ''}@{self.application}:{self.item}"


def messages() -> Application:
    """`_feed.messages`, described in the platform's form."""
    scheme = {"namespace": "_feed", "code": "messages", "name": "Messages", "fields": _FIELDS}
    return application(scheme, open=True, provenance=Provenance.ASSUMED)


def thread_of_key(key: str) -> tuple[str, str]:
    """Application and item of a key; two empty texts for what is none."""
    name, _, item = key.partition("@")[2].partition(":")
    return name, item


def message_row(thread: Thread, message: Json, names: Names) -> Json:
    """The row of a message."""
    return _row(
        thread, message, thread.key(str(message.get("__id"))), "message", _lines(thread, message, names)
    )


def comment_row(thread: Thread, message: Json, comment: Json, names: Names) -> Json:
    """The row of a comment to `message`."""
    parent = thread.key(str(message.get("__id")))
    key = thread.key(str(message.get("__id")), str(comment.get("__id")))
    lines = [("In reply to", _subject(message)), *_lines(thread, comment, names)]
    return {**_row(thread, comment, key, "comment", lines), "parent": parent}


def has_comments(message: Json) -> bool:
    """False only if the platform says that there are none."""
    return message.get("commentsCount") != 0


def _row(
    thread: Thread, message: Json, key: str, kind: str, lines: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    return {
        **{name: message.get(name) for name in _COPIED},
        "__id": key,
        "kind": kind,
        "subject": _subject(message),
        "details": lines_of(lines),
        "author": message.get("author") or message.get("__createdBy"),
        "recipients": _recipients(message),
        "about": list(thread.about),
        "parent": None,
    }


def _subject(message: Json) -> str:
    named = (message.get(key) for key in ("subject", "title", "__name"))
    found = next((text for text in named if isinstance(text, str) and text.strip()), "")
    return found or first_words(str(message.get("body") or "")) or "(no text)"


def _recipients(message: Json) -> Any:
    return message.get("recipients") or message.get("mentions")


def _lines(thread: Thread, message: Json, names: Names) -> list[tuple[str, str]]:
    people = _recipients(message)
    lines = [("About", thread.name)] if not thread.is_record and thread.name else []
    if isinstance(people, list) and people:
        lines.append(("To", ", ".join(names(str(one)) for one in people)))
    return lines + list(_rest(message))


def _rest(message: Json) -> Iterator[tuple[str, str]]:
    for name, value in message.items():
        known = name.startswith("__") or name in _USED or name in _TECHNICAL
        if not known and value not in (None, "", [], {}, False, 0):
            yield name, shown(value)
