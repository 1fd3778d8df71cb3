"""SQL text patterns as PostgreSQL matches them."""

import re
from functools import lru_cache


@lru_cache(maxsize=512)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    parts = [".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern]
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def like(value: str, pattern: str, *, ignore_case: bool = False) -> bool:
    """Whether the whole value matches: `%` any text, `_` one character (no escapes)."""
    return _compiled(pattern, ignore_case).fullmatch(value) is not None
