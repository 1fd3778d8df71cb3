"""Who looked at which route of the map. A mark holds as long as the route says what it said then.

The marks are for people: a run asks for the confirmation of the whole map alone. They lie in
`.crossdock/review.json`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from crossdock.config import Project
from crossdock.errors import RefusedError
from crossdock.mapping import MappingFile, ObjectMapping
from crossdock.mappingfile.plain import plain_route
from crossdock.mappingfile.resolution import digest
from crossdock.wholefile import write_whole


@dataclass(frozen=True, slots=True)
class Review:
    """Who said that a route is right, when (ISO 8601, UTC), and the digest of what it said."""

    by: str
    at: str
    digest: str


def route_digest(route: ObjectMapping, mapping: MappingFile) -> str:
    """A digest of what the file says of a route, comments left out."""
    return digest(plain_route(route, mapping))


def holds(review: Review, now: str) -> bool:
    """Whether the route still says what was looked at."""
    return review.digest == now


def read_reviews(project: Project) -> dict[str, Review]:
    """The marks by the name of the route; a file that cannot be read holds none."""
    try:
        found = orjson.loads(_file(project).read_bytes())
        return {str(name): Review(**entry) for name, entry in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def review_route(project: Project, mapping: MappingFile, route: ObjectMapping, by: str) -> Review:
    """Mark a route as looked at. Raises RefusedError without a name, StorageError."""
    if not by.strip():
        raise RefusedError("a review needs the name of a person.", hint="Use --by NAME.")
    at = datetime.now(UTC).replace(microsecond=0).isoformat()
    review = Review(by.strip(), at, route_digest(route, mapping))
    _write(project, {**read_reviews(project), route.name: review})
    return review


def open_routes(reviews: Mapping[str, Review], mapping: MappingFile) -> list[str]:
    """The routes that nobody marked as they are now."""
    return [
        route.name
        for route in mapping.objects
        if route.name not in reviews or not holds(reviews[route.name], route_digest(route, mapping))
    ]


def _file(project: Project) -> Path:
    return project.state / "review.json"


def _write(project: Project, reviews: Mapping[str, Review]) -> None:
    content = {name: asdict(review) for name, review in reviews.items()}
    write_whole(_file(project), orjson.dumps(content, option=orjson.OPT_INDENT_2))
