"""Sandboxes: a platform's own API on loopback, in its own process, kept in SQLite.

A plugin offers one under the entry-point group `crossdock.sandboxes`: a class that is a `Sandbox`.
Everything that is the same for all of them (control paths, faults, request log, ready line) is
in this package, so that a plugin writes only what its platform does.

`start` runs one in a child process; `crossdock.sandbox.server.serve` runs one in this process.
Nothing here imports starlette or uvicorn (extra `sandbox`) before a sandbox is really served.
"""

from crossdock.sandbox.faults import Fault
from crossdock.sandbox.interface import Sandbox, SandboxOptions
from crossdock.sandbox.process import SandboxProcess, ensure, find, health, running, start

__all__ = [
    "Fault",
    "Sandbox",
    "SandboxOptions",
    "SandboxProcess",
    "ensure",
    "find",
    "health",
    "running",
    "start",
]
