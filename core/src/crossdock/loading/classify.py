"""Decides for each target record of a stretch: create, update, merge, hold, skip or leave as it is."""

from collections.abc import Sequence
from dataclasses import replace

from crossdock.ledger import Intent, Link, LinkState
from crossdock.loading.chunk import CONFLICTS, DUPLICATES, TRASHED, UNMATCHED, Chunk
from crossdock.loading.context import PhaseContext
from crossdock.loading.duplicates import Duplicates
from crossdock.loading.matching import find_existing, first_match
from crossdock.loading.merging import fill_existing, merge_changes, onto_existing
from crossdock.model import Action, Observation, TargetRecord
from crossdock.serial import content_hash
from crossdock.staging import StagedRecord


class Classifier:
    """Classifies the records of one phase. Reads the destination and writes nothing there; what it
    finds deleted there is noted in the ledger at once."""

    def __init__(self, context: PhaseContext) -> None:
        self._context = context
        self._duplicates = Duplicates(context)

    def classify(self, staged: Sequence[StagedRecord]) -> Chunk:
        """What these staged records become."""
        context, chunk = self._context, Chunk()
        targets, rejected, skipped = context.transformed(staged)
        for reject in rejected:
            chunk.reject(reject)
        for left_out in skipped:
            chunk.leave_out(left_out)
        links = self._links(targets)
        fresh = [t for t in targets if not _is_known(links.get(_part(t)))]
        self._known([(t, links[_part(t)]) for t in targets if _is_known(links.get(_part(t)))], chunk)
        self._fresh(fresh, links, chunk)
        return chunk

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
            elif link.hash == new_hash:
                chunk.unchanged(target, link, new_hash)
            else:
                changed.append((target, link, new_hash))
        observed = self._context.observed([link.target_id for _, link, _ in changed])
        for target, link, new_hash in changed:
            self._changed(target, link, new_hash, observed.get(link.target_id), chunk)

    def _changed(
        self, target: TargetRecord, link: Link, new_hash: str, observed: Observation | None, chunk: Chunk
    ) -> None:
        if observed is None or observed.trashed:
            self._context.ledger.links.set_state([link], LinkState.DELETED_THERE)
            chunk.skip(target.origin, "deleted there since; it is never made again")
            return
        base = link.base or {}
        target = replace(target, values=onto_existing(target.values, link, base))
        merge = merge_changes(target, observed, base, self._context.schema)
        decision = self._decision(CONFLICTS, target)
        if merge.conflicts and decision not in ("source", "destination"):
            chunk.hold(target.origin, CONFLICTS, f"changed on both sides: {', '.join(merge.conflicts)}")
            return
        write = dict(merge.write)
        if decision == "source":
            write |= {name: target.values[name] for name in merge.conflicts}
        if merge.conflicts and not write:
            chunk.skip(target.origin, "decided: what people wrote there stays")
            return
        if not write:
            chunk.unchanged(target, link, new_hash)
            return
        update = replace(target, target_id=link.target_id, values=write, action=Action.UPDATE)
        chunk.intents.append(Intent(update, new_hash, link, observed.image))

    def _fresh(
        self, targets: Sequence[TargetRecord], links: dict[tuple[str, str], Link], chunk: Chunk
    ) -> None:
        wanted = []
        for target in targets:
            decision = self._decision(DUPLICATES, target)
            if decision == "skip":
                chunk.skip(target.origin, "decided: a duplicate that is not wanted")
            elif target in self._duplicates and decision != "load":
                same = self._shared(target)
                chunk.hold(target.origin, DUPLICATES, f"another source record has the same {same}")
            else:
                wanted.append(target)
        existing = find_existing(self._context, wanted) if self._context.mapping.match else {}
        ids = [hit.id for hits in existing.values() for hit in hits]
        taken = self._context.ledger.links.standing_for(self._context.schema.name, ids) if ids else {}
        for target in wanted:
            hits = existing.get(target.target_id, [])
            others = {str(taken[h.id]) for h in hits if taken.get(h.id, target.origin) != target.origin}
            if others and self._context.mapping.create:
                chunk.hold(target.origin, DUPLICATES, f"matches what {', '.join(others)} became")
                continue
            self._place(target, hits, links.get(_part(target)), chunk)
            taken.update({hit.id: target.origin for hit in hits})

    def _place(
        self, target: TargetRecord, hits: Sequence[Observation], link: Link | None, chunk: Chunk
    ) -> None:
        """A record that was never loaded: create it, or go on from what is there already."""
        live = [hit for hit in hits if not hit.trashed]
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
        if hit.external_id and hit.external_id != target.external_id:
            chunk.hold(target.origin, DUPLICATES, f"matches {hit.id}, which came from another source record")
            return
        write = {} if self._context.schema.match_only else fill_existing(target, hit, self._context.schema)
        update = replace(target, target_id=hit.id, values=write, action=Action.UPDATE)
        intent = Intent(update, content_hash(target.values), link, hit.image)
        (chunk.intents if write else chunk.found_only).append(intent)

    def _stand_in(self, target: TargetRecord, link: Link | None, chunk: Chunk) -> None:
        """A record that may not be created: the one that a person named stands for it, or it waits."""
        named = self._decision(UNMATCHED, target)
        found = self._context.ids.fallback(named, target.object_name) if named else None
        if found is None:
            note = f", and {named!r} is not there either" if named else ""
            sought = self._sought(target)
            chunk.hold(target.origin, UNMATCHED, f"{sought}, and none may be created{note}")
            return
        update = replace(target, target_id=found, values={}, action=Action.UPDATE)
        chunk.found_only.append(Intent(update, content_hash(target.values), link))

    def _shared(self, target: TargetRecord) -> str:
        """The match key by which this record has a duplicate, with its value."""
        shared = first_match(target, self._context.mapping.match, self._context.schema)
        return "" if shared is None else ", ".join(f"{n} {v}" for n, v in zip(*shared, strict=True))

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
            write = fill_existing(target, hit, self._context.schema)
            restore = replace(target, target_id=hit.id, values=write, action=Action.RESTORE)
            chunk.intents.append(
                Intent(restore, content_hash(target.values), link, hit.image, was_trashed=True)
            )
        else:
            chunk.hold(target.origin, TRASHED, f"matches {hit.id}, which lies in the trash there")

    def _decision(self, queue: str, target: TargetRecord) -> str:
        return self._context.decisions.get((queue, target.origin.key), "")


def _is_known(link: Link | None) -> bool:
    return link is not None and link.state in (LinkState.LIVE, LinkState.DELETED_THERE)


def _part(target: TargetRecord) -> tuple[str, str]:
    return target.origin.key, target.origin.part
