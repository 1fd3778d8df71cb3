"""How many requests a run sent to each platform, and how long it waited for their rate limits."""

from typing import Any

from crossdock.ledger import Ledger, Run
from crossdock.ratelimit import BUDGETS, BudgetCounts

_OPTION = "requests"


class Traffic:
    """Counts the requests of one run, over all processes that worked on it."""

    def __init__(self, ledger: Ledger, run: Run) -> None:
        self._ledger, self._run = ledger, run
        self._seen = BUDGETS.counts()

    def keep(self) -> None:
        """Add what was sent since the last time to what the ledger holds for the run."""
        now, nothing = BUDGETS.counts(), BudgetCounts(0, 0.0, 0)
        known = self._ledger.runs.option(self._run, _OPTION) or {}
        for scope, counts in now.items():
            before = self._seen.get(scope, nothing)
            calls, waited, refused = known.get(scope, (0, 0.0, 0))
            known[scope] = (
                calls + counts.calls - before.calls,
                round(waited + counts.waited - before.waited, 3),
                refused + counts.refused - before.refused,
            )
        self._seen = now
        self._ledger.runs.set_option(self._run, _OPTION, {s: k for s, k in known.items() if k[0]})


def requests_of(ledger: Ledger, run: Run) -> list[dict[str, Any]]:
    """The requests of a run by limit scope: sent, refused for the rate, seconds waited."""
    known = ledger.runs.option(run, _OPTION) or {}
    return [
        {"scope": scope, "sent": calls, "refused": refused, "waited_seconds": round(waited, 1)}
        for scope, (calls, waited, refused) in sorted(known.items())
    ]
