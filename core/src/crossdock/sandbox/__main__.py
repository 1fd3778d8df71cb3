"""`python -m crossdock.sandbox PLATFORM --data FILE`: serve the sandbox of one installed platform."""

import argparse
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from crossdock.errors import CrossdockError, PluginError
from crossdock.sandbox.process import missing_extra

GROUP = "crossdock.sandboxes"


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; give the exit code (2: wrong use, the reason is the last line of stderr)."""
    options = _parser().parse_args(arguments)
    try:
        serve_platform(
            options.platform, port=options.port, data=options.data, seed=options.seed, rate=options.rate
        )
    except CrossdockError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m crossdock.sandbox", description=__doc__)
    parser.add_argument("platform", help="name of an installed sandbox")
    parser.add_argument("--data", type=Path, required=True, help="SQLite file that keeps its state")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", default="demo", help="what a new data file holds: demo, fresh or empty")
    parser.add_argument("--rate", default="real", choices=["real", "off"], help="the platform's limits")
    return parser


def serve_platform(platform: str, *, port: int, data: Path, seed: str, rate: str) -> None:
    """Serve until stopped. Raises ConfigError if the extra is missing, PluginError, ConfigError."""
    try:
        from crossdock.sandbox.server import serve

        sandbox_class = _load(platform)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"starlette", "uvicorn"}:
            raise missing_extra() from error
        raise
    serve(sandbox_class, platform=platform, port=port, data=data, seed=seed, rate=rate)


def _load(platform: str) -> Any:
    found = entry_points(group=GROUP)
    for entry in found:
        if entry.name == platform:
            return entry.load()
    names = ", ".join(sorted({entry.name for entry in found})) or "none"
    raise PluginError(
        f"no installed plugin has a sandbox named {platform!r}; installed: {names}.",
        hint=f"Install one, for instance: pip install crossdock-{platform}",
    )


if __name__ == "__main__":
    sys.exit(main())
