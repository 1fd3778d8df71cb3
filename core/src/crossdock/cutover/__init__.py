"""The cutover: a checklist, and what each of its steps does with a project."""
