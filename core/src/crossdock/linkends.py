"""The ends of a link: fields of which each may lead to another target object, and what they come to.

What a record of the source refers to may have become one of several target objects. It is reached if one
of the ends reaches it; those that nothing was to become there are no loss then. One that is still to be
loaded is waited for, one that waits itself holds the record, and any other that is missing is noted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.equality import is_empty
from crossdock.fieldpaths import Scene, reader
from crossdock.ids import ReferenceStatus
from crossdock.mapping import ObjectMapping
from crossdock.referenceplan import FURTHER, LEFT_EMPTY

_LOST = (LEFT_EMPTY, FURTHER)
"""How the notes end that say what an end does not hold."""

_NO_LOSS = frozenset({ReferenceStatus.UNMAPPED, ReferenceStatus.SKIPPED})
"""How a record stands of which nothing was to become what an end leads to."""

_TO_COME = frozenset({ReferenceStatus.HELD, ReferenceStatus.PENDING})
"""How a record stands that may still become it."""


class Ends:
    """The ends of one link of a route, `names` in the order in which they are preferred."""

    def __init__(self, route: ObjectMapping, names: tuple[str, ...]) -> None:
        self.names = names
        link = route.targets if route.targets and set(names) & set(route.targets.ends) else None
        self._one = link is not None and link.one
        # That one of them has to be filled is looked at elsewhere, and refuses the record.
        free = not set(names) & set(route.require_one)
        source = route.fields[names[0]].source
        alone = isinstance(source, str) and not any(route.fields[name].where for name in names)
        self._read = reader(str(source), route, route.source_schema) if free and alone else None

    def joined(self, values: dict[str, Any], loose: Mapping[str, str], scene: Scene) -> list[str]:
        """Settle which ends hold the link; the reasons for which the record has to wait, [] if it has not.

        `loose`: what is said of the ends that lead nowhere. Of a link that only one may hold the first one
        does that can: what comes after one that is still to be loaded waits with it, for the second pass to
        decide. A link that leads to what no route moves is noted.
        """
        reached = [name for name in self.names if self._reaches(name, values, scene)]
        if not reached:
            if not loose and self._leads_nowhere(scene):
                scene.notes.append(f"{self.names[0]}: no route moves what it leads to, {LEFT_EMPTY}")
            return [loose[name] for name in self.names if name in loose]
        lost: Sequence[str] = [name for name in self.names if name not in reached]
        if self._one:
            first = self.names.index(reached[0])
            lost = self.names[:first]
            self._leave_to(first, values, scene)
        self._forget_notes(set(self.names) - set(reached[:1] if self._one else reached), lost, scene)
        return self._waited_for(lost, loose, scene)

    def _reaches(self, name: str, values: Mapping[str, Any], scene: Scene) -> bool:
        """Whether this end holds the link, now or after a second pass."""
        return name in scene.deferred or not is_empty(values.get(name))

    def _leave_to(self, first: int, values: dict[str, Any], scene: Scene) -> None:
        """Empty the ends after the first one that reaches; if that one waits, so do they."""
        later = [name for name in self.names[first + 1 :] if self._reaches(name, values, scene)]
        if self.names[first] in scene.deferred:
            scene.deferred += [name for name in later if name not in scene.deferred]
            for name in later:
                values.pop(name, None)
        else:
            values.update(dict.fromkeys(later))
            scene.deferred[:] = [name for name in scene.deferred if name not in later]

    def _forget_notes(self, empty: set[str], lost: Sequence[str], scene: Scene) -> None:
        """Drop what is said of empty ends, but for those that lost something."""
        told = {name for name in lost if scene.missing.get(name, set()) - _NO_LOSS}
        gone = empty - told
        scene.notes[:] = [n for n in scene.notes if not (_name_of(n) in gone and n.endswith(_LOST))]

    def _waited_for(self, lost: Sequence[str], loose: Mapping[str, str], scene: Scene) -> list[str]:
        """The reasons to wait that another end is no answer to; what else is missing is noted."""
        reasons = []
        for name in lost:
            missing = scene.missing.get(name, set())
            if name not in loose or missing <= _NO_LOSS:
                continue
            if missing & _TO_COME:
                reasons.append(loose[name])
            else:
                scene.notes.append(f"{loose[name]}, {LEFT_EMPTY}")
        return reasons

    def _leads_nowhere(self, scene: Scene) -> bool:
        """Whether there is a link, and nothing has been said of it yet."""
        if self._read is None or is_empty(self._read(scene)):
            return False
        return not any(map(self._of_empty_end, scene.notes))

    def _of_empty_end(self, note: str) -> bool:
        return note.endswith(LEFT_EMPTY) and _name_of(note) in self.names


def _name_of(note: str) -> str:
    return note.partition(": ")[0]


def ends_of(route: ObjectMapping) -> tuple[Ends, ...]:
    """The links of a route that have several ends."""
    return tuple(Ends(route, names) for names in route.links)
