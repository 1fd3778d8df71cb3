"""Steps: one small pure function per field conversion, used by name in a mapping.

A step takes one canonical value (never None or "") and its arguments, and returns a canonical
value, or raises StepError with the reason why this value cannot be converted. `STEPS` holds the
ones that come with the core; others are found by name in the entry-point group `crossdock.steps`.
"""

from crossdock.steps import companies, contacts, lists, markup, numbers, texts, times
from crossdock.steps.registry import GROUP, STEPS, Step, StepError, bind, find_step, step, step_docs

__all__ = [
    "GROUP",
    "STEPS",
    "Step",
    "StepError",
    "bind",
    "companies",
    "contacts",
    "find_step",
    "lists",
    "markup",
    "numbers",
    "step",
    "step_docs",
    "texts",
    "times",
]
