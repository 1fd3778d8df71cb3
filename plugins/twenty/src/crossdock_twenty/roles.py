"""The roles of a workspace, so that those of a source can be held against them. None is ever changed."""

from crossdock.errors import AuthError
from crossdock.model import Artifact, ArtifactReport
from crossdock_twenty.answers import RefusalError
from crossdock_twenty.client import TwentyClient

_ROLES = "{ getRoles { id label } }"  # measured on 2.21.0 for a person; a key may be refused it
_KIND = "role"


def role_report(client: TwentyClient) -> ArtifactReport:
    """The roles by their names; not examined if the key may not read them."""
    try:
        found = client.read_schema(_ROLES)["getRoles"]
    except (RefusalError, AuthError) as error:
        return ArtifactReport(_KIND, not_examined=error.message)
    return ArtifactReport(_KIND, tuple(Artifact(_KIND, role["label"], role["id"]) for role in found))
