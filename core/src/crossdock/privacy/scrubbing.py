"""Sentences about records without what they tell of them: messages of platforms, reasons, notes, log lines.

What stays: the program's own words (`crossdock.privacy.phrases`), names of objects and fields, numbers of up
to three digits, punctuation. All else is replaced: what is in quotes, addresses, ids, every other word.
"""

import re
from collections.abc import Callable, Collection
from itertools import pairwise
from typing import Final

HOLE: Final = "…"
_QUOTED: Final = re.compile(r"(?<!\w)(?:'[^']*'|\"[^\"]*\"|«[^»]*»|“[^”]*”|`[^`]*`)(?!\w)")
_PIECE: Final = re.compile(r"\s+|\S+")
_CORE: Final = re.compile(r"(\W*)(.*?)(\W*)", re.DOTALL)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_HOLES: Final = re.compile(rf"{HOLE}(?:[\s,;.-]*{HOLE})+")
_SHORT_NUMBER: Final = 3  # digits: a count, a status code


def hole(_text: str) -> str:
    """Nothing of it."""
    return HOLE


class Scrubber:
    """Scrubs texts of one project. `names`: objects and fields; `replace` gives what stands for the rest,
    `key` what stands for the id in `object/id`."""

    def __init__(
        self,
        phrases: Collection[str],
        names: Collection[str],
        replace: Callable[[str], str] = hole,
        key: Callable[[str], str] = hole,
    ) -> None:
        self._phrases, self._names, self._replace, self._key = phrases, names, replace, key

    def __call__(self, text: str) -> str:
        """The text without what it tells of a record."""
        parts, at = [], 0
        for quoted in _QUOTED.finditer(text):
            inner = quoted.group()[1:-1]
            kept = inner if not inner or self._is_name(inner) else self._replace(inner)
            parts += [self._plain(text[at : quoted.start()]), quoted.group()[0], kept, quoted.group()[-1]]
            at = quoted.end()
        parts.append(self._plain(text[at:]))
        return _HOLES.sub(HOLE, "".join(parts))

    def _plain(self, text: str) -> str:
        pieces = [self._split(piece) for piece in _PIECE.findall(text)]
        kept = self._own_words(pieces)
        return "".join(
            lead + (core if n in kept or not core else self._other(core)) + trail
            for n, (lead, core, trail) in enumerate(pieces)
        )

    @staticmethod
    def _split(piece: str) -> tuple[str, str, str]:
        found = _CORE.fullmatch(piece)
        return (found[1], found[2], found[3]) if found else ("", piece, "")

    def _own_words(self, pieces: list[tuple[str, str, str]]) -> set[int]:
        """The places of words that are the program's own: alone, or with a neighbour."""
        kept = {n for n, (_, core, _) in enumerate(pieces) if core.lower() in self._phrases}
        words = [n for n, (_, core, _) in enumerate(pieces) if core and _WORD.fullmatch(core)]
        for a, b in pairwise(words):
            gap = pieces[a][2] + "".join(pieces[n][0] for n in range(a + 1, b)) + pieces[b][0]
            if b == a + 2 and not gap.strip() and self._is_pair(pieces[a][1], pieces[b][1]):
                kept |= {a, b}
        return kept

    def _is_pair(self, first: str, second: str) -> bool:
        return f"{first} {second}" in self._phrases or f"{first.lower()} {second}" in self._phrases

    def _other(self, core: str) -> str:
        """What is left of a word, a number, an address or an id that is not the program's."""
        if self._is_name(core) or (core.isdecimal() and len(core) <= _SHORT_NUMBER):
            return core
        head, slash, tail = core.partition("/")
        if slash and self._is_name(head):
            return f"{head}/{self._key(tail)}" if tail else core
        return self._replace(core)

    def _is_name(self, text: str) -> bool:
        """An object or field, a path of them, or a route: `object>object`."""
        return all(
            part in self._names or all(x in self._names for x in part.split(".")) for part in text.split(">")
        )
