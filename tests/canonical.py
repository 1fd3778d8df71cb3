"""A dump of the destination without what the server makes up anew each time.

This list, and nothing else, is left out when two dumps are compared (docs/decisions/0006 gives the reasons):

    ids of files              given by the server: a file is named by its hash here
    uploads nobody attached   the server removes them after some time
    block ids                 in rich text, made by the server
    ids of timeline rows      made by the server

and after a rollback also, by object and field:

    updatedAt, updatedBy      of rows that were restored
    timeline rows             of records that existed before
    effects                   the sandbox's own count of what the platform would have started; no state
"""

import json
import re
from typing import Any

Dump = dict[str, Any]
_BLOCK_ID = re.compile(r'\\"id\\": ?\\"[0-9a-f-]{36}\\",? ?')


def canonical(dump: Dump) -> Dump:
    """The dump without what is made up anew."""
    text = _BLOCK_ID.sub("", json.dumps(dump, ensure_ascii=False))
    for file in dump["files"]:
        text = text.replace(file["id"], f"file {file['sha256']}")
    whole: Dump = json.loads(text)
    whole["files"] = sorted((f for f in whole["files"] if f["record"]), key=json.dumps)
    timeline = whole["records"].get("timelineActivity", {"live": []})
    for row in timeline["live"]:
        row.pop("id")
    timeline["live"].sort(key=lambda row: json.dumps(row, sort_keys=True))
    return whole


def undone(dump: Dump) -> Dump:
    """A dump to be compared with one after a rollback."""
    whole = canonical(dump)
    whole.pop("effects")
    for name, parts in whole["records"].items():
        for row in (*parts["live"], *parts["trash"]):
            row.pop("updatedAt", None)
            row.pop("updatedBy", None)
        if name == "timelineActivity":
            parts["live"] = []
    return whole
