"""What stands before the content of the external id field of a record that is not simply there.

`trash:` marks a record that lies in the trash: Odoo has none, so it is archived and marked. A mark without
the other means nothing: somebody archived the record, or took it out of the trash. `half:` marks one
that takes two calls to make, until the second is through: it does not count as there, and is made whole when
it is sent again.
"""

TRASH = "trash:"
HALF = "half:"


def split(content: object) -> tuple[str, str]:
    """The mark ("" if none) and the external id."""
    text = content if isinstance(content, str) else ""
    for mark in (TRASH, HALF):
        if text.startswith(mark):
            return mark, text[len(mark) :]
    return "", text
