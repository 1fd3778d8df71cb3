"""Reading exported tables (xlsx, csv) by a declared layout: the same reader for every source.

A layout file says which file and sheet holds which object, what its columns are called there, and how
their cells are written. Nothing is guessed: a header that is missing stops with what was found instead, a
cell that does not read rejects its row with file, sheet, row and column. Rows read are records, rejects,
blank rows or rows of totals; nothing is dropped.
"""

from crossdock.layout.completion import completed, object_schema
from crossdock.layout.declaration import ColumnLayout, Layout, ObjectLayout, load_layout
from crossdock.layout.lookups import Elsewhere
from crossdock.layout.reading import LayoutReader
from crossdock.layout.rows import Totals
from crossdock.layout.workbook import DOCTYPE, look_through

__all__ = [
    "DOCTYPE",
    "ColumnLayout",
    "Elsewhere",
    "Layout",
    "LayoutReader",
    "ObjectLayout",
    "Totals",
    "completed",
    "load_layout",
    "look_through",
    "object_schema",
]
