"""Accounts of people who are there: what Odoo mails a person about is never written.

Writing `login` or `password` of a user queues a mail about a security update to that person, even if the
value is the same; another `email` queues one to the address before. No context stops it. (Code of 18.0, and
measured.) A new account is made with all of them, and nobody is told.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock_odoo.filling import Item
from crossdock_odoo.reading import Reader

USER = "res.users"
TOLD = frozenset({"login", "email", "password", "new_password"})
"""Columns of a user about whose change Odoo writes to that person."""

LEFT_AS_IT_IS = "left as it is: Odoo would mail the person about the change"


def leave_out(reader: Reader, model: str, items: Sequence[Item]) -> None:
    """Take these columns out of what is sent of users that are there; what would have changed is noted."""
    named = [i for i in items if model == USER and i.record_id is not None and TOLD & i.cells.keys()]
    if not named:
        return
    columns = sorted({column for item in named for column in TOLD & item.cells.keys()})
    rows = reader.client.read(USER, [item.record_id or 0 for item in named], columns)
    held = {row["id"]: row for row in rows}
    for item in named:
        for column in sorted(TOLD & item.cells.keys()):
            cell = item.cells.pop(column)
            if cell != str(held.get(item.record_id or 0, {}).get(column) or ""):
                item.encoded.note(column, LEFT_AS_IT_IS)


def untold(model: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values to write without those that Odoo tells a person about: no load has written them."""
    return {column: value for column, value in values.items() if model != USER or column not in TOLD}
