"""What the server refuses with: class names as a client sees them in `error.data.name` (measured)."""

from collections.abc import Mapping
from typing import Any


class ServerError(Exception):
    """An error that a client is told. `name` is the class on the server, `message` its text."""

    name = "builtins.Exception"
    fault = 1
    """Fault code over XML-RPC."""

    def __init__(
        self, message: str, *, arguments: list[Any] | None = None, context: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.arguments = [message] if arguments is None else arguments
        self.context = dict(context or {})


class PythonError(ServerError):
    """An error of the language itself: `PythonError("ValueError", "...")`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.name = kind if "." in kind else f"builtins.{kind}"


class UserError(ServerError):
    """A refusal in words for a person; the kinds below are of this family."""

    name = "odoo.exceptions.UserError"
    fault = 2


class ValidationError(UserError):
    """A constraint does not hold."""

    name = "odoo.exceptions.ValidationError"


class MissingError(UserError):
    """A record is not there."""

    name = "odoo.exceptions.MissingError"

    @classmethod
    def of(cls, model: str, key: object, uid: int) -> "MissingError":
        """The error for one record."""
        return cls(f"Record does not exist or has been deleted.\n(Record: {model}({key},), User: {uid})")


class AccessError(UserError):
    """The user has not the right."""

    name = "odoo.exceptions.AccessError"
    fault = 4


class AccessDeniedError(UserError):
    """A wrong secret."""

    name = "odoo.exceptions.AccessDenied"
    fault = 3

    def __init__(self) -> None:
        super().__init__("Access Denied")


class RedirectWarning(UserError):  # noqa: N818 - the server's own name
    """A refusal that comes with an action to go to."""

    name = "odoo.exceptions.RedirectWarning"

    def __init__(self, message: str, action: Mapping[str, Any], button: str) -> None:
        super().__init__(
            f"{message}\n{dict(action)!r}\n{button}\nNone", arguments=[message, dict(action), button, None]
        )
        self.short = message


class IntegrityError(ServerError):
    """A constraint of the database. Over RPC it becomes a ValidationError, in `load` a message.

    `short` is the text of a message of `load`, `long` what follows "The operation cannot be completed".
    `column` is the field that `load` names, if it can tell.
    """

    name = "psycopg2.errors.IntegrityError"

    def __init__(self, short: str, long: str, column: str = "") -> None:
        super().__init__(f"The operation cannot be completed:{long}")
        self.short = short
        self.column = column

    def told(self) -> ValidationError:
        """The error that a client sees."""
        return ValidationError(self.message)


def required(described: str, label: str, column: str) -> IntegrityError:
    """A mandatory column is empty. Texts of `load` measured on 18.0 of October 2024 and August 2025."""
    long = (
        "\n- Create/update: a mandatory field is not set.\n- Delete: another model requires the record being"
        f" deleted. If possible, archive it instead.\n\nModel: {described}\nField: {label} ({column})\n"
    )
    return IntegrityError(f"Missing required value for the field '{label}' ({column})", long, column)


def unique(text: str, label: str, column: str) -> IntegrityError:
    """A value is there already. `column` is empty for a constraint over several."""
    if not column:
        return IntegrityError(f"'{text}'", f" {text}")
    short = (
        f"The value for the field '{column}' already exists"
        f" (this is probably '{label}' in the current model)."
    )
    return IntegrityError(short, f" {text}", column)


def check(text: str) -> IntegrityError:
    """A condition on a row does not hold."""
    return IntegrityError(f"'{text}'", f" {text}")


def foreign(described: str, constraint: str) -> IntegrityError:
    """A reference leads nowhere, or what is removed is referred to."""
    text = (
        "another model requires the record being deleted. If possible, archive it instead.\n\n"
        f"Model: {described}\nConstraint: {constraint}\n"
    )
    return IntegrityError(text, f" {text}")
