"""The canonical field types."""

from enum import StrEnum


class FieldType(StrEnum):
    """What kind of value a field holds; `crossdock.values` says how each looks in Python."""

    TEXT = "text"
    HTML = "html"
    MARKDOWN = "markdown"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    DURATION = "duration"
    MONEY = "money"
    EMAIL = "email"
    PHONE = "phone"
    LINK = "link"
    ADDRESS = "address"
    PERSON_NAME = "person_name"
    SELECT = "select"
    REFERENCE = "reference"
    AUTHOR = "author"
    FILE = "file"
    UUID = "uuid"
    JSON = "json"
    UNKNOWN = "unknown"
