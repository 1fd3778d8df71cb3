"""The command line. Only what `--help` needs is imported here; commands import what they use."""

from crossdock.cli import (  # noqa: F401 they register their commands
    checking,
    deciding,
    documents,
    mapediting,
    mapping,
    migrate,
    privacy,
    project,
    reporting,
    sandboxes,
    trying,
    ui,
    undoing,
    usage,
    versions,
)
from crossdock.cli.app import app

__all__ = ["app"]
