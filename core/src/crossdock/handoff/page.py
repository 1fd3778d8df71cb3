"""The handoff as a page: the tables that its template shows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossdock.documents.figures import moment
from crossdock.documents.filing import file_page, file_pdf


def write_handoff_page(folder: Path, handoff: Mapping[str, Any]) -> list[Path]:
    """Write `handoff.html` and `handoff.pdf`; gives their paths. Raises StorageError, ConfigError without
    the extra `reports`."""
    page = file_page(folder / "handoff.html", "handoff.html", _page_data(handoff))
    return [page, file_pdf(page)]


def _page_data(handoff: Mapping[str, Any]) -> dict[str, Any]:
    left = handoff["left_out"]
    filled = [row for row in left["fields"] if row["filled"] != 0]
    return {
        "handoff": handoff,
        "boxes": _boxes(handoff),
        "needed": {
            need["capability"]: [(n["name"], n["kind"], ", ".join(n["steps"])) for n in need["needed_by"]]
            for need in handoff["lacking"]
        },
        "left_objects": [(r["label"], r["object"], r["records"], r["why"]) for r in left["objects"]],
        "left_fields": [(r["object"], r["label"], r["field"], r["filled"], r["why"]) for r in filled],
        "empty_fields": len(left["fields"]) - len(filled),
        "lost": [
            (r["phase"], r["outcome"], r["reason"], r["queue"], r["count"]) for r in handoff["not_loaded"]
        ],
        "queues": [(q["file"], q["waiting"], q["decided"], q["meaning"]) for q in handoff["queues"]],
        "findings": [(f["object"], f["kind"], f["count"], f["run"]) for f in handoff["findings"]],
        "unresolved": [(u["object"], u["field"], u["what"], u["count"]) for u in handoff["unresolved"]],
        "normalised": [(n["object"], n["field"], n["rule"], n["count"]) for n in handoff["normalised"]],
        "signed": [(s["what"], s["by"], moment(s["at"]), s["run"], s["findings"]) for s in handoff["signed"]],
        "runs": [(r["id"], r["kind"], r["state"], moment(r["started_at"])) for r in handoff["runs"]],
    }


def _boxes(handoff: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    kinds = [report for side in handoff["artifacts"] for report in side["kinds"]]
    unknown = sum(not report["examined"] for report in kinds)
    lost = sum(row["count"] for row in handoff["not_loaded"] if row["outcome"] != "skipped")
    waiting = sum(queue["waiting"] for queue in handoff["queues"])
    on = sum(a["active"] is True for report in handoff["automations"] for a in report["found"])
    needing = {n["name"] for need in handoff["lacking"] for n in need["needed_by"]}
    found, nobody = (sum(row["count"] for row in handoff[name]) for name in ("findings", "unresolved"))
    return [
        ("Did not move", str(sum(len(r["found"]) for r in kinds)), "workflows, robots, reports and the like"),
        ("Not examined", str(unknown), "kinds; there may be some"),
        ("Need what is not there", str(len(needing)), "processes"),
        ("Not loaded", str(lost), "records, with reasons"),
        ("Open findings", str(found), "of the newest comparison"),
        ("Links to nobody", str(nobody), "left empty, or another stands in"),
        ("Waiting", str(waiting), "lines in queues"),
        ("Switched on", str(on), "automations at the destination"),
    ]
