"""The project in a browser: ui."""

from typing import Annotated

import typer

from crossdock.cli.app import Scene, app, command


@command(app)
def ui(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1; 0 takes a free one.")] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the address; open no browser.")
    ] = False,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> None:
    """Serve the project to a browser on this machine: the map, its review, one record tried. Ctrl-C ends it.

    The address that it prints holds a key for this browser: do not pass it on.

    Example: crossdock -C acme ui
    """
    from crossdock.cli.output import answer
    from crossdock.errors import ConfigError

    scene: Scene = context.obj
    try:
        from crossdock.ui.serving import serve
    except ImportError as error:
        raise ConfigError(
            "the pages need the extra `ui`, which is not installed.", hint="pip install 'crossdock[ui]'"
        ) from error

    def told(address: str) -> None:
        import sys

        if scene.json:
            answer({"url": address})
        else:
            sys.stdout.write(f"{address}\n")
        sys.stdout.flush()

    serve(scene.directory, port=port, destination=to, browser=not no_browser, told=told)
