"""Groups and roles of a company, with their members. They are documented for the handoff, never applied.

The list of groups, `isRole` and `groupIds` of users are documented; the answer of `/groups/{id}/users`
(users, in the envelope of all lists) is assumed. A group whose members it does not show gets those whose own
`groupIds` name it. Positions (`osIds`) have no operation that lists them: they are named by their ids.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from crossdock.errors import ContractError
from crossdock.model import Artifact, ArtifactReport
from crossdock_elma365.client import AnswerError, Json, Read
from crossdock_elma365.company import Company
from crossdock_elma365.listing import Listing
from crossdock_elma365.schema import application

KIND = "role"
_GROUPS = {"namespace": "_system", "code": "groups", "name": "Groups", "fields": []}
# Groups that are the same in every company.
_BUILT_IN = {
    "fda5c295-230a-5025-9797-b8b4e99e08aa": "all",
    "f25906e4-41c3-5a89-8ec2-06648dd1f614": "external_users",
    "d6000da0-c9aa-55eb-9882-f118b432730b": "administrators",
    "331e62d2-072e-58ac-9581-74abcc67f050": "supervisor",
}


def role_report(company: Company) -> ArtifactReport:
    """Every group and role with its members: e-mail and name of each. Not examined if a list is cut short."""
    groups = Listing(company.client, application(_GROUPS), company.settings.page_size, read=Read.GROUPS)
    try:
        users = company.users
        found = tuple(_role(company, group, users) for page in groups.pages() for group in page.rows)
    except (AnswerError, ContractError) as error:
        return ArtifactReport(KIND, not_examined=error.message)
    return ArtifactReport(KIND, (*found, *_positions(users)))


def _role(company: Company, group: Json, users: Iterable[Json]) -> Artifact:
    key = str(group.get("__id") or "")
    try:
        members = company.client.items(Read.GROUP_USERS, id=key)
    except AnswerError:
        members = [user for user in users if key in (user.get("groupIds") or ())]
    details: dict[str, Any] = {
        "what": "role" if group.get("isRole") else "group",
        "code": str(group.get("code") or _BUILT_IN.get(key, "")),
        "built_in": key in _BUILT_IN,
        "people": [_person(user) for user in members],
    }
    return Artifact(KIND, str(group.get("__name") or key), id=key, details=details)


def _positions(users: Iterable[Json]) -> tuple[Artifact, ...]:
    """Nodes of the organisation that users belong to."""
    held: dict[str, list[str]] = {}
    for user in users:
        for node in user.get("osIds") or ():
            held.setdefault(str(node), []).append(_person(user))
    return tuple(
        Artifact(KIND, f"position {node}", id=node, details={"what": "position", "people": people})
        for node, people in held.items()
    )


def _person(user: Mapping[str, Any]) -> str:
    name, email = str(user.get("__name") or user.get("login") or user.get("__id")), user.get("email")
    return f"{name} <{email}>" if email else name
