"""The limits of a connection: Cetec documents none, so a polite guess may be set."""

from urllib.parse import urlsplit

from crossdock.model import Limits
from crossdock_cetec.settings import CetecSettings


def limits(settings: CetecSettings) -> Limits:
    """The limits; the budget belongs to the tenant, so its host is the scope."""
    host = urlsplit(settings.url).netloc or "files"
    rate = settings.calls_per_minute if settings.url else None
    return Limits(scope=f"cetec:{host}", calls_per_minute=rate)
