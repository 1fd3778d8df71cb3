"""The last look before something is sent: whether a text to be sent says what a staged record says.

Four words in a row, an e-mail address, or a number of six digits and more, of any staged value: the text that
has it is left out. It should never find anything; it is there for what nobody thought of.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from crossdock.shown import shown

LEFT_OUT: Final = "[left out]"
_WORDS: Final = 4
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_TELLING: Final = re.compile(
    r"[^\s<>\"'(),;:@]+@[^\s<>\"'(),;:@]+\.\w+|(?<![\w-])(?=\d*[1-9])\d{6,}(?![\w-])"
)


class Search:
    """Searches texts for what values say. Build it from the texts, show it the values, ask which are bad."""

    def __init__(self, data: Any) -> None:
        self._holders: dict[str, set[str]] = {}
        self.bad: set[str] = set()
        for text in _texts(data):
            for mark in _marks(text):
                self._holders.setdefault(mark, set()).add(text)

    def see(self, values: Mapping[str, Any]) -> None:
        """Take in a record's values."""
        for value in values.values():
            if value is not None and not isinstance(value, bool):
                for mark in _marks(shown(value)):
                    self.bad |= self._holders.get(mark, set())

    def without(self, data: Any) -> Any:
        """The data with every bad text left out."""
        match data:
            case str():
                return LEFT_OUT if data in self.bad else data
            case Mapping():
                return {self.without(name): self.without(part) for name, part in data.items()}
            case list() | tuple():
                return [self.without(part) for part in data]
        return data


def _texts(data: Any) -> Iterator[str]:
    match data:
        case str():
            yield data
        case Mapping():
            for name, part in data.items():
                yield from _texts(name)
                yield from _texts(part)
        case list() | tuple():
            for part in data:
                yield from _texts(part)


def _marks(text: str) -> Iterable[str]:
    lower = text.casefold()
    yield from _TELLING.findall(lower)
    words = _WORD.findall(lower)
    yield from (" ".join(words[n : n + _WORDS]) for n in range(len(words) - _WORDS + 1))
