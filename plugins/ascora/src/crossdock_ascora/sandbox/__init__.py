"""A sandbox of Ascora: `crossdock sandbox ascora`. Needs the extra `sandbox`.

Behaviour that no public source shows is marked as assumed in the docstring of its module.
"""

from crossdock_ascora.sandbox.platform import AscoraSandbox

__all__ = ["AscoraSandbox"]
