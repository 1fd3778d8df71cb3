"""Writes the mapping of a project: from the pair's curated mapping, else from the two catalogs."""

from collections.abc import Mapping

from crossdock.entrypoints import Role, list_plugins, load_plugin
from crossdock.errors import ConfigError
from crossdock.mapping_file import parse, save
from crossdock.migration import Migration
from crossdock.propose import Proposal, from_curated, propose


def propose_mapping(migration: Migration, *, overwrite: bool = False) -> Proposal:
    """Write mapping.yaml. Raises ConfigError if there is one and `overwrite` is not set."""
    path = migration.project.mapping
    if path.exists() and not overwrite:
        raise ConfigError(
            f"{path} exists already; nothing was changed.", hint="Use --overwrite to replace it."
        )
    platforms = {config.platform for config in migration.project.sources}
    pair = (
        f"{next(iter(platforms))}-{migration.project.destination_named(migration.destination_name).platform}"
    )
    catalogs, destination = list(migration.source_catalogs.values()), migration.destination_catalog
    if any(plugin.name == pair for plugin in list_plugins(Role.MAPPING)):
        resource = load_plugin(Role.MAPPING, pair)()
        mapping, notes = from_curated(
            parse(resource.read_text(encoding="utf-8"), pair), catalogs, destination
        )
        comments: Mapping[tuple[str, str], str] = {}
        proposal = Proposal(mapping, dict(comments), notes)
    else:
        proposal = propose(catalogs, destination)
    save(path, proposal.mapping, proposal.comments)
    return proposal
