"""Opening a Word file: looked at before it is unpacked, then given as the parts that hold text."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx.opc.exceptions import OpcError
from docx.oxml.parser import parse_xml
from docx.package import Package
from lxml.etree import LxmlError

from crossdock.errors import ConfigError
from crossdock.layout import DOCTYPE

LARGEST = 200_000_000  # bytes, unpacked
MOST_ENTRIES = 10_000
_RATIO = 200  # times that an entry of more than a megabyte may grow
_MEGABYTE = 1 << 20
_START = 1 << 14  # bytes in which a document type has to be declared
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PART = re.compile(r"/word/(?:glossary/)?(document|header|footer|footnotes|endnotes|comments)\d*\.xml")
_PLACES = {"document": "text", "footnotes": "footnote", "endnotes": "endnote", "comments": "comment"}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a document. `place`: text, header, footer and so on; `root`: its XML element."""

    place: str
    root: Any


def parts_of(path: Path) -> list[Part]:
    """The parts of a Word document that may hold fields. Raises ConfigError for what is no such file."""
    _look(path)
    try:
        return list(_parts(path))
    except (OpcError, LxmlError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ConfigError(
            f"{path} cannot be read as a Word document ({type(error).__name__}).",
            hint="Save it again as .docx.",
        ) from error


def _parts(path: Path) -> Iterator[Part]:
    package = Package.open(str(path))
    for part in package.iter_parts():
        found = _PART.fullmatch(str(part.partname))
        if found is not None:
            yield Part(_PLACES.get(found[1], found[1]), parse_xml(part.blob))


def _look(path: Path) -> None:
    """Refuse what would do harm or cannot be read, in words."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
        if start == _OLD:
            raise ConfigError(
                f"{path} is protected by a password, or an old .doc file.",
                hint="Open it in Word and save it as .docx without a password.",
            )
        with zipfile.ZipFile(path) as archive:
            _check_entries(path, archive.infolist())
            _check_types(path, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ConfigError(f"{path} is no Word document.", hint="Save it as .docx.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", hint="Correct `forms`.") from error


def _check_entries(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise ConfigError(f"{path} is protected by a password.", hint="Save it without one.")
    whole = sum(entry.file_size for entry in entries)
    if whole > LARGEST or len(entries) > MOST_ENTRIES or any(map(_swells, entries)):
        raise ConfigError(
            f"{path} unpacks to {whole} bytes in {len(entries)} parts: that is no template but a trap.",
            hint="Take it out of `forms`, or save it again in Word.",
        )
    if path.suffix.lower() in (".docm", ".dotm") or any(name.endswith("vbaProject.bin") for name in names):
        raise ConfigError(f"{path} holds macros.", hint="Save it as .docx, which holds none.")
    if "word/document.xml" not in names:
        raise ConfigError(f"{path} is no Word document: it has no text.", hint="Correct `forms`.")


def _check_types(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse XML that declares a document type, which is how entities that swell come in."""
    for entry in archive.infolist():
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as stream:
                if DOCTYPE.search(stream.read(_START)):
                    raise ConfigError(
                        f"{path}: {entry.filename} declares a document type, which Word never writes.",
                        hint="Take it out of `forms`.",
                    )


def _swells(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > _MEGABYTE and entry.file_size > _RATIO * max(entry.compress_size, 1)
