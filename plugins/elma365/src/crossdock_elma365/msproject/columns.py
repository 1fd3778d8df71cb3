"""The fixed fields of the msproject objects: name, type, label, element in the file.

Working time comes twice: as the file writes it (`PT8H0M0S`, a text) and in days, which only the project's
minutes a day give. What MS Project computes for itself (slack, variances, earned value, baselines,
time-phased work) is not read, and neither are calendars; the catalog's notes name what a file has of it.
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
CONSTRAINTS = (  # by number
    "as soon as possible",
    "as late as possible",
    "must start on",
    "must finish on",
    "start no earlier than",
    "start no later than",
    "finish no earlier than",
    "finish no later than",
)


@dataclass(frozen=True, slots=True)
class Column:
    """A fixed field. `tag` is "" for a field that is worked out from several elements.

    `inverse` is what the referenced record would call the records that point to it.
    """

    name: str
    type: FieldType
    label: str
    tag: str = ""
    references: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    inverse: str = ""
    working_time: bool = False


def _project(inverse: str) -> Column:
    return Column("project", FieldType.REFERENCE, "Project", references=(PROJECTS,), inverse=inverse)


def _task(name: str, label: str, inverse: str) -> Column:
    return Column(name, FieldType.REFERENCE, label, references=(TASKS,), inverse=inverse)


def _length(name: str, label: str, tag: str) -> tuple[Column, Column]:
    """A working time as written and in days."""
    return (
        Column(name, FieldType.TEXT, label, tag, working_time=True),
        Column(f"{name}_days", FieldType.DECIMAL, f"{label} in days"),
    )


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
        Column("task_count", FieldType.INTEGER, "Number of tasks"),
        Column("blank_rows", FieldType.INTEGER, "Blank rows left out"),
    ),
    TASKS: (
        *_IDENTITY,
        _project("Tasks"),
        _task("parent", "Part of", "Subtasks"),
        Column("outline_level", FieldType.INTEGER, "Outline level", "OutlineLevel"),
        Column("outline_number", FieldType.TEXT, "Outline number", "OutlineNumber"),
        Column("wbs", FieldType.TEXT, "WBS", "WBS"),
        Column("start", FieldType.DATETIME, "Start", "Start"),
        Column("finish", FieldType.DATETIME, "Finish", "Finish"),
        Column("deadline", FieldType.DATETIME, "Deadline", "Deadline"),
        Column("actual_start", FieldType.DATETIME, "Actual start", "ActualStart"),
        Column("actual_finish", FieldType.DATETIME, "Actual finish", "ActualFinish"),
        Column("constraint", FieldType.SELECT, "Constraint", options=CONSTRAINTS),
        Column("constraint_date", FieldType.DATETIME, "Constraint date", "ConstraintDate"),
        Column("manual", FieldType.BOOLEAN, "Manually scheduled", "Manual"),
        Column("active", FieldType.BOOLEAN, "Active", "Active"),
        *_length("duration", "Duration", "Duration"),
        Column("duration_unit", FieldType.TEXT, "Duration is shown in"),
        Column("duration_elapsed", FieldType.BOOLEAN, "Duration counts around the clock"),
        Column("duration_estimated", FieldType.BOOLEAN, "Duration is estimated"),
        Column("milestone", FieldType.BOOLEAN, "Milestone", "Milestone"),
        Column("summary", FieldType.BOOLEAN, "Summary task", "Summary"),
        Column("project_summary", FieldType.BOOLEAN, "Project summary task"),
        Column("percent", FieldType.INTEGER, "Percent complete", "PercentComplete"),
        *_length("work", "Work", "Work"),
        Column("cost", FieldType.MONEY, "Cost", "Cost"),
        Column("priority", FieldType.INTEGER, "Priority", "Priority"),
        Column("contact", FieldType.TEXT, "Contact", "Contact"),
        Column("hyperlink", FieldType.TEXT, "Hyperlink", "HyperlinkAddress"),
        Column("hyperlink_label", FieldType.TEXT, "Hyperlink text", "Hyperlink"),
        Column("notes", FieldType.TEXT, "Notes", "Notes"),
        Column("created_at", FieldType.DATETIME, "Created at", "CreateDate"),
    ),
    RESOURCES: (
        *_IDENTITY,
        _project("Resources"),
        Column("type", FieldType.SELECT, "Type", options=RESOURCE_TYPES),
        Column("initials", FieldType.TEXT, "Initials", "Initials"),
        Column("email", FieldType.EMAIL, "E-mail", "EmailAddress"),
        Column("group", FieldType.TEXT, "Group", "Group"),
        Column("max_units", FieldType.DECIMAL, "Most units", "MaxUnits"),
        *_length("work", "Work", "Work"),
        Column("cost", FieldType.MONEY, "Cost", "Cost"),
        Column("notes", FieldType.TEXT, "Notes", "Notes"),
        Column("created_at", FieldType.DATETIME, "Created at", "CreationDate"),
    ),
    ASSIGNMENTS: (
        Column("uid", FieldType.INTEGER, "UID", "UID"),
        Column("name", FieldType.TEXT, "Name"),
        _project("Assignments"),
        _task("task", "Task", "Assignments"),
        Column("resource", FieldType.REFERENCE, "Resource", references=(RESOURCES,), inverse="Assignments"),
        Column("units", FieldType.DECIMAL, "Units", "Units"),
        *_length("work", "Work", "Work"),
        Column("start", FieldType.DATETIME, "Start", "Start"),
        Column("finish", FieldType.DATETIME, "Finish", "Finish"),
        Column("percent", FieldType.INTEGER, "Percent of work complete", "PercentWorkComplete"),
        Column("cost", FieldType.MONEY, "Cost", "Cost"),
        Column("notes", FieldType.TEXT, "Notes", "Notes"),
        Column("created_at", FieldType.DATETIME, "Created at", "CreationDate"),
    ),
    LINKS: (
        Column("name", FieldType.TEXT, "Name"),
        _project("Task links"),
        _task("predecessor", "Predecessor", "Links to successors"),
        _task("successor", "Successor", "Links to predecessors"),
        Column("type", FieldType.SELECT, "Type", options=LINK_TYPES),
        *_length("lag", "Lag", ""),
        Column("lag_percent", FieldType.DECIMAL, "Lag in percent of the predecessor"),
        Column("cross_project", FieldType.BOOLEAN, "Into another project", "CrossProject"),
        Column("cross_project_name", FieldType.TEXT, "Task of the other project", "CrossProjectName"),
    ),
}
