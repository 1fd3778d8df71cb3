"""Provision: a dry run says what the run does, nothing is made twice, and what is claimed is so."""

from crossdock.capabilities import Capability
from crossdock.model import Catalog
from crossdock.testing.commands import OK
from crossdock.testing.dumps import assert_same
from crossdock.testing.expecting import holds, nothing, same
from crossdock.testing.kit import Kit
from crossdock.testing.registry import check
from crossdock.testing.stages import CONFIRMED, PROVISIONED


@check()
def the_catalog_claims_what_the_target_says(kit: Kit) -> None:
    """Else checks would be left out that should not be."""
    catalog = kit.scene(CONFIRMED).hand.catalog
    claimed = {c for c in Capability if catalog.capabilities.can(c)}
    same(claimed, set(kit.target.can), "capabilities of the catalog")
    same(catalog.platform, kit.target.platform, "the catalog's platform")
    holds(catalog.identity, "a catalog names the server it is of")


@check()
def discovering_changes_nothing(kit: Kit) -> None:
    """discover is read-only."""
    scene = kit.scene(CONFIRMED)
    before = scene.sandbox.dump()
    first, second = scene.hand.catalog, scene.hand.catalog
    assert_same(scene.sandbox.dump(), before)
    same(_names(first), _names(second), "what is discovered twice")


@check()
def a_dry_run_of_provision_says_what_the_run_makes(kit: Kit) -> None:
    """The same keys, in a dry run and in the run after it; the dry run makes nothing."""
    scene = kit.scene(CONFIRMED)
    before = scene.sandbox.dump()
    planned = scene.call("provision", "--dry-run").must(OK).json
    assert_same(scene.sandbox.dump(), before)
    made = scene.call("provision").must(OK).json
    holds(planned, "something is to be provisioned")
    same([c["key"] for c in made], [c["key"] for c in planned], "what was made")


@check()
def provisioning_again_makes_nothing(kit: Kit) -> None:
    """provision is idempotent."""
    scene = kit.scene(PROVISIONED)
    scene.a_day_later()
    scene.sandbox.forget_log()
    again = scene.call("provision", "--dry-run").must(OK).json
    nothing(again, "planned again")
    scene.call("provision").must(OK)
    nothing(scene.writes(), "written by a second provision")
    assert_same(scene.dump(), kit.stages.dump(PROVISIONED))


@check()
def what_was_provisioned_is_in_the_catalog(kit: Kit) -> None:
    """Every field under the name that the mapping gave it."""
    scene = kit.scene(PROVISIONED)
    catalog = scene.hand.catalog
    thing, record = catalog.object(scene.plan.thing), catalog.object(kit.target.record.name)
    holds(thing, f"the catalog has {scene.plan.thing}")
    names = {f.name for f in thing.fields} if thing else set()
    nothing(set(scene.plan.fields.values()) - names, f"fields missing at {scene.plan.thing}")
    holds(record and record.field(scene.plan.note), f"{kit.target.record.name} has {scene.plan.note}")


def _names(catalog: Catalog) -> list[tuple[str, tuple[str, ...]]]:
    return [(o.name, tuple(f.name for f in o.fields)) for o in catalog.objects]
