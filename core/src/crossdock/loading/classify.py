"""Decides for each target record of a stretch: create, update, merge, hold, skip or leave as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crossdock.ledger import Intent, Link, LinkState
from crossdock.loading.changing import bring_change, stays
from crossdock.loading.chunk import Chunk
from crossdock.loading.context import PhaseContext
from crossdock.loading.duplicates import shared_in_phase
from crossdock.loading.joining import (
    follow,
    join,
    kept_of_another_tenant,
    left_to_leader,
    of_another,
    to_wait,
    to_write,
)
from crossdock.loading.matching import find_existing
from crossdock.loading.merging import differing
from crossdock.model import Action, Observation, Origin, TargetRecord
from crossdock.queues import DUPLICATES, NOBODY, TRASHED, UNMATCHED
from crossdock.serial import content_hash
from crossdock.staging import StagedRecord


class Classifier:
    """Classifies the records of one phase. Reads the destination and writes nothing there; what it
    finds deleted there is noted in the ledger at once."""

    def __init__(self, context: PhaseContext) -> None:
        self._context = context
        self._shared = shared_in_phase(context) if context.shared is None else context.shared

    def classify(self, staged: Sequence[StagedRecord]) -> Chunk:
        """What these staged records become."""
        context, chunk = self._context, Chunk()
        targets, rejected, skipped = context.transformed(staged)
        for reject in rejected:
            chunk.reject(reject)
        for left_out in skipped:
            chunk.leave_out(left_out)
        links = self._links(targets)
        known = [(t, links[_part(t)]) for t in targets if _is_known(links.get(_part(t)))]
        self._known([pair for pair in known if not _was_removed(pair[1])], chunk)
        self._returned([pair for pair in known if _was_removed(pair[1])], chunk)
        self._fresh([t for t in targets if not _is_known(links.get(_part(t)))], links, chunk)
        return chunk

    def followers(self) -> list[str]:
        """Keys of the records that are merged into others once those are loaded."""
        return self._shared.followers(self._context.tenant, self._context.mapping.source)

    def follow(self, staged: Sequence[StagedRecord]) -> Chunk:
        """What becomes of them."""
        return follow(self._context, self._shared, staged)

    def _links(self, targets: Sequence[TargetRecord]) -> dict[tuple[str, str], Link]:
        context = self._context
        links = context.ledger.links.of_keys(
            context.tenant, context.mapping.source, context.schema.name, [t.origin.key for t in targets]
        )
        return {(link.origin.key, link.origin.part): link for link in links}

    def _known(self, pairs: Sequence[tuple[TargetRecord, Link]], chunk: Chunk) -> None:
        """Records that were loaded before: only what changed at the source is looked at again."""
        changed = []
        for target, link in pairs:
            new_hash = content_hash(target.values)
            if link.state is LinkState.DELETED_THERE:
                chunk.skip(target.origin, "deleted there since; it is never made again")
            elif link.hash == new_hash and target.deferred and not stays(self._context, link):
                # What it refers to may be there by the second pass, which needs an entry to go on from.
                found = replace(target, target_id=link.target_id, values={}, action=Action.UPDATE)
                chunk.found_only.append(Intent(found, new_hash, link))
            elif link.hash == new_hash:
                chunk.unchanged(target, link, new_hash)
            else:
                changed.append((target, link, new_hash))
        observed = self._context.observed([link.target_id for _, link, _ in changed])
        for known, link, new_hash in changed:
            target = left_to_leader(known, link, observed.get(link.target_id))
            bring_change(self._context, target, link, new_hash, observed.get(link.target_id), chunk)

    def _returned(self, pairs: Sequence[tuple[TargetRecord, Link]], chunk: Chunk) -> None:
        """Records that were deleted at the source, taken away here, and are at the source again."""
        observed = self._context.observed([link.target_id for _, link in pairs])
        for target, link in pairs:
            found, decision = observed.get(link.target_id), self._decision(TRASHED, target)
            if found is not None and not found.trashed:
                self._context.ledger.links.set_state([link], LinkState.LIVE)
                bring_change(self._context, target, link, content_hash(target.values), found, chunk)
            elif decision == "restore":
                chunk.intents.append(self._restored(target, link, found))
            elif decision == "skip":
                chunk.skip(target.origin, "decided: it is at the source again, and stays away here")
            else:
                where = "lies in the trash there" if found is not None else "was destroyed there"
                chunk.hold(target.origin, TRASHED, f"at the source again, and {where} since it was deleted")

    def _restored(self, target: TargetRecord, link: Link, found: Observation | None) -> Intent:
        """What brings a record back that was taken away, with the id it had."""
        new_hash = content_hash(target.values)
        if found is None:
            return Intent(replace(target, target_id=link.target_id), new_hash, link)
        kept = stays(self._context, link)
        write = {} if kept else differing(target, found, self._context.schema)
        later = () if kept else target.deferred
        restore = replace(
            target, target_id=link.target_id, values=write, action=Action.RESTORE, deferred=later
        )
        return Intent(restore, new_hash, link, found.image, was_trashed=True)

    def _fresh(
        self, targets: Sequence[TargetRecord], links: dict[tuple[str, str], Link], chunk: Chunk
    ) -> None:
        wanted = []
        leaders = self._shared.leaders(t for t in targets if self._of_duplicate(t) == "merge")
        for target in targets:
            decision = self._of_duplicate(target)
            if decision == "skip":
                chunk.skip(target.origin, "decided: a duplicate that is not wanted")
            elif (group := self._shared.group(target)) is None or decision == "load":
                wanted.append(target)
            elif decision != "merge":
                chunk.hold(target.origin, DUPLICATES, group.reason(target.origin))
            elif leaders.get(target.origin) == target.origin:
                wanted.append(target)
            # Any other is merged when all that others are merged into are loaded: see `follow`.
        existing = find_existing(self._context, wanted) if self._context.mapping.match else {}
        ids = [hit.id for hits in existing.values() for hit in hits]
        taken = self._context.ledger.links.standing_for(self._context.schema.name, ids) if ids else {}
        for target in wanted:
            hits = existing.get(target.target_id, [])
            link, decision = links.get(_part(target)), self._of_duplicate(target)
            others = {str(taken[h.id]) for h in hits if taken.get(h.id, target.origin) != target.origin}
            foreign = [h for h in hits if of_another(h, target) or str(taken.get(h.id)) in others]
            if foreign and decision == "load":
                hits = [hit for hit in hits if hit not in foreign]
            elif foreign and (decision == "merge" or self._is_same(target, hits, taken)):
                join(target, foreign[0], link, self._context, chunk)
                taken[foreign[0].id] = target.origin
                continue
            elif others and self._context.mapping.create:
                chunk.hold(target.origin, DUPLICATES, f"matches what {', '.join(others)} became")
                continue
            self._place(target, hits, link, chunk)
            taken.update({hit.id: target.origin for hit in hits})

    def _is_same(
        self, target: TargetRecord, hits: Sequence[Observation], taken: Mapping[str, Origin]
    ) -> bool:
        """Whether the one record there is what a record of another tenant became, and is this one too."""
        of_hit = taken.get(hits[0].id)
        return len(hits) == 1 and kept_of_another_tenant(self._context, target, hits[0], of_hit)

    def _place(
        self, target: TargetRecord, hits: Sequence[Observation], link: Link | None, chunk: Chunk
    ) -> None:
        """A record that was never loaded: create it, or go on from what is there already."""
        live = [hit for hit in hits if not hit.trashed]
        if self._context.mapping.duplicates == "merge":
            live = live[:1]  # a word that stands there twice is still the same word
        if len(live) > 1:
            chunk.hold(target.origin, DUPLICATES, f"{len(live)} records there match it")
        elif live:
            self._merge(target, live[0], link, chunk)
        elif hits:
            self._trashed(target, hits[0], link, chunk)
        elif not self._context.mapping.create:
            self._stand_in(target, link, chunk)
        else:
            chunk.intents.append(Intent(target, content_hash(target.values), link))

    def _merge(self, target: TargetRecord, hit: Observation, link: Link | None, chunk: Chunk) -> None:
        if of_another(hit, target):
            chunk.hold(target.origin, DUPLICATES, f"matches {hit.id}, which came from another source record")
            return
        write, later = to_write(self._context, target, hit), to_wait(self._context, target)
        update = replace(target, target_id=hit.id, values=write, action=Action.UPDATE, deferred=later)
        intent = Intent(update, content_hash(target.values), link, hit.image)
        (chunk.intents if write else chunk.found_only).append(intent)

    def _stand_in(self, target: TargetRecord, link: Link | None, chunk: Chunk) -> None:
        """A record that may not be created: the one that a person named stands for it, or it waits."""
        named = self._decision(UNMATCHED, target)
        if named == NOBODY:
            chunk.skip(target.origin, "decided: nobody there stands for it")
            return
        found = self._context.ids.fallback(named, target.object_name) if named else None
        if found is None:
            note = f", and {named!r} is not there either" if named else ""
            sought = self._sought(target)
            chunk.hold(target.origin, UNMATCHED, f"{sought}, and none may be created{note}")
            return
        # Who stands in is somebody else: nothing is written there, not in a second pass either.
        update = replace(target, target_id=found, values={}, action=Action.UPDATE, deferred=())
        chunk.found_only.append(Intent(update, content_hash(target.values), link))

    def _sought(self, target: TargetRecord) -> str:
        """What was looked for, so that a person knows who it is."""
        for key in self._context.mapping.match:
            values = [target.values.get(name) for name in key]
            if all(isinstance(value, str) and value for value in values):
                words = " and ".join(f"{name} {value}" for name, value in zip(key, values, strict=True))
                return f"no {target.object_name} there has {words}"
        return "no such record there"

    def _trashed(self, target: TargetRecord, hit: Observation, link: Link | None, chunk: Chunk) -> None:
        decision = self._decision(TRASHED, target)
        if decision == "skip":
            chunk.skip(target.origin, "decided: the match lies in the trash there")
        elif decision == "restore":
            write, later = to_write(self._context, target, hit), to_wait(self._context, target)
            restore = replace(target, target_id=hit.id, values=write, action=Action.RESTORE, deferred=later)
            chunk.intents.append(
                Intent(restore, content_hash(target.values), link, hit.image, was_trashed=True)
            )
        else:
            chunk.hold(target.origin, TRASHED, f"matches {hit.id}, which lies in the trash there")

    def _of_duplicate(self, target: TargetRecord) -> str:
        """What is decided about a record that shares its match key, by a person or by the mapping."""
        return self._decision(DUPLICATES, target) or self._shared.decision(target)

    def _decision(self, queue: str, target: TargetRecord) -> str:
        return self._context.decisions.get((queue, target.origin.key), "")


def _is_known(link: Link | None) -> bool:
    return link is not None and (
        link.state in (LinkState.LIVE, LinkState.DELETED_THERE) or _was_removed(link)
    )


def _was_removed(link: Link | None) -> bool:
    return link is not None and link.state in (LinkState.DELETED_AT_SOURCE, LinkState.DESTROYED)


def _part(target: TargetRecord) -> tuple[str, str]:
    return target.origin.key, target.origin.part
