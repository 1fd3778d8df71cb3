"""Every error crossdock raises on purpose, sorted by what to do next.

    CrossdockError
    ├── RetryableError            send the same request again, later
    │   ├── RateLimitedError      the platform's limit; `after` seconds if it said so
    │   └── UnavailableError      5xx, connection refused, time-out before anything was sent
    ├── OutcomeUnknownError       sent, but no answer: look up before sending again
    ├── RecordError               reject this record, go on with the others
    ├── BatchError                the platform refused a batch as a whole
    │   ├── BatchRefusedError     some record in it is bad: split and send again
    │   └── BatchTooLargeError    more records than the platform takes at once
    ├── CursorLostError           what a cursor counts was replaced: read the object from its start
    ├── StoppedError              stop the run; it can be resumed               exit 3
    │   ├── UnreachableError      the platform does not answer any more
    │   ├── AccessLostError       the key was revoked, or lost a right
    │   ├── StorageError          disk full, database locked, file unreadable
    │   ├── ContractError         the platform or a plugin broke its contract
    │   └── BookOpenError         a book is off by one                          exit 3
    ├── ConfigError               fix the configuration; nothing was written    exit 2
    │   ├── AuthError             the key was never accepted
    │   ├── SecretError           a secret reference cannot be resolved
    │   ├── MappingError          the mapping does not fit the catalogs
    │   └── PluginError           missing, broken, ambiguous or incompatible plugin
    └── RefusedError              a person has to decide first                  exit 4

A message says what happened, to which record, and (in `hint`) what to do next.
No message holds a secret: each is redacted as it is made, whatever it quotes.
"""

from collections.abc import Sequence

from crossdock.redaction import redact


class CrossdockError(Exception):
    """Root of all expected errors. `hint` tells the reader the next step."""

    exit_code = 3

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message, self.hint = redact(message), redact(hint)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class RetryableError(CrossdockError):
    """The same request may be sent again. `after` is in seconds, None if the platform said nothing."""

    def __init__(self, message: str, *, after: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.after = after


class RateLimitedError(RetryableError):
    """The platform's rate limit; nothing was done by the refused request."""


class UnavailableError(RetryableError):
    """The platform is down for the moment, and surely did not act on the request."""


class OutcomeUnknownError(CrossdockError):
    """A write was sent and no usable answer came: it may or may not have happened."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint or "Run the same command again: what was done is not done twice.")


class RecordError(CrossdockError):
    """One record cannot be loaded or converted; all its reasons are given at once."""

    exit_code = 1

    def __init__(self, key: str, reasons: Sequence[str], *, hint: str = "") -> None:
        super().__init__(f"record {key}: " + "; ".join(reasons), hint=hint)
        self.key = key
        self.reasons = tuple(map(redact, reasons))


class BatchError(CrossdockError):
    """The platform refused a batch as a whole and kept nothing of it."""


class BatchRefusedError(BatchError):
    """At least one record in the batch is bad, and the platform does not say which."""


class BatchTooLargeError(BatchError):
    """The batch holds more records (or bytes) than the platform takes; `limit` if it named one."""

    def __init__(self, message: str, *, limit: int | None = None) -> None:
        super().__init__(message)
        self.limit = limit


class CursorLostError(CrossdockError):
    """What a cursor counts is not there any more, as it was replaced; the object is read from its start.

    A source raises it from extract before it gives anything.
    """


class StoppedError(CrossdockError):
    """The run cannot go on now. What was done is in the ledger; the same command resumes."""

    exit_code = 3


class UnreachableError(StoppedError):
    """The platform did not answer in spite of retries."""


class AccessLostError(StoppedError):
    """The platform refuses a key that worked before."""


class StorageError(StoppedError):
    """The project folder or its database cannot be written."""


class ContractError(StoppedError):
    """A platform answered in a shape nobody knows, or a plugin broke a promise of its hook."""


class BookOpenError(StoppedError):
    """A book does not add up: a record has no outcome, or more than one."""


class ConfigError(CrossdockError):
    """Wrong configuration or use. Nothing was written anywhere."""

    exit_code = 2


class AuthError(ConfigError):
    """The platform does not accept the key."""


class SecretError(ConfigError):
    """A secret reference (env:, file:, keyring:) does not resolve."""


class MappingError(ConfigError):
    """The mapping file does not fit the catalogs; `problems` lists every fault, not only the first."""

    def __init__(self, message: str, *, problems: Sequence[str] = (), hint: str = "") -> None:
        super().__init__("\n".join([message, *(f"  - {p}" for p in problems)]), hint=hint)
        self.problems = tuple(map(redact, problems))


class PluginError(ConfigError):
    """A plugin is missing, broken, ambiguous or does not fit this version of crossdock."""


class RefusedError(CrossdockError):
    """crossdock will not act before a person has confirmed or decided something."""

    exit_code = 4
