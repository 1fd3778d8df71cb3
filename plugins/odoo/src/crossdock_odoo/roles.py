"""The groups of a database, so that the roles of a source can be held against them. None is ever changed."""

from crossdock.model import Artifact, ArtifactReport
from crossdock_odoo.answers import RefusalError
from crossdock_odoo.client import OdooClient
from crossdock_odoo.edition import GROUP_USERS, since

_KIND = "role"


def role_report(client: OdooClient) -> ArtifactReport:
    """The groups by their names (`Sales / Administrator`), each with how many users it has."""
    users = since(GROUP_USERS, client.version)
    try:
        rows = client.search_read("res.groups", [], ["full_name", users], archived=False)
    except RefusalError as error:
        return ArtifactReport(_KIND, not_examined=error.message)
    found = [
        Artifact(_KIND, str(row["full_name"]), str(row["id"]), details={"users": len(row[users])})
        for row in rows
    ]
    return ArtifactReport(_KIND, tuple(sorted(found, key=lambda artifact: (artifact.name, artifact.id))))
