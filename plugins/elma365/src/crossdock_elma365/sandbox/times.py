"""Times as the platform writes them: RFC 3339 in UTC with up to nine digits of a second."""

import re
from datetime import UTC, datetime

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?")


def nanoseconds(text: str) -> int | None:
    """Give a time as nanoseconds since the epoch; a time without zone is in UTC; None if it is none."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    day, clock, fraction, zone = found.groups()
    offset = "+00:00" if zone in (None, "Z") else zone
    try:
        seconds = datetime.fromisoformat(f"{day}T{clock or '00:00:00'}{offset}").timestamp()
    except ValueError:
        return None
    return int(seconds) * 10**9 + int((fraction or "0").ljust(9, "0"))


def stamp(nanos: int, *, fraction: bool) -> str:
    """Write nanoseconds since the epoch as the platform does, to the second or with nine digits."""
    seconds, rest = divmod(nanos, 10**9)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:09d}Z" if fraction else f"{text}Z"
