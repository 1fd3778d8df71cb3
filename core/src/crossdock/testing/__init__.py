"""The conformance kit for connector authors: what crossdock promises, tried on one's own plugin.

A destination's whole test file, run by pytest (`pip install "crossdock[testing]"`):

    from crossdock.capabilities import Capability
    from crossdock.testing import Existing, People, Target, destination_suite

    TARGET = Target("acme", Existing("firm", "name", "domain"), People("user", "email", "anna@acme.example"),
                    frozenset({Capability.CLIENT_IDS, Capability.TRASH}))
    TestAcme = destination_suite(TARGET)

The suite needs the platform's sandbox (`crossdock.sandbox.interface`), which it starts in a process of its
own, and drives the plugin through the command line over real HTTP: provisioned, loaded, killed at its
requests and resumed, run twice, changed on both sides, rolled back, and the dumps compared. What comes
from a source is its own (`crossdock.testing.source`).

Checks of capabilities that a target does not claim are left out: `TestAcme.left_out` has the reasons.
Nothing here imports a test runner.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from crossdock.testing.dumps import without
    from crossdock.testing.suite import DestinationSuite, Verdict, destination_suite, examine
    from crossdock.testing.target import Existing, People, Target

__all__ = [
    "DestinationSuite",
    "Existing",
    "People",
    "Target",
    "Verdict",
    "destination_suite",
    "examine",
    "without",
]

# A type checker reads the imports above; at run time a name is looked for in these modules, so that the
# launcher's program, which is in this package too, imports none of them.
_MODULES: Final = ("target", "suite", "dumps")


def __getattr__(name: str) -> Any:
    if name in __all__:
        for module in _MODULES:
            found = vars(import_module(f"{__name__}.{module}")).get(name)
            if found is not None:
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
