"""What provision adds must not look like a change of the schema that a person confirmed."""

from crossdock_odoo.schema import object_schema


def activity_types(*models):
    choices = [[name, name.title()] for name in models]
    return {
        "name": {"type": "char", "string": "Name", "store": True},
        "res_model": {"type": "selection", "string": "Model", "store": True, "selection": choices},
    }


def test_a_choice_of_models_is_the_same_after_a_model_was_provisioned():
    model = {"model": "mail.activity.type", "name": "Activity Type", "state": "base"}
    before = object_schema(model, activity_types("crm.lead"), ())
    after = object_schema(model, activity_types("crm.lead", "x_contract"), ())
    assert before == after
