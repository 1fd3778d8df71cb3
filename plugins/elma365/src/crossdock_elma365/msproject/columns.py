"""The fixed fields of the msproject objects: name, type, label, element in the file.

What MS Project computes for itself (slack, variances, earned value, baselines, time-phased work) is
not read; calendars are not read either.
"""

from dataclasses import dataclass

from crossdock.fieldtypes import FieldType

PROJECTS = "msproject.projects"
TASKS = "msproject.tasks"
RESOURCES = "msproject.resources"
ASSIGNMENTS = "msproject.assignments"
LINKS = "msproject.links"

LINK_TYPES = ("FF", "FS", "SF", "SS")  # by number
RESOURCE_TYPES = ("material", "work", "cost")  # by number


@dataclass(frozen=True, slots=True)
class Column:
    """A fixed field. `tag` is "" for a field that is worked out from several elements."""

    name: str
    type: FieldType
    label: str
    tag: str = ""
    references: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


_PROJECT = Column("project", FieldType.REFERENCE, "Project", references=(PROJECTS,))
_IDENTITY = (
    Column("uid", FieldType.INTEGER, "UID", "UID"),
    Column("id", FieldType.INTEGER, "Row", "ID"),
    Column("guid", FieldType.UUID, "GUID", "GUID"),
    Column("name", FieldType.TEXT, "Name", "Name"),
)

COLUMNS: dict[str, tuple[Column, ...]] = {
    PROJECTS: (
        Column("name", FieldType.TEXT, "Name"),
        Column("guid", FieldType.TEXT, "GUID or UID"),
        Column("file", FieldType.TEXT, "File"),
        Column("start", FieldType.DATETIME, "Start", "StartDate"),
        Column("finish", FieldType.DATETIME, "Finish", "FinishDate"),
        Column("manager", FieldType.TEXT, "Manager", "Manager"),
        Column("company", FieldType.TEXT, "Company", "Company"),
        Column("author", FieldType.TEXT, "Author", "Author"),
        Column("subject", FieldType.TEXT, "Subject", "Subject"),
        Column("created_at", FieldType.DATETIME, "Created at", "CreationDate"),
        Column("saved_at", FieldType.DATETIME, "Saved at", "LastSaved"),
        Column("minutes_per_day", FieldType.INTEGER, "Minutes a working day"),
        Column("currency", FieldType.TEXT, "Currency", "CurrencyCode"),
        Column("tasks", FieldType.INTEGER, "Number of tasks"),
        Column("blank_rows", FieldType.INTEGER, "Blank rows left out"),
    ),
    TASKS: (
        *_IDENTITY,
        _PROJECT,
        Column("parent", FieldType.REFERENCE, "Part of", references=(TASKS,)),
        Column("outline_level", FieldType.INTEGER, "Outline level", "OutlineLevel"),
        Column("outline_number", FieldType.TEXT, "Outline number", "OutlineNumber"),
        Column("wbs", FieldType.TEXT, "WBS", "WBS"),
        Column("start", FieldType.DATETIME, "Start", "Start"),
        Column("finish", FieldType.DATETIME, "Finish", "Finish"),
        Column("deadline", FieldType.DATETIME, "Deadline", "Deadline"),
        Column("duration", FieldType.DURATION, "Duration (working time)", "Duration"),
        Column("duration_days", FieldType.DECIMAL, "Duration in days"),
        Column("duration_elapsed", FieldType.BOOLEAN, "Duration counts around the clock"),
        Column("duration_estimated", FieldType.BOOLEAN, "Duration is estimated"),
        Column("milestone", FieldType.BOOLEAN, "Milestone", "Milestone"),
        Column("summary", FieldType.BOOLEAN, "Summary task", "Summary"),
        Column("project_summary", FieldType.BOOLEAN, "Project summary task"),
        Column("percent", FieldType.INTEGER, "Percent complete", "PercentComplete"),
        Column("work", FieldType.DURATION, "Work", "Work"),
        Column("cost", FieldType.MONEY, "Cost", "Cost"),
        Column("priority", FieldType.INTEGER, "Priority", "Priority"),
        Column("notes", FieldType.TEXT, "Notes", "Notes"),
        Column("created_at", FieldType.DATETIME, "Created at", "CreateDate"),
    ),
    RESOURCES: (
        *_IDENTITY,
        _PROJECT,
        Column("type", FieldType.SELECT, "Type", options=RESOURCE_TYPES),
        Column("initials", FieldType.TEXT, "Initials", "Initials"),
        Column("email", FieldType.EMAIL, "E-mail", "EmailAddress"),
        Column("group", FieldType.TEXT, "Group", "Group"),
        Column("max_units", FieldType.DECIMAL, "Most units", "MaxUnits"),
        Column("work", FieldType.DURATION, "Work", "Work"),
        Column("cost", FieldType.MONEY, "Cost", "Cost"),
        Column("notes", FieldType.TEXT, "Notes", "Notes"),
    ),
    ASSIGNMENTS: (
        Column("uid", FieldType.INTEGER, "UID", "UID"),
        _PROJECT,
        Column("task", FieldType.REFERENCE, "Task", references=(TASKS,)),
        Column("resource", FieldType.REFERENCE, "Resource", references=(RESOURCES,)),
        Column("units", FieldType.DECIMAL, "Units", "Units"),
        Column("work", FieldType.DURATION, "Work", "Work"),
        Column("start", FieldType.DATETIME, "Start", "Start"),
        Column("finish", FieldType.DATETIME, "Finish", "Finish"),
        Column("percent", FieldType.INTEGER, "Percent of work complete", "PercentWorkComplete"),
        Column("cost", FieldType.MONEY, "Cost", "Cost"),
        Column("notes", FieldType.TEXT, "Notes", "Notes"),
    ),
    LINKS: (
        _PROJECT,
        Column("predecessor", FieldType.REFERENCE, "Predecessor", references=(TASKS,)),
        Column("successor", FieldType.REFERENCE, "Successor", references=(TASKS,)),
        Column("type", FieldType.SELECT, "Type", options=LINK_TYPES),
        Column("lag", FieldType.DURATION, "Lag"),
        Column("lag_days", FieldType.DECIMAL, "Lag in days"),
        Column("lag_percent", FieldType.DECIMAL, "Lag in percent of the predecessor"),
        Column("cross_project", FieldType.BOOLEAN, "Into another project", "CrossProject"),
        Column("cross_project_name", FieldType.TEXT, "Task of the other project", "CrossProjectName"),
    ),
}
