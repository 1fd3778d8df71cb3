"""A page as a PDF: the same text as the HTML, laid out for paper. Needs the extra `reports`."""

from importlib.resources import files
from pathlib import Path

import orjson

from crossdock.errors import ConfigError
from crossdock.wholefile import write_whole


def pdf_of(html: str) -> bytes:
    """The PDF of a page that `crossdock.documents.page` rendered; the same page gives the same bytes.

    The fonts (Latin, Greek, Cyrillic) come with the library; for other scripts those of the machine step
    in. Raises ConfigError if the extra `reports` is not installed.
    """
    from crossdock.documents.blocks import blocks_of  # it reads HTML: who files a page needs no parser

    try:
        import typst
    except ImportError:
        raise ConfigError(
            "PDF needs the extra `reports`, which is not installed.", hint="pip install 'crossdock[reports]'"
        ) from None
    layout = files("crossdock.documents").joinpath("templates/page.typ").read_bytes()
    page = orjson.dumps(blocks_of(html)).decode()
    pdf = typst.compile(layout, sys_inputs={"page": page}, format="pdf")
    if not isinstance(pdf, bytes):
        raise TypeError("a PDF is bytes")
    return pdf


def write_pdf(path: Path, html: str) -> Path:
    """Write the PDF of a page for this user alone (mode 0600); gives its path. Raises StorageError,
    ConfigError."""
    return write_whole(path, pdf_of(html))
