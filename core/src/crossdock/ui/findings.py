"""Findings of a run: what should be there and what is there, side by side."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock.errors import ConfigError
from crossdock.ledger import Ledger, Run
from crossdock.ledger.looking import FindingFilter, look_through
from crossdock.model import Finding
from crossdock.serial import load_value
from crossdock.shown import shown
from crossdock.ui.desk import desk_of
from crossdock.ui.page import page
from crossdock.ui.reading import paging, reading, run_named
from crossdock.verdict import HARMLESS

OPEN = "open"
"""In place of a kind: all that need a look."""


def findings(request: Request) -> Response:
    """A page of findings, of one run, kind and object, with a text."""
    query = request.query_params
    kind, name, text = query.get("kind", OPEN), query.get("object", ""), query.get("q", "").strip()
    with reading(desk_of(request)) as migration:
        ledger = migration.ledger
        runs = ledger.runs.all()
        run = run_named(ledger, query["run"]) if query.get("run") else _with_findings(ledger, runs)
        if run is None:
            return page(request, "findings.html", {"run": None, "runs": []})
        counts = {(o, k.value): n for (o, k), n in ledger.findings.count(run).items()}
        kinds = sorted({k for _, k in counts})
        wanted = FindingFilter(_kinds(kind, kinds), name, text)
        _, total = look_through(ledger.findings, run, wanted, limit=1)
        turned = paging(request, total)
        found, _ = look_through(ledger.findings, run, wanted, offset=turned.offset, limit=turned.size)
    data = {
        "run": run,
        "runs": list(reversed(runs)),
        "kinds": [(k, sum(n for (_, other), n in counts.items() if other == k)) for k in kinds],
        "objects": sorted({o for o, _ in counts}),
        "kind": kind,
        "object": name,
        "text": text,
        "needs_look": sum(n for (_, k), n in counts.items() if k not in HARMLESS),
        "lines": [_row(finding) for finding in found],
        "paging": turned,
    }
    return page(request, "findings.html", data)


def _kinds(kind: str, known: list[str]) -> list[str]:
    """The kinds to show; a list that matches nothing rather than everything if none is open."""
    if kind == OPEN:
        return [each for each in known if each not in HARMLESS] or [OPEN]
    if kind and kind not in known:
        raise ConfigError(f"this run has no finding of the kind {kind!r}.")
    return [kind] if kind else []


def _with_findings(ledger: Ledger, runs: list[Run]) -> Run | None:
    """The newest run that found something; else the newest of all."""
    for run in reversed(runs):
        if ledger.findings.count(run):
            return run
    return runs[-1] if runs else None


def _row(finding: Finding) -> dict[str, str]:
    origin = finding.origin
    expected, actual = _sides(str(finding.expected), str(finding.actual))
    return {
        "kind": finding.kind.value,
        "object": finding.object_name,
        "source": f"{origin.object_name}/{origin.key}" if origin else "",
        "tenant": origin.tenant if origin else "",
        "there": finding.target_id,
        "field": finding.field_name,
        "expected": expected,
        "actual": actual,
        "note": finding.note,
    }


def _sides(expected: str, actual: str) -> tuple[str, str]:
    """Both values as people read them; as they are kept where reading hides what differs."""
    sides = _readable(expected), _readable(actual)
    return (expected, actual) if sides[0] == sides[1] else sides


def _readable(text: str) -> str:
    if not text.startswith(("{", "[")):
        return text
    try:
        return shown(load_value(json.loads(text)))
    except (ValueError, TypeError, KeyError, ArithmeticError):  # cut, or never was a value of ours
        return text


ROUTES = (Route("/findings", findings),)
MENU = (("/findings", "Findings"),)
