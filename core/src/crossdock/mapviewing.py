"""The map of an open project, resolved and checked, ready to be looked at."""

from crossdock.mapediting import read_text
from crossdock.mappingfile.check import check
from crossdock.mappingfile.document import parse
from crossdock.mapreview import read_reviews
from crossdock.mapview import MapView
from crossdock.migration import Migration


def view_of(migration: Migration, text: str | None = None) -> MapView:
    """The map as it is now, or as `text` would have it. Raises MappingError if it cannot be read."""
    text = read_text(migration.project.mapping) if text is None else text
    mapping = parse(text, migration.project.mapping.name)
    resolved = migration.resolved_from(mapping)
    catalogs = list(migration.source_catalogs.values())
    problems = check(resolved, catalogs, migration.destination_catalog, list(migration.source_catalogs))
    return MapView(text, resolved, catalogs, problems, read_reviews(migration.project))
