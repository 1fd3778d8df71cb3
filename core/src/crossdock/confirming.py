"""The map confirmed by a person: what `crossdock map confirm` and the page do."""

from datetime import UTC, datetime

from crossdock.mappingfile.check import check, require_fit
from crossdock.mappingfile.confirmation import Confirmation, keep, write
from crossdock.mappingfile.document import load
from crossdock.mapversions import Why, keep_version
from crossdock.migration import Migration
from crossdock.proposing.remembering import remember


def confirm_mapping(migration: Migration, by: str) -> Confirmation:
    """Confirm the mapping as it is now, for both schemas and this destination as they are now.

    Raises MappingError if it does not fit, RefusedError without a name, StorageError.
    """
    resolved = migration.resolved()
    catalogs = list(migration.source_catalogs.values())
    require_fit(check(resolved, catalogs, migration.destination_catalog))
    parts = migration.confirmation_parts(resolved)
    now = datetime.now(UTC).replace(microsecond=0)
    confirmation = write(migration.confirmation_file, by, now, parts)
    keep(migration.project.mapping, migration.confirmed_mapping)
    where = f"for {migration.destination_name}" if migration.destination_name else ""
    keep_version(migration.project, Why.CONFIRMED, confirmation.by, where)
    remember(migration.project, load(migration.project.mapping), now.date())
    migration.keep_catalog()
    return confirmation
