"""mapping.yaml of a project changed by one edit: nobody else's changes are lost, and a version is kept."""

from hashlib import sha256
from pathlib import Path

from crossdock.config import Project
from crossdock.errors import MappingError, RefusedError
from crossdock.mappingfile.document import parse
from crossdock.mappingfile.edits import Edit
from crossdock.mapversions import Why, keeping
from crossdock.wholefile import SHARED, write_whole


class ChangedSinceError(RefusedError):
    """The file is not what the edit was meant for; `now` is what it says now."""

    def __init__(self, now: str) -> None:
        super().__init__(
            "mapping.yaml was changed by somebody else since this page was made; nothing was written.",
            hint="Look at both, then decide again.",
        )
        self.now = now


def digest_of(text: str) -> str:
    """What a page remembers of the file that it was made from."""
    return sha256(text.encode()).hexdigest()


def read_text(path: Path) -> str:
    """The mapping file as text. Raises MappingError if there is none."""
    try:
        # Not read_text: that would take the line ends of other systems for its own.
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise MappingError(
            f"there is no mapping yet: {path} is missing.", hint="Make one: crossdock map propose"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"cannot read {path}: {error}") from error


def change_mapping(project: Project, edit: Edit, *, seen: str | None = None, by: str = "") -> bool:
    """Make an edit and write the file whole; False if it changes nothing.

    seen: the digest of the text that the edit was meant for, None if it does not matter. by: whose edit it
    is. Raises ChangedSinceError, MappingError (nothing is written then), StorageError. The caller holds the
    project, so that no run reads the file meanwhile.
    """
    text = read_text(project.mapping)
    if seen is not None and digest_of(text) != seen:
        raise ChangedSinceError(text)
    made = edit.make(text)
    if made == text:
        return False
    parse(made, project.mapping.name)
    with keeping(project, Why.EDITED, by, edit.said):
        write_whole(project.mapping, made.encode(), SHARED, make_folder=False)
    return True
