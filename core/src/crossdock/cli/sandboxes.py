"""Commands without an account: sandbox and demo."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from crossdock.cli.app import Scene, app, command


@command(app)
def sandbox(
    platform: Annotated[str, typer.Argument(help="Which platform.")],
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1; 0 takes a free one.")] = 0,
    data: Annotated[Path | None, typer.Option(help="The file its state is kept in.")] = None,
    seed: Annotated[str, typer.Option(help="What a new one holds: demo, fresh or empty.")] = "demo",
    rate: Annotated[str, typer.Option(help="The platform's rate limits: real or off.")] = "real",
) -> None:
    """Serve a platform's API on loopback, kept in a file. Prints one JSON line when it is ready.

    Example: crossdock sandbox PLATFORM --port 8020 --data workspace.db
    """
    from crossdock.sandbox.__main__ import serve_platform

    serve_platform(platform, port=port, data=data or Path(f"{platform}-sandbox.db"), seed=seed, rate=rate)


@command(app)
def demo(
    context: typer.Context,
    source: Annotated[str, typer.Option(help="The platform to leave; any installed one if not given.")] = "",
    destination: Annotated[str, typer.Option(help="The platform to move to.")] = "",
    directory: Annotated[Path, typer.Option("--dir", help="The project folder to make.")] = Path("demo"),
) -> int:
    """Move a made-up company between two sandboxes, with all steps of a real migration.

    Example: crossdock demo --dir demo
    """
    from crossdock.cli.output import say
    from crossdock.demo import run_demo

    scene: Scene = context.obj
    return run_demo(scene.directory / directory, source, destination, _run, say)


def _run(arguments: Sequence[str]) -> int:
    code = app(list(arguments), standalone_mode=False)
    return code if isinstance(code, int) else 0
