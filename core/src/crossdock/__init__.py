"""crossdock moves a company's CRM from one platform to another and proves that it arrived.

These are the names that a connector may import, here or from the module they live in; nothing else
is public. They are loaded at first use, so that `crossdock --help` imports none of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from crossdock.capabilities import Capabilities, Capability, Support
    from crossdock.connection import Connection
    from crossdock.errors import (
        AccessLostError,
        AuthError,
        BatchRefusedError,
        BatchTooLargeError,
        ConfigError,
        ContractError,
        CrossdockError,
        OutcomeUnknownError,
        RateLimitedError,
        RecordError,
        UnavailableError,
        UnreachableError,
    )
    from crossdock.fieldtypes import FieldType
    from crossdock.filestore import FileStore
    from crossdock.hookspecs import hookimpl
    from crossdock.http import HttpClient
    from crossdock.layout import Layout, LayoutReader
    from crossdock.model import (
        Action,
        Artifact,
        ArtifactReport,
        Batch,
        Catalog,
        Change,
        ChangeKind,
        FieldSchema,
        LedgerEntry,
        Limits,
        LoadPolicy,
        ObjectSchema,
        Observation,
        Option,
        Origin,
        Outcome,
        Provenance,
        Receipt,
        Record,
        Rejected,
        Selection,
        TargetRecord,
    )
    from crossdock.values import Address, Author, Link, Money, PersonName, Phone, Reference, StoredFile

__version__: Final = "0.1.0"

# A type checker reads the imports above; at run time a name is looked for in these modules.
_MODULES: Final = (
    "model",
    "values",
    "errors",
    "hookspecs",
    "fieldtypes",
    "capabilities",
    "connection",
    "filestore",
    "http",
    "layout",
)

__all__ = [
    "AccessLostError",
    "Action",
    "Address",
    "Artifact",
    "ArtifactReport",
    "AuthError",
    "Author",
    "Batch",
    "BatchRefusedError",
    "BatchTooLargeError",
    "Capabilities",
    "Capability",
    "Catalog",
    "Change",
    "ChangeKind",
    "ConfigError",
    "Connection",
    "ContractError",
    "CrossdockError",
    "FieldSchema",
    "FieldType",
    "FileStore",
    "HttpClient",
    "Layout",
    "LayoutReader",
    "LedgerEntry",
    "Limits",
    "Link",
    "LoadPolicy",
    "Money",
    "ObjectSchema",
    "Observation",
    "Option",
    "Origin",
    "Outcome",
    "OutcomeUnknownError",
    "PersonName",
    "Phone",
    "Provenance",
    "RateLimitedError",
    "Receipt",
    "Record",
    "RecordError",
    "Reference",
    "Rejected",
    "Selection",
    "StoredFile",
    "Support",
    "TargetRecord",
    "UnavailableError",
    "UnreachableError",
    "hookimpl",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        for module in _MODULES:
            found = vars(import_module(f"{__name__}.{module}")).get(name)
            if found is not None:
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
