"""A sandbox of ELMA365: `crossdock sandbox elma365`. Needs the extra `sandbox`.

Behaviour that no public source shows is marked as assumed in the docstring of its module.
"""

from crossdock_elma365.sandbox.platform import Elma365Sandbox

__all__ = ["Elma365Sandbox"]
