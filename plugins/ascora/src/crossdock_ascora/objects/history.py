"""Notes and the activity log. The API takes notes but gives none, so they come from a table."""

from crossdock.fieldtypes import FieldType as T
from crossdock.values import Reference
from crossdock_ascora.objects.kind import REMARKS, Kind, Unfit, Values, copied, one, remarks, taken
from crossdock_ascora.objects.owners import OWNERS, owner_of, plain_owner
from crossdock_ascora.office import Office
from crossdock_ascora.rows import RawRow

_OWN = {"created_at": "created_at", "kind": "activity_type", "subject": "subject", "text": "text"}


def _note(row: RawRow, office: Office) -> Values:
    owner = owner_of(row.text("entity"), row.named("about"), office)
    if isinstance(owner, str):
        raise Unfit(f"what it is about: {owner}")
    values = taken(row, _OWN)
    author = office.users.find(row.named("author"))
    lines = row.text("text").splitlines()
    title = row.text("subject") or (lines[0].strip()[:80] if lines else "") or row.text("kind") or "Note"
    return values | {
        "title": title,
        "author": Reference("users", author) if author else None,
        "about": owner,
        "about_customer": plain_owner(owner, office),
        "remarks": remarks(row),
    }


NOTES = Kind(
    "notes",
    "notes",
    "Note",
    "Notes",
    (
        one("title", T.TEXT, "Title", required=True),
        *copied("notes", _OWN),
        one("author", T.REFERENCE, "Author", "users"),
        one("about", T.REFERENCE, "About", *OWNERS),
        one(
            "about_customer", T.REFERENCE, "About (sites as customers)", *(o for o in OWNERS if o != "sites")
        ),
        REMARKS,
    ),
    _note,
)
