"""MS Project plans (MSPDI files) as a second kind of source data beside ELMA365's own projects."""

from crossdock_elma365.msproject.library import PREFIX, PlanLibrary

__all__ = ["PREFIX", "PlanLibrary"]
