"""The forms and lists that come with the applications, as far as another view may hang on them.

The architectures are the sandbox's own: the main fields of each model, in a sheet.
"""

from crossdock_odoo.sandbox.environment import Env

_FORMS = {
    "res.partner": (
        "base.view_partner_form",
        ("name", "parent_id", "email", "phone", "category_id", "comment"),
    ),
    "crm.lead": ("crm.crm_lead_view_form", ("name", "partner_id", "expected_revenue", "stage_id", "tag_ids")),
    "project.project": ("project.edit_project", ("name", "partner_id", "user_id", "tag_ids")),
    "project.task": (
        "project.view_task_form2",
        ("name", "project_id", "user_ids", "tag_ids", "date_deadline"),
    ),
    "hr.employee": ("hr.view_employee_form", ("name", "job_id", "department_id", "work_email")),
    "hr.department": ("hr.view_department_form", ("name", "parent_id", "manager_id")),
    "res.users": ("base.view_users_form", ("name", "login")),
}


def standard_views(env: Env) -> None:
    """Write the forms and lists of the models that there are."""
    from crossdock_odoo.sandbox.seeds import external_id

    for model, (xml, names) in _FORMS.items():
        if not env.has(model):
            continue
        fields = "".join(f'<field name="{name}"/>' for name in names)
        for kind, arch in (
            ("form", f"<form><sheet><group>{fields}</group></sheet></form>"),
            ("list", f'<list><field name="{names[0]}"/></list>'),
        ):
            key = env.store.next_id("ir.ui.view")
            row = {"name": f"{model}.{kind}", "model": model, "type": kind, "mode": "primary", "priority": 16}
            row |= {"active": True, "arch_db": arch, "create_uid": 1, "write_uid": 1}
            env.store.put("ir.ui.view", key, row | {"create_date": env.now, "write_date": env.now})
            external_id(env, xml if kind == "form" else f"{xml}_list", "ir.ui.view", key)
