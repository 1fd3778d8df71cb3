"""Writes the mapping of a project: from the pair's curated mapping, else from the two catalogs."""

from collections.abc import Mapping
from dataclasses import replace

from crossdock.automations.decisions import UNDECIDED, active_automations, automation_name
from crossdock.entrypoints import Role, list_plugins, load_plugin
from crossdock.errors import ConfigError
from crossdock.mappingfile.document import parse, save
from crossdock.migration import Migration
from crossdock.model import Catalog
from crossdock.proposing.knowledge import knowledge_of
from crossdock.proposing.propose import Proposal, from_curated, propose


def propose_mapping(
    migration: Migration, *, overwrite: bool = False, automations: str = UNDECIDED
) -> Proposal:
    """Write mapping.yaml. Raises ConfigError if there is one and `overwrite` is not set.

    `automations`: what it says about each active automation of the destination: pause, keep, undecided.
    """
    path = migration.project.mapping
    if path.exists() and not overwrite:
        raise ConfigError(
            f"{path} exists already; nothing was changed.", hint="Use --overwrite to replace it."
        )
    proposal = with_automations(proposal_of(migration), migration.destination_catalog, automations)
    save(path, proposal.mapping, proposal.comments)
    return proposal


def with_automations(proposal: Proposal, destination: Catalog, decision: str) -> Proposal:
    """The proposal with an entry for each active automation of the destination."""
    names = dict.fromkeys(automation_name(a) for a in active_automations(destination))
    if not names:
        return proposal
    mapping = proposal.mapping.model_copy(update={"automations": dict.fromkeys(names, decision)})
    said = "pause or keep?" if decision == UNDECIDED else ""
    comments = proposal.comments | {("automations", name): said for name in names}
    return replace(proposal, mapping=mapping, comments=comments)


def proposal_of(migration: Migration) -> Proposal:
    """What `propose_mapping` writes, without writing it."""
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
        return Proposal(mapping, dict(comments), notes)
    return propose(catalogs, destination, knowledge_of(migration))
