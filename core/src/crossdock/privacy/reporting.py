"""Reports of runs and the log, fit to be sent: built up from what may be said, not cut down."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from crossdock.ledger import Run
from crossdock.migration import Migration
from crossdock.model import Finding, Origin
from crossdock.privacy.pseudonyms import Pseudonyms
from crossdock.privacy.scrubbing import Scrubber
from crossdock.report import report_of
from crossdock.serial import dump_value, load_value

_LINES: Final = 2000
_AS_IT_IS: Final = frozenset({"timestamp", "level", "logger", "run"})
_FRAME: Final = re.compile(r'  File "([^"]*)", line (\d+), in (\w+|<\w+>)')
_PACKAGE: Final = re.compile(r".*[/\\](?=(?:crossdock|site-packages|python3)[^/\\]*[/\\])")
_RAISED: Final = re.compile(r"([\w.]+(?:Error|Exception|Interrupt|Warning)): ?(.*)", re.DOTALL)
_PLAIN: Final = re.compile(
    r"[0-9T:.Z-]+|\d{8}-\d{6}-[0-9a-f]{4}|debug|info|warning|error|critical|crossdock[\w.]*"
)
_LOGGER: Final = re.compile(r"[a-z_][\w.]*")
Choices = Mapping[str, Mapping[str, Collection[str]]]


def run_report(
    migration: Migration, run: Run, scrub: Scrubber, pseudonyms: Pseudonyms, choices: Choices
) -> dict[str, Any]:
    """The report of a run. `choices`: by target object and field the values that are no secret."""
    report = report_of(migration.ledger, migration.staging, run, migration.queues)
    found = migration.ledger.findings.of_run(run, len(report["first_findings"]))
    return {
        "run": {
            **{key: report["run"][key] for key in ("id", "kind", "state", "started_at", "finished_at")},
            "seconds": report["run"]["seconds"],
        },
        "phases": [_phase(phase, scrub, pseudonyms) for phase in report["phases"]],
        "totals": report["totals"],
        "findings": report["findings"],
        "first_findings": [_finding(finding, scrub, pseudonyms, choices) for finding in found],
        "changes": [{"key": c["key"], "state": c["state"]} for c in report["changes"]],
        "automations": [
            {key: a[key] for key in ("kind", "decision", "state")} for a in report["automations"]
        ],
        "requests": [{**r, "scope": pseudonyms.text(r["scope"])} for r in report["requests"]],
        "normalised": [{**n, "rule": scrub(n["rule"])} for n in report["normalised"]],
        "queues": dict(report["queues"]),
        "verdict": scrub(report["verdict"]),
    }


def _phase(phase: Mapping[str, Any], scrub: Scrubber, pseudonyms: Pseudonyms) -> dict[str, Any]:
    counts = ("name", "state", "extracted", "source", "destination", "in_doubt", "seconds")
    lines = [
        {
            "key": pseudonyms.key(line["key"]),
            "outcome": line["outcome"],
            "reasons": [scrub(reason) for reason in line["reasons"]],
            "queue": line["queue"],
        }
        for line in phase["not_loaded"]
    ]
    return {
        **{key: phase[key] for key in counts},
        "tenant": pseudonyms.tenant(phase["tenant"]),
        "not_loaded": lines,
    }


def _finding(finding: Finding, scrub: Scrubber, pseudonyms: Pseudonyms, choices: Choices) -> dict[str, Any]:
    kept = choices.get(finding.object_name, {}).get(finding.field_name, ())
    return {
        "kind": finding.kind.value,
        "object": finding.object_name,
        "target_id": pseudonyms.key(finding.target_id),
        "origin": _origin(finding.origin, pseudonyms),
        "field": finding.field_name,
        "expected": _shown(finding.expected, pseudonyms, kept),
        "actual": _shown(finding.actual, pseudonyms, kept),
        "note": scrub(finding.note),
    }


def _origin(origin: Origin | None, pseudonyms: Pseudonyms) -> str:
    if origin is None:
        return ""
    return f"{pseudonyms.tenant(origin.tenant)}/{origin.object_name}/{pseudonyms.key(origin.key)}"


def _shown(text: str, pseudonyms: Pseudonyms, kept: Collection[str]) -> Any:
    """The stand-in of a value as a finding keeps it: JSON of a canonical value, or a text, perhaps cut."""
    try:
        value = load_value(orjson.loads(text)) if text[:1] in '{["-0123456789tfn' else text
    except (ValueError, KeyError, TypeError, IndexError, ArithmeticError, StopIteration):
        value = text
    return dump_value(pseudonyms.value(value, kept))


def log_lines(path: Path, scrub: Scrubber, pseudonyms: Pseudonyms) -> list[dict[str, Any]]:
    """The last lines of the log; one that is no JSON is left out."""
    try:
        lines = path.read_bytes().splitlines()[-_LINES:]
    except OSError:
        return []
    return [dict(_event(line, scrub, pseudonyms)) for line in map(_parsed, lines) if line]


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        event = orjson.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _event(event: Mapping[str, Any], scrub: Scrubber, pseudonyms: Pseudonyms) -> Iterator[tuple[str, Any]]:
    for name, value in event.items():
        if not _LOGGER.fullmatch(name):
            continue
        plain = name in _AS_IT_IS and isinstance(value, str) and _PLAIN.fullmatch(value)
        if plain or value is None or isinstance(value, bool | int | float):
            yield name, value
        elif name == "exception":
            yield name, trace(str(value), scrub)
        elif name == "key":
            yield name, pseudonyms.key(str(value))
        elif name == "tenant":
            yield name, pseudonyms.tenant(str(value))
        else:
            yield name, scrub(str(value))


def trace(text: str, scrub: Scrubber) -> str:
    """A trace with its files, lines and functions; the messages scrubbed, the quoted source left out."""
    kept = []
    for line in text.splitlines():
        if frame := _FRAME.match(line):
            file = _PACKAGE.sub("", frame[1]) if _PACKAGE.match(frame[1]) else "…"
            kept.append(f'  File "{file}", line {frame[2]}, in {frame[3]}')
        elif raised := _RAISED.match(line):
            kept.append(f"{raised[1]}: {scrub(raised[2])}")
        elif line.startswith(("Traceback ", "The above exception", "During handling")):
            kept.append(line)
        elif line.strip() and not line.startswith("    "):
            kept.append(scrub(line))
    return "\n".join(kept)
