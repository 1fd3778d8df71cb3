"""The application, its global options, and how errors reach the reader.

Exit codes: 0 done, nothing to decide; 1 done, with something rejected, held, failed or found; 2 wrong
configuration or use, nothing written; 3 stopped, can be resumed; 4 refused.
"""

import functools
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from crossdock.config import Project
    from crossdock.migration import Migration

_ORDER = (
    *("plugins", "init", "discover", "map", "ui", "plan", "provision", "run", "decide"),
    *("signoff", "reconcile"),
    *("cutover", "rollback", "purge"),
    *("status", "report", "handoff", "sandbox", "demo"),
)


class _InWorkOrder(TyperGroup):
    """Lists the commands in the order in which a migration needs them."""

    def list_commands(self, ctx: Any) -> list[str]:
        names = super().list_commands(ctx)
        return sorted(names, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))


app = typer.Typer(
    cls=_InWorkOrder,
    context_settings={"max_content_width": 110},
    name="crossdock",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Move a company's CRM from one platform to another, and prove that it arrived.\n\n"
    "Example: crossdock demo",
)
OK, FOUND, WRONG, STOPPED, REFUSED = 0, 1, 2, 3, 4
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True)
class Scene:
    """The global options of one call."""

    directory: Path
    json: bool

    def project(self) -> "Project":
        """The project in the folder. Raises ConfigError."""
        from crossdock.config import load_project

        return load_project(self.directory)

    def migration(self, destination: str | None = None) -> "Migration":
        """The project opened for work, with progress on stderr. Use it as a context manager."""
        from crossdock.cli.output import pace, progress_for
        from crossdock.migration import Migration
        from crossdock.underway import ProgressFile

        project = self.project()
        progress, close = progress_for(self.json)
        watched = ProgressFile(project.state, pace=pace)  # for `crossdock ui`, which is another process

        def tell(what: str, more: int, total: int | None) -> None:
            progress(what, more, total)
            watched.tell(what, more, total)

        migration = Migration(project, destination, tell)
        migration.on_close(close)
        migration.on_close(watched.close)
        return migration


@app.callback()
def main(
    context: typer.Context,
    directory: Annotated[Path, typer.Option("-C", help="The project folder.")] = Path(),
    json: Annotated[
        bool, typer.Option("--json", help="Answer in JSON on stdout; logs go to stderr.")
    ] = False,
    log_level: Annotated[str, typer.Option(help="How much is logged: debug, info, warning.")] = "warning",
) -> None:
    """Set up what all commands share."""
    context.obj = Scene(directory, json)
    if log_level.upper() not in _LEVELS:
        raise typer.BadParameter(f"{log_level!r} is none of: {', '.join(_LEVELS).lower()}.")
    if context.invoked_subcommand not in (None, "plugins", "sandbox"):
        from crossdock.log import configure

        file = None if context.invoked_subcommand in ("init", "demo") else _log_file(directory)
        if code := _reported(lambda: configure(json=json, level=log_level.upper(), file=file)):
            raise typer.Exit(code)


def _log_file(directory: Path) -> Path | None:
    state = directory / ".crossdock"
    return state / "crossdock.log" if state.is_dir() else None


def command(group: typer.Typer, name: str | None = None, **options: Any) -> Callable[..., Any]:
    """Register a command whose errors become one message and the promised exit code."""

    def register(function: Callable[..., int | None]) -> Callable[..., None]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> None:
            raise typer.Exit(_reported(lambda: function(*args, **kwargs)) or OK)

        group.command(name, **options)(call)
        return call

    return register


def _reported(call: Callable[[], int | None]) -> int | None:
    from crossdock.errors import CrossdockError

    signal.signal(signal.SIGTERM, _terminate)
    try:
        return call()
    except CrossdockError as error:
        say_error(error.message, error.hint)
        # What is about one record has no business here: whatever it was, the command did not end.
        return STOPPED if error.exit_code == FOUND else error.exit_code
    except KeyboardInterrupt:
        say_error("stopped.", "Run the same command again: it goes on where it stopped.")
        return STOPPED
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 a trace may hold secrets, and its exit code 1 means: done
        return _unexpected(error)


def _unexpected(error: Exception) -> int:
    """A fault of crossdock itself: one message; the trace goes to the log, where it is redacted."""
    from crossdock.log import get_logger

    get_logger(__name__).info("unexpected", exc_info=error)
    say_error(
        f"a fault in crossdock itself: {type(error).__name__}: {error}",
        "What was done is in the ledger. The trace: .crossdock/crossdock.log, or add --log-level info.",
    )
    return STOPPED


def _terminate(_number: int, _frame: object) -> NoReturn:
    # Like ctrl-C: the batch on its way stays in doubt in the ledger, and is looked up at the next start.
    raise KeyboardInterrupt


def say_error(message: str, hint: str = "") -> None:
    """One message on stderr, secrets taken out."""
    from crossdock.redaction import redact

    sys.stderr.write(redact(f"crossdock: {message}\n" + (f"  {hint}\n" if hint else "")))
