"""The command line. Only what `--help` needs is imported here; commands import what they use."""

from crossdock.cli import mapping, migrate, project, sandboxes  # noqa: F401 they register their commands
from crossdock.cli.app import app

__all__ = ["app"]
