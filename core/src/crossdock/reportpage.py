"""The report of a run as a page: the first half answers whether everything arrived and what is to be done."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from crossdock.delta.progress import mark_rows
from crossdock.documents.figures import amount, span
from crossdock.documents.filing import file_page, file_pdf
from crossdock.queues import MEANINGS
from crossdock.reconcile.spotsheet import LINK_COLUMNS, LINK_KEYS
from crossdock.reportcharts import charts_of
from crossdock.verdict import HARMLESS, not_loaded, to_look_at, told_phases

Report = Mapping[str, Any]

_TITLES: Final = {
    "run": "Migration",
    "delta": "Delta",
    "sample": "Sample",
    "reconcile": "Reconciliation",
    "provision": "Provisioning",
    "files": "Files for an import",
    "exports": "Comparison with exports",
}
_THERE: Final = ("created", "updated", "unchanged")
_HERE: Final = ("merged", "skipped", "held", "rejected", "failed")
_SCOPE: Final = ("label", "scope", "extracted", "loaded", "there")
_ROWS: Final = 200
_EACH: Final = 25  # findings of one kind that are shown
_VALUE: Final = 160  # characters of a value that are shown


def write_report_page(folder: Path, report: Report, *, pdf: bool = False) -> list[Path]:
    """Write `NAME.html` beside the JSON, with `pdf` a PDF too; gives the paths. Raises StorageError,
    ConfigError without the extra `reports`."""
    path = folder / f"{report['run']['kind']}-{report['run']['id']}.html"
    page = file_page(path, "report.html", _page_data(report))
    return [page, file_pdf(page)] if pdf else [page]


def _page_data(report: Report) -> dict[str, Any]:
    lost = [(p["name"], x) for p in report["phases"] for x in p["not_loaded"]]
    shown = _shown(report["first_findings"])
    open_findings = [f for f in report["first_findings"] if f["kind"] not in HARMLESS]
    return {
        "report": report,
        "title": _TITLES.get(report["run"]["kind"], report["run"]["kind"].capitalize()),
        "took": span(report["run"]["seconds"] / 60),
        "boxes": _boxes(report),
        "phases": _phases(report),
        "outcomes": _outcomes(report),
        "charts": charts_of(report),
        "seconds": [(p["name"], p["seconds"]) for p in told_phases(report) if p["seconds"]],
        "not_loaded": [
            (name, x["key"], x["outcome"], "; ".join(x["reasons"]), x["queue"]) for name, x in lost[:_ROWS]
        ],
        "more_not_loaded": max(0, sum(not_loaded(report).values()) - min(len(lost), _ROWS)),
        "counts": [(f["object"], f["kind"], f["count"]) for f in report["findings"]],
        "findings": [_finding(f) for f in shown],
        "more_findings": len(open_findings) > len(shown),
        "routes": [
            (r["name"], r["expected"], r["whole"], sum(r["findings"].values()))
            for r in report.get("routes", ())
        ],
        "links": [tuple(x[key] for key in LINK_KEYS) for x in report.get("links", ())],
        "link_columns": LINK_COLUMNS,
        "sums": [
            (x["object"], x["field"], x["currency"], x["expected"], x["there"])
            for x in report.get("sums", ())
        ],
        "scope": [tuple(x[key] for key in _SCOPE) for x in report.get("scope", ())],
        "drawn": [(r["name"] or r["source_id"], r["object"], r["verdict"]) for r in _drawn(report)],
        "normalised": [(n["object"], n["field"], n["rule"], n["count"]) for n in report["normalised"]],
        "not_proven": report.get("not_proven", ()),
        "queues": [(f"queues/{q}.csv", n, MEANINGS.get(q, "")) for q, n in report["queues"].items()],
        "changes": [(c["key"], c["label"], c["reason"], c["state"]) for c in report["changes"]],
        "automations": [
            (a["kind"], a["name"], a["decision"], a["state"], a["note"]) for a in report["automations"]
        ],
        "marks": [tuple(row) for row in mark_rows(report["run"]["marks"])],
        "requests": [(r["scope"], r["sent"], r["refused"], r["waited_seconds"]) for r in report["requests"]],
    }


def _drawn(report: Report) -> Sequence[Report]:
    """The records of the spot check, if there was one."""
    found: Sequence[Report] = (report.get("spot") or {}).get("records", ())
    return found


def _boxes(report: Report) -> list[tuple[str, str, str]]:
    """What a reader wants to know first."""
    there = report["totals"]["destination"]
    forms = sum(f["count"] for f in report["findings"] if f["kind"] in HARMLESS)
    waiting = sum(report["queues"].values())
    loading = [
        ("Created", amount(there.get("created", 0)), "records at the destination"),
        ("Updated", amount(there.get("updated", 0)), f"{amount(there.get('unchanged', 0))} unchanged"),
        ("Not loaded", amount(sum(not_loaded(report).values())), "held, rejected or failed"),
    ]
    looking = [
        ("To look at", amount(to_look_at(report)), "findings"),
        ("Another form", amount(forms), "by a declared rule"),
        ("Waiting", amount(waiting), "lines in queues"),
    ]
    return [*(loading if report["phases"] else []), *looking]


def _phases(report: Report) -> list[tuple[Any, ...]]:
    rows = [
        (
            phase["name"],
            phase["extracted"],
            *(phase["destination"].get(name, 0) for name in _THERE),
            *(phase["source"].get(name, 0) for name in _HERE),
        )
        for phase in told_phases(report)
    ]
    sums = (sum(column) for column in list(zip(*rows, strict=True))[1:])
    return [*rows, ("all", *sums)] if rows else []


def _outcomes(report: Report) -> list[tuple[str, int]]:
    source = report["totals"]["source"]
    return [(name, count) for name, count in sorted(source.items(), key=lambda item: -item[1]) if count]


def _shown(findings: Sequence[Report]) -> list[Report]:
    """The first ones of each object and kind that somebody has to look at."""
    seen: Counter[tuple[str, str]] = Counter()
    shown = []
    for finding in findings:
        kind = (finding["object"], finding["kind"])
        seen[kind] += 1
        if finding["kind"] not in HARMLESS and seen[kind] <= _EACH:
            shown.append(finding)
    return shown


def _finding(finding: Report) -> tuple[str, ...]:
    where = f"{finding['object']} {finding['origin'] or finding['target_id']}"
    values = (str(finding["expected"])[:_VALUE], str(finding["actual"])[:_VALUE])
    return (where, finding["kind"], finding["field"], *values, finding["note"])
