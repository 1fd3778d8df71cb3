"""How many requests a run sent to each platform, and how long it waited for their rate limits."""

from datetime import UTC, datetime
from typing import Any

from crossdock.ledger import Ledger, Run
from crossdock.pace import merged, since
from crossdock.ratelimit import BUDGETS, BudgetCounts

_OPTION = "requests"
_PACE = "pace"


class Traffic:
    """Counts the requests of one run, over all processes that worked on it."""

    def __init__(self, ledger: Ledger, run: Run) -> None:
        self._ledger, self._run = ledger, run
        self._seen = BUDGETS.counts()
        self._minutes = BUDGETS.paces()

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
        self._keep_pace()

    def _keep_pace(self) -> None:
        """Add the calls by minute."""
        known, paces = self._ledger.runs.option(self._run, _PACE) or {}, BUDGETS.paces()
        for scope, (limit, minutes) in paces.items():
            new = since(minutes, self._minutes.get(scope, (None, {}))[1])
            if new:
                known[scope] = {**merged(known.get(scope, {}), new), "limit": limit}
        self._minutes = paces
        self._ledger.runs.set_option(self._run, _PACE, known)


def requests_of(ledger: Ledger, run: Run) -> list[dict[str, Any]]:
    """The requests of a run by limit scope: sent, refused for the rate, seconds waited."""
    known = ledger.runs.option(run, _OPTION) or {}
    return [
        {"scope": scope, "sent": calls, "refused": refused, "waited_seconds": round(waited, 1)}
        for scope, (calls, waited, refused) in sorted(known.items())
    ]


def pace_of(ledger: Ledger, run: Run) -> list[dict[str, Any]]:
    """The requests of a run over time, by limit scope: `{scope, per_minute, seconds, points: [{at, calls,
    refused}]}`; `per_minute` is the limit, None if none is declared; a point stands for so many seconds."""
    known = ledger.runs.option(run, _PACE) or {}
    return [
        {
            "scope": scope,
            "per_minute": pace["limit"],
            "seconds": pace["width"],
            "points": [
                {
                    "at": datetime.fromtimestamp(int(start), UTC).isoformat(),
                    "calls": calls,
                    "refused": refused,
                }
                for start, (calls, refused) in pace["points"].items()
            ],
        }
        for scope, pace in sorted(known.items())
    ]
