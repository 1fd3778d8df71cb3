"""The refusals of the emulated server, and the envelopes REST and GraphQL put them in."""

from collections.abc import Mapping, Sequence
from typing import Any


class RefusalError(Exception):
    """The server refuses a request.

    `status`, `error` and `code` shape the REST answer (measured on 2.21.0: `code` appears only
    sometimes, and most refusals are 400). `extensions` is what GraphQL adds to the message.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        error: str = "BadRequestException",
        code: str | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.error = error
        self.code = code
        self.extensions = dict(extensions or {})

    def rest(self) -> dict[str, Any]:
        """The body of the REST answer."""
        body: dict[str, Any] = {"statusCode": self.status, "error": self.error, "messages": [self.message]}
        if self.code is not None:
            body["code"] = self.code
        return body

    def graphql(self) -> dict[str, Any]:
        """The entry of the `errors` list. Without recorded extensions, BAD_USER_INPUT (assumed)."""
        fallback = {"code": "BAD_USER_INPUT", "userFriendlyMessage": "An error occurred."}
        return {"message": self.message, "extensions": self.extensions or fallback}


class MetadataRefusalError(RefusalError):
    """A schema change with validation errors; `report` is the `errors` tree by kind of metadata."""

    def __init__(self, message: str, report: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        super().__init__(message)
        self.report = {kind: list(entries) for kind, entries in report.items()}

    def summary(self) -> dict[str, int]:
        """How many entries there are of each kind, and in total."""
        counts = {kind: len(entries) for kind, entries in self.report.items()}
        return {"totalErrors": sum(counts.values()), **counts}

    def friendly(self) -> str:
        """The message meant for a person."""
        entries = [entry for kind in self.report.values() for entry in kind]
        if len(entries) == 1:
            problems = entries[0]["errors"]
            return str(problems[0].get("userFriendlyMessage", "Metadata validation failed"))
        return "Many validation errors"

    def sentence(self) -> str:
        """`Validation failed for 1 fieldMetadata, 2 viewFields`, with the server's own plurals."""
        plurals = {"view": "views", "viewField": "viewFields", "index": "indices"}
        parts = []
        for kind, entries in self.report.items():
            name = plurals.get(kind, kind) if len(entries) > 1 else kind
            parts.append(f"{len(entries)} {name}")
        return "Validation failed for " + ", ".join(parts)

    def rest(self) -> dict[str, Any]:
        """The body of the REST metadata answer: no `messages`, but the tree itself."""
        return {
            "statusCode": 400,
            "error": "METADATA_VALIDATION_ERROR",
            "message": self.message,
            "errors": self.report,
            "summary": self.summary(),
            "userFriendlyMessage": self.friendly(),
        }

    def graphql(self) -> dict[str, Any]:
        """The entry of the `errors` list."""
        return {
            "message": self.message,
            "extensions": {
                "code": "METADATA_VALIDATION_FAILED",
                "errors": self.report,
                "summary": self.summary(),
                "userFriendlyMessage": self.friendly(),
                "message": self.sentence(),
            },
        }


class RequestShapeError(Exception):
    """A GraphQL request that does not fit the schema.

    A wrong field in the document is answered 200 with a location; a wrong variable 400 (measured).
    """

    def __init__(self, message: str, *, location: tuple[int, int] | None = None, status: int = 200) -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.status = status

    def graphql(self) -> dict[str, Any]:
        """The entry of the `errors` list."""
        if self.status == 200:
            entry: dict[str, Any] = {"message": self.message}
            if self.location is not None:
                entry["locations"] = [{"line": self.location[0], "column": self.location[1]}]
            return entry
        extensions = {
            "http": {"status": self.status},
            "code": "BAD_USER_INPUT",
            "userFriendlyMessage": "An error occurred.",
        }
        return {"message": self.message, "extensions": extensions}


def record_not_found() -> RefusalError:
    """An unknown record id, or a trashed one where only live ones count."""
    return RefusalError(
        "Record not found",
        status=404,
        error="NotFoundException",
        extensions={
            "code": "NOT_FOUND",
            "subCode": "RECORD_NOT_FOUND",
            "userFriendlyMessage": "Record not found",
        },
    )


def permission_denied() -> RefusalError:
    """The key's role may not do this: 400, not 403 (measured)."""
    return RefusalError(
        "Entity performing the request does not have permission",
        error="Error",
        code="PERMISSION_DENIED",
        extensions={
            "code": "FORBIDDEN",
            "subCode": "PERMISSION_DENIED",
            "userFriendlyMessage": "An error occurred.",
        },
    )


def data_validation() -> RefusalError:
    """What the database says to U+0000 in a string (measured: 500)."""
    return RefusalError(
        "Data validation error.",
        status=500,
        error="InternalServerErrorException",
        extensions={"code": "INTERNAL_SERVER_ERROR", "userFriendlyMessage": "An error occurred."},
    )


def internal_error(message: str = "Internal server error") -> RefusalError:
    """A 500 as the framework words it."""
    return RefusalError(
        message,
        status=500,
        error="InternalServerErrorException",
        extensions={"code": "INTERNAL_SERVER_ERROR", "userFriendlyMessage": "An error occurred."},
    )


def invalid_uuid(value: object) -> RefusalError:
    """A record id that is no UUID of version 1 to 5."""
    return RefusalError(
        f'Value "{value}" is not a valid UUID',
        error="Error",
        code="INVALID_QUERY_INPUT",
        extensions={
            "subCode": "INVALID_QUERY_INPUT",
            "userFriendlyMessage": "Invalid UUID format.",
            "code": "BAD_USER_INPUT",
        },
    )


def too_many(verb: str, limit: int) -> RefusalError:
    """More records than one call may hold; `verb` is `upsert` (batch create) or `update`."""
    if verb == "update":
        message = f"Cannot update more than {limit} records at once"
    else:
        message = f"Maximum number of records to {verb} is {limit}."
    return RefusalError(
        message,
        error="Error",
        code="TOO_MANY_RECORDS_TO_UPDATE",
        extensions={
            "subCode": "TOO_MANY_RECORDS_TO_UPDATE",
            "userFriendlyMessage": message,
            "code": "BAD_USER_INPUT",
        },
    )
