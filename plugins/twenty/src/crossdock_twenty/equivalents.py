"""What stands in Twenty for what cannot move: where a person builds it anew. Documented, not tried.

Keys are kinds of artifact and capabilities, as the handoff knows them.
"""

from collections.abc import Mapping
from types import MappingProxyType

_WORKFLOW = "A workflow (Workflows > Add), begun by a record made or changed, a time, a webhook or by hand"

EQUIVALENTS: Mapping[str, str] = MappingProxyType(
    {
        "workflow": (
            f"{_WORKFLOW}; its steps make, change and find records, send an e-mail, run code, branch and ask"
            " by a form. What a person has to do is a task with its assignee. The history of the process"
            " instances that ran is in Activity Log."
        ),
        "robot": f"{_WORKFLOW}; what runs by the clock has a schedule, what is calculated a step with code.",
        "webhook": (
            "A webhook (Settings > APIs & Webhooks) for events of records, or a workflow with that trigger."
        ),
        "report": (
            "A view with its filters, groups and sums, saved and shared; the figures themselves came as CSV."
        ),
        "dashboard": "A dashboard with charts over the objects; or views with their filters, saved.",
        "page": "The layout of the record's page, or a dashboard.",
        "role": "A role (Settings > Roles) with its rights on objects and fields, given to members.",
        "permission": (
            "There are no rights on single records below the role's: a role with its rights on the object."
        ),
        "signature": (
            "There are no signatures: signed files are attachments, and what they prove is kept outside."
        ),
        "approval_threshold": (
            "A workflow with the amount as condition that gives the approver a task. It stops nothing."
        ),
        "quality_code": "Options of a field, as migrated; what is to happen for one is a workflow.",
        "accounting_link": (
            "A connector of its own, set up anew; let only one side write until it is checked."
        ),
        "approvals": (
            "A workflow that gives the approver a task or a form, and a stage that shows what was decided."
        ),
        "sequences": (
            "A workflow that sends e-mails with waiting times between; mass mailing stays with a"
            " mailing service."
        ),
    }
)
