"""The map as a person reviews it: object by object, line by line, with the reason of each line.

Plain data for `crossdock map show` and for the pages; nothing here is written or asked of a platform.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ruamel.yaml.comments import CommentedMap

from crossdock.fieldpaths import head, unmapped_fields
from crossdock.mapping import PSEUDO_FIELDS, FieldMapping, MappingFile, ObjectMapping
from crossdock.mappingfile.check import Problem
from crossdock.mappingfile.document import document_of, parse
from crossdock.mappingfile.plain import plain_field
from crossdock.mappingfile.resolution import ResolvedMapping, merged_schemas
from crossdock.mappingfile.splice import at, comments_in
from crossdock.mapreview import Review, holds, route_digest
from crossdock.model import Catalog, FieldSchema, ObjectSchema
from crossdock.shown import shown
from crossdock.targetpaths import target_field

UNSURE: Final = 0.8
"""A confidence below this is worth a second look."""

_LEFT: Final = re.compile(r"\s*# ([^\s:]+)(?: «[^»]*»)?: (.+)")
_CONFIDENCE: Final = re.compile(r"([01]\.\d\d)\s+(.*)", re.DOTALL)


class MapView:
    """One mapping file, resolved, and what is known about it."""

    def __init__(
        self,
        text: str,
        resolved: ResolvedMapping,
        catalogs: Sequence[Catalog],
        problems: Sequence[Problem],
        reviews: Mapping[str, Review],
    ) -> None:
        self.mapping: MappingFile = parse(text)
        self.resolved = resolved
        self.sources: Mapping[str, ObjectSchema] = merged_schemas(list(catalogs))
        self.problems = problems
        self.reviews = reviews
        self._document = document_of(text)
        self._lines = text.splitlines()

    def objects(self) -> list[dict[str, Any]]:
        """The routes in the order of the file, one row each."""
        return [self._object(place, route) for place, route in enumerate(self.mapping.objects)]

    def left_out(self) -> list[dict[str, Any]]:
        """Source objects that no route moves."""
        spoken_for = {route.source for route in self.mapping.objects}
        return [
            {
                "name": name,
                "label": schema.label,
                "count": schema.count,
                "ignored": name in self.mapping.ignore,
            }
            for name, schema in self.sources.items()
            if name not in spoken_for
        ]

    def general_problems(self) -> list[Problem]:
        """What does not fit and is about no single route."""
        return [p for p in self.problems if not p.path.startswith("objects[")]

    def route(self, name: str) -> ObjectMapping | None:
        """A route made definite, None if decisions leave it out or there is none."""
        return next((route for route in self.resolved.objects if route.name == name), None)

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The lines of a route: what fills each field of the destination, in the order of the file, and then
        what the mapping adds by itself."""
        place, written = next((i, r) for i, r in enumerate(self.mapping.objects) if r.name == name)
        route = self.route(name) or written
        comments = self._comments(place)
        problems = self._problems(name)
        fields = {**written.fields, **{n: e for n, e in route.fields.items() if n not in written.fields}}
        return [
            {
                **self._line(route, field, written.fields.get(field, entry)),
                "written": field in written.fields,
                **_reasoned(comments.get(field, "")),
                "problems": problems.get(field, []),
            }
            for field, entry in fields.items()
        ]

    def unmapped(self, name: str) -> list[dict[str, Any]]:
        """The source fields that no line of a route reads; `ignored`: nobody wants them."""
        written = next(r for r in self.mapping.objects if r.name == name)
        route, schema = self.route(name) or written, self.sources.get(written.source)
        if schema is None:
            return []
        elsewhere = {f.name for f in schema.fields} - set(self.resolved.unmapped.get(schema.name, ()))
        left = set(unmapped_fields(route, schema)) | set(route.ignore)
        reasons = self._left_reasons(name)
        return [
            {
                **_field(f),
                "why": reasons.get(f.name, ""),
                "ignored": f.name in route.ignore,
                "elsewhere": f.name in elsewhere,
            }
            for f in schema.fields
            if f.name in left
        ]

    def _left_reasons(self, name: str) -> dict[str, str]:
        """By source field why nothing is proposed for it: comments that the proposal left in the route."""
        place = next(i for i, route in enumerate(self.mapping.objects) if route.name == name)
        node = at(self._document, ("objects", place))
        after = at(self._document, ("objects", place + 1))
        end = after.lc.line if isinstance(after, CommentedMap) else len(self._lines)
        start = node.lc.line if isinstance(node, CommentedMap) else end
        found = map(_LEFT.match, self._lines[start:end])
        return {each[1]: each[2] for each in found if each}

    def _object(self, place: int, written: ObjectMapping) -> dict[str, Any]:
        route = self.route(written.name) or written
        review = self.reviews.get(written.name)
        lines = self.lines(written.name)
        own, there = self.sources.get(written.source), route.target_schema
        return {
            "name": written.name,
            "source": written.source,
            "source_label": own.label if own else "",
            "count": own.count if own else None,
            "target": route.target,
            "target_label": there.label if there else "",
            "made": written.provision is not None,
            "applies": self.route(written.name) is not None,
            "why": _entry_comment(self._document, place, self._lines),
            "fields": len(lines),
            "unsure": sum(line["confidence"] is not None and line["confidence"] < UNSURE for line in lines),
            "unmapped": sum(not f["ignored"] and not f["elsewhere"] for f in self.unmapped(written.name)),
            "wrong": sum(p.fatal for p in self.problems if _about(p, written.name)),
            "notes": sum(not p.fatal for p in self.problems if _about(p, written.name)),
            "reviewed": _told(review, route_digest(written, self.mapping)),
        }

    def _comments(self, place: int) -> dict[str, str]:
        node = at(self._document, ("objects", place, "fields"))
        if not isinstance(node, CommentedMap) or node.fa.flow_style():
            return {}
        return comments_in("", node, self._lines)

    def _problems(self, name: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for problem in self.problems:
            if _about(problem, name):
                _, _, rest = problem.path.partition("].fields.")
                found.setdefault(rest, []).append(problem.message)
        return found

    def problems_of(self, name: str) -> list[Problem]:
        """What does not fit about a route."""
        return [problem for problem in self.problems if _about(problem, name)]

    def _line(self, route: ObjectMapping, field: str, entry: FieldMapping) -> dict[str, Any]:
        there = target_field(route.target_schema, field)[0] if route.target_schema else None
        own = self.sources.get(route.source)
        plain = plain_field(entry)
        words = dict(plain) if isinstance(plain, Mapping) else {"from": plain}
        return {
            "field": field,
            "label": there.label if there else "",
            "type": there.type.value if there else "",
            "made": bool(there and there.custom and field in route.extend),
            "sources": [_source(path, own) for path in entry.sources],
            "words": words,
            "steps": [_step(step) for step in words.get("steps", ())],
        }


def told(entry: Any) -> str:
    """What is done with a value, as the mapping says it, in one line; "" for a plain copy."""
    if not isinstance(entry, Mapping):
        return ""
    return "; ".join(f"{word}: {_plainly(value)}" for word, value in entry.items() if word != "from")


def _plainly(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_plainly(one)}" for name, one in value.items())
    return ", ".join(map(_plainly, value)) if isinstance(value, list) else shown(value)


def _about(problem: Problem, name: str) -> bool:
    return problem.path.startswith(f"objects[{name}]")


def _reasoned(comment: str) -> dict[str, Any]:
    """A comment as the confidence that it begins with, and the rest."""
    found = _CONFIDENCE.fullmatch(comment)
    if found is None:
        return {"confidence": None, "reason": comment}
    return {"confidence": float(found[1]), "reason": found[2]}


def _source(path: str, schema: ObjectSchema | None) -> dict[str, Any]:
    name = head(path, schema)
    own = schema.field(name) if schema and name not in PSEUDO_FIELDS else None
    return {"path": path, "label": own.label if own else "", "type": own.type.value if own else ""}


def _field(own: FieldSchema) -> dict[str, Any]:
    return {"path": own.name, "label": own.label, "type": own.type.value}


def _step(plain: Any) -> str:
    """A step as one writes it: `url`, `truncate: 100`."""
    if isinstance(plain, str):
        return plain
    name, arguments = next(iter(plain.items()))
    return f"{name}: {arguments}"


def _told(review: Review | None, digest: str) -> dict[str, Any] | None:
    if review is None:
        return None
    return {"by": review.by, "at": review.at, "holds": holds(review, digest)}


def _entry_comment(document: Any, place: int, lines: Sequence[str]) -> str:
    node = at(document, ("objects", place))
    return comments_in("", node, lines).get("from", "") if isinstance(node, CommentedMap) else ""
