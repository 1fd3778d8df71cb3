"""Statuses of jobs in words: those of the screens (documented), and one out of several.

Numbers of statuses are never translated: only 0 (New) and 2 (Completed) were seen beside their word, and
another client's names for them are guesses.
"""

from collections.abc import Iterable, Sequence

KNOWN = (
    "New",
    "Unscheduled",
    "Deferred",
    "Booked",
    "In Progress",
    "Cancelled",
    "Ready To Invoice",
    "Completed",
    "Closed",
)
"""The statuses of the screens and of the import guide, in the order in which a job gets on."""

_RANK = {word.casefold(): number for number, word in enumerate(KNOWN)}


def plain(statuses: Iterable[str]) -> tuple[str, ...]:
    """Statuses without blanks around them, each once; a known one in the spelling of the screens."""
    spelled = {word.casefold(): word for word in KNOWN}
    words = (" ".join(word.split()) for word in statuses)
    return tuple(dict.fromkeys(spelled.get(word.casefold(), word) for word in words if word))


def leading(statuses: Sequence[str]) -> str | None:
    """Of several statuses the one that a job has got on to furthest; an unknown one only if it is alone.

    Cancelled counts over those that come before it in the list, and Completed over Cancelled.
    """
    known = [word for word in statuses if word.casefold() in _RANK]
    if known:
        return max(known, key=lambda word: _RANK[word.casefold()])
    return statuses[0] if statuses else None
