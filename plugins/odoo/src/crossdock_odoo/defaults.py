"""What a new record of some models is given beside its own values, so that no default speaks for the source.

The server would name the key's user as the author of a message and the owner of a lead, give users the groups
of its template, and contacts the language of the call (measured on 18.0).
"""

from crossdock.model import ObjectSchema
from crossdock_odoo.filling import Item
from crossdock_odoo.objects import SUPPRESSED
from crossdock_odoo.tables import Tables

NOTE = "mail.mt_note"
INTERNAL_USER = "base.group_user"
_UNKNOWN_MEDIA = "application/octet-stream"


class Defaults:
    """Fills in defaults of one database."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def give(self, schema: ObjectSchema, item: Item) -> None:
        """Fill in what the new record leaves out."""
        columns = {f.settings["column"]: f.settings["odoo_type"] for f in schema.fields}
        for column in SUPPRESSED.get(schema.name, ()):
            if column in columns:
                name = f"{column}/.id" if columns[column] == "many2one" else column
                item.cells.setdefault(name, "")
        if schema.name == "mail.message":
            self._message(item)
        elif schema.name == "res.users":
            self._user(schema, item)
        elif schema.name == "ir.attachment":
            _attachment(item)

    def _message(self, item: Item) -> None:
        item.cells.setdefault("message_type", "comment")
        item.cells.setdefault("subtype_id/.id", str(self._tables.reference(NOTE)))
        if not item.cells.get("author_id/.id"):
            # Nobody is known: without both the server takes the key's user.
            item.cells["author_id/.id"] = ""
            item.cells.setdefault("email_from", "")

    def _user(self, schema: ObjectSchema, item: Item) -> None:
        groups = "groups_id" if schema.field("groups_id") else "group_ids"  # from 19 on (documented)
        if not item.cells.get(f"{groups}/.id"):
            item.cells[f"{groups}/.id"] = str(self._tables.reference(INTERNAL_USER))


def _attachment(item: Item) -> None:
    file = item.encoded.files.get("datas")
    if file is None:
        return
    item.cells.setdefault("name", file.name or "file")
    if file.media_type != _UNKNOWN_MEDIA:
        item.cells.setdefault("mimetype", file.media_type)
