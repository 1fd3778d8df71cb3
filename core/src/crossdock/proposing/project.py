"""Writes the mapping of a project: from the pair's curated mapping, else from the two catalogs."""

from dataclasses import replace

from crossdock.automations.decisions import UNDECIDED, active_automations, automation_name
from crossdock.entrypoints import Role, list_plugins, load_plugin
from crossdock.errors import ConfigError
from crossdock.mappingfile.document import dump, parse
from crossdock.mapversions import Why, keeping
from crossdock.migration import Migration
from crossdock.model import Catalog
from crossdock.proposing.curated import curated_proposal
from crossdock.proposing.knowledge import knowledge_of
from crossdock.proposing.language_model import Judge, LanguageModel
from crossdock.proposing.propose import Proposal, propose
from crossdock.wholefile import SHARED, write_whole


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
    proposal = with_automations(_asked(migration), migration.destination_catalog, automations)
    with keeping(migration.project, Why.PROPOSED):
        # Not laid over what is there: its comments would be the reasons of an older proposal.
        text = dump(proposal.mapping, proposal.comments)
        write_whole(path, text.encode(), SHARED, make_folder=False)
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


def _asked(migration: Migration) -> Proposal:
    """The proposal after the language model of the project file was asked, if it names one."""
    config = migration.project.propose.llm
    if config is None:
        return proposal_of(migration)
    model = LanguageModel(config, migration.project.state / "language-model.json")
    try:
        proposal = proposal_of(migration, model)
    finally:
        model.close()
    return replace(proposal, notes=(*proposal.notes, *model.notes))


def proposal_of(migration: Migration, judge: Judge | None = None) -> Proposal:
    """What `propose_mapping` writes, without writing it. `judge` is asked about what matching is unsure of;
    without one nothing leaves this machine."""
    platforms = {config.platform for config in migration.project.sources}
    pair = (
        f"{next(iter(platforms))}-{migration.project.destination_named(migration.destination_name).platform}"
    )
    catalogs, destination = list(migration.source_catalogs.values()), migration.destination_catalog
    known = replace(knowledge_of(migration), judge=judge)
    if any(plugin.name == pair for plugin in list_plugins(Role.MAPPING)):
        resource = load_plugin(Role.MAPPING, pair)()
        curated = parse(resource.read_text(encoding="utf-8"), pair)
        return curated_proposal(curated, pair, catalogs, destination, known, migration.naming)
    return propose(catalogs, destination, known)
