"""What stands in Odoo for what cannot move: where a person builds it anew.

Documented for 16 to 19, not tried. Keys are kinds of artifact and capabilities, as the handoff knows them.
"""

from collections.abc import Mapping

from crossdock_odoo.edition import Edition

_RULES = "Settings > Technical > Automation > Automation Rules"


def equivalents(edition: Edition) -> Mapping[str, str]:
    """By kind of artifact (`workflow`) or capability (`approvals`) a sentence or two for a person."""
    automation = _automation(edition)
    return {
        "workflow": (
            f"{automation} A step of a person is a next activity with its type, user and due date; a"
            " condition is the rule's domain; what several rules share is a server action. The history of the"
            " process instances that ran is on the migrated records."
        ),
        "robot": (
            "A scheduled action (Settings > Technical > Scheduled Actions) for what runs by the clock."
            f" {automation}"
        ),
        "webhook": (
            "An automation rule with the trigger On webhook receives, one with the action Send Webhook"
            " Notification sends (since Odoo 17)."
            if edition.version[0] >= 17
            else "There are no webhooks before Odoo 17: a scheduled action that asks, or a module."
        ),
        "report": _reports(edition),
        "dashboard": _reports(edition),
        "page": _pages(edition),
        "role": (
            "Groups (Settings > Users & Companies > Groups, in developer mode) and what they inherit; the"
            " mapping's route to res.groups says which role became which group."
        ),
        "permission": (
            "A record rule on the model (Settings > Technical > Security > Record Rules), by group."
        ),
        "signature": (
            "The app Sign, for documents that are signed from now on; signed files stay attachments."
            if edition.enterprise
            else "Community has no signatures: the app Sign is part of Enterprise; signed files are"
            " attachments."
        ),
        "approval_threshold": f"{_approvals(edition)} The amount is the rule's domain.",
        "quality_code": (
            "The app Quality: quality alerts with tags."
            if edition.enterprise
            else "Options of a field, as migrated; alerts and control points are the app Quality, of"
            " Enterprise."
        ),
        "accounting_link": (
            "A connector of its own, set up anew; let only one side write until it is checked."
        ),
        "approvals": _approvals(edition),
        "sequences": (
            "The app Marketing Automation: campaigns with e-mails and conditions."
            if edition.enterprise
            else "Marketing Automation is part of Enterprise; in Community an automation rule that sends an"
            " e-mail template, with a delay."
        ),
    }


def _automation(edition: Edition) -> str:
    rule = f"An automation rule ({_RULES}) on the model, with server actions for what is done."
    if "base_automation" in edition.modules:
        return rule
    return f"{rule} Install the module base_automation first; it is part of Community."


def _reports(edition: Edition) -> str:
    views = "A pivot or graph view with its filters saved as a favourite and shared with everybody"
    if edition.enterprise:
        return f"{views}; or a spreadsheet in the app Dashboards. A printed one is a QWeb report."
    return f"{views}. A printed one is a QWeb report; dashboards of spreadsheets are part of Enterprise."


def _pages(edition: Edition) -> str:
    if edition.enterprise:
        return "A view made in Studio, or an action with a menu."
    return "An action with a menu and a view of its own, by a module; Studio is part of Enterprise."


def _approvals(edition: Edition) -> str:
    if edition.enterprise:
        return "An approval rule of Studio on the button, or a request in the app Approvals."
    return (
        "Community asks nobody by itself: an automation rule that gives the approver an activity and holds"
        " the stage."
    )
