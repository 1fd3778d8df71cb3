"""Logging: structlog over the standard library, on stderr and optionally into a file, secrets redacted.

Anything logged with `logging` or `structlog` goes the same way. `bound(run=..., object=..., key=...)`
adds context to every line of a block, in this thread.
"""

import logging
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import structlog

from crossdock.errors import StorageError
from crossdock.redaction import redact

_OURS = "crossdock.log"  # the name by which a second `configure` finds its own handlers


def configure(json: bool = False, level: int | str = "INFO", file: Path | None = None) -> None:
    """Set logging up for the process; may be called again.

    `level` is what stderr shows. `file` gets JSON lines whatever `json` says, and everything from
    INFO on whatever `level` says. Raises StorageError if the file cannot be written.
    """
    shown = logging.getLevelNamesMapping()[level.upper()] if isinstance(level, str) else level
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    handlers[0].setFormatter(_formatter(json, colors=sys.stderr.isatty()))
    handlers[0].setLevel(shown)
    if file is not None:
        handlers.append(_file_handler(file))
        handlers[1].setLevel(min(shown, logging.INFO))
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if handler.name == _OURS]:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        handler.name = _OURS
        root.addHandler(handler)
    root.setLevel(min(handler.level for handler in handlers))
    for chatty in ("httpx2", "httpcore2"):  # a line a request is what the platform's own log is for
        logging.getLogger(chatty).setLevel(max(shown, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def get_logger(name: str = "crossdock") -> structlog.stdlib.BoundLogger:
    """A logger; `log.info("loaded", records=200)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


@contextmanager
def bound(**context: str) -> Iterator[None]:
    """Add context (run, object, key) to every line logged in the block by this thread."""
    with structlog.contextvars.bound_contextvars(**context):
        yield


def redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: every text in the event, at any depth, without secrets."""
    return {key: _redacted_field(key, value) for key, value in event.items()}


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _redacted_field(key, part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(part) for part in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value))


def _redacted_field(key: object, value: Any) -> Any:
    """A value under a name such as `token` looks like a secret only together with the name."""
    if isinstance(value, str) and redact(f"{key}={value}") != f"{key}={value}":
        return redact(f"{key}={value}").removeprefix(f"{key}=")
    return _redacted(value)


def _formatter(json: bool, *, colors: bool = False) -> logging.Formatter:
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(serializer=_json_line)
        if json
        else structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact_event, renderer],
    )


def _json_line(event: Mapping[str, Any], **_options: Any) -> str:
    return orjson.dumps(event, option=orjson.OPT_NON_STR_KEYS).decode()


def _file_handler(file: Path) -> logging.Handler:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(file, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"the log file {file} cannot be written: {error.strerror}.") from error
    handler.setFormatter(_formatter(json=True))
    return handler


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,  # as text, so that redaction sees it
]
