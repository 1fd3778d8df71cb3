"""Two MS Project plans of our own making, and plans that must not be read."""

from itertools import pairwise

HEAD = '<?xml version="1.0" encoding="UTF-8"?><Project xmlns="http://schemas.microsoft.com/project">'
TEXT1, TEXT2, TEXT3, NUMBER1, FLAG1 = 188743731, 188743734, 188743737, 188743767, 188743752
COST1, DATE1, DURATION1, OUTLINE1, RESOURCE_TEXT1 = 188743786, 188743945, 188743783, 188744096, 205520904
TASK_ENTERPRISE, ASSIGNMENT_ENTERPRISE = 188776500, 255852547


def leaves(**texts: object) -> str:
    """Elements without children."""
    return "".join(f"<{tag}>{text}</{tag}>" for tag, text in texts.items())


def task(uid: int, level: int, name: str, duration: str = "PT8H0M0S", unit: int = 7, more: str = "") -> str:
    """One task, in its own row."""
    own = leaves(UID=uid, ID=uid, **({"Name": name} if name else {}))
    day = f"2024-03-{uid + 1:02d}T08:00:00"
    times = leaves(OutlineLevel=level, Start=day, Finish=day, Duration=duration, DurationFormat=unit)
    return f"<Task>{own}{times}{more}</Task>"


def custom(field_id: int, value: str, tag: str = "Value") -> str:
    """A custom value."""
    return f"<ExtendedAttribute><FieldID>{field_id}</FieldID><{tag}>{value}</{tag}></ExtendedAttribute>"


def definition(field_id: int, alias: str, more: str = "") -> str:
    """A custom field's definition."""
    return f"<ExtendedAttribute>{leaves(FieldID=field_id, Alias=alias)}{more}</ExtendedAttribute>"


def link(uid: int, kind: int, lag: int, unit: int = 7) -> str:
    """A link from a predecessor; the lag in tenths of a minute, or in percent."""
    body = leaves(PredecessorUID=uid, Type=kind, CrossProject=0, LinkLag=lag, LagFormat=unit)
    return f"<PredecessorLink>{body}</PredecessorLink>"


_DRAWINGS = (
    leaves(CreateDate="2024-02-01T10:30:00", Work="PT6H0M0S", ConstraintType=4, TotalSlack=4800)
    + leaves(ConstraintDate="2024-03-01T08:00:00")
    + custom(TEXT1, "ООО «Кран»")
    + custom(NUMBER1, "55.56")
    + custom(DURATION1, "PT16H0M0S")
    + custom(COST1, "9995")
    + custom(FLAG1, "1")
    + custom(DATE1, "2024-07-18T08:00:00")
    + "<Baseline><Number>0</Number><Start>2024-03-01T08:00:00</Start></Baseline>"
)
_TASKS = (
    task(0, 0, ""),
    task(1, 1, "Подготовка"),
    task(2, 2, "Проект"),
    task(3, 3, "Чертежи «ёлка» &amp; &lt;план&gt; №1", "PT12H0M0S", more=_DRAWINGS)
    .replace("2024-03-04T08:00:00", "2024-03-01T08:00:00", 1)
    .replace("<Finish>2024-03-04T08:00:00", "<Finish>2024-03-04T12:00:00"),
    task(
        4,
        3,
        "Согласование",
        "PT0H0M0S",
        more=leaves(Milestone=1) + custom(TASK_ENTERPRISE, "поле предприятия"),
    ),
    "<Task><UID>5</UID><ID>5</ID><IsNull>1</IsNull><OutlineLevel>0</OutlineLevel></Task>",
    task(6, 1, "Стройка"),
    task(
        7,
        2,
        "Монтаж",
        "PT48H0M0S",
        8,
        link(3, 1, 4800) + f"<OutlineCode>{leaves(FieldID=OUTLINE1, ValueID=2)}</OutlineCode>",
    ),
    task(
        8,
        2,
        "Отделка",
        "PT40H0M0S",
        41,
        link(4, 3, -2400) + link(7, 0, 14400, 8) + custom(TEXT3, "7", "ValueID"),
    ),
    task(9, 2, "Уборка", more=link(8, 2, 50, 19)),
    task(10, 2, ""),
)
_RESOURCES = (
    "<Resource><UID>0</UID><ID>0</ID><Type>1</Type></Resource>",
    f"<Resource>{leaves(UID=1, ID=1, Name='Иванов Пётр', Type=1, EmailAddress='petr@example.com')}"
    f"{custom(RESOURCE_TEXT1, 'Пермь')}</Resource>",
    f"<Resource>{leaves(UID=2, ID=2, Name='Бетон', Type=0)}</Resource>",
)
_ASSIGNMENTS = (
    f"<Assignment>{leaves(UID=11, TaskUID=3, ResourceUID=1, Units='0.5', Work='PT6H0M0S')}"
    f"{custom(ASSIGNMENT_ENTERPRISE, 'с инструментом')}</Assignment>",
    f"<Assignment>{leaves(UID=12, TaskUID=7, ResourceUID=2, Units='3.25', Work='PT0H0M0S')}</Assignment>",
    f"<Assignment>{leaves(UID=13, TaskUID=4, ResourceUID=-65535, Units=1, Work='PT0H0M0S')}</Assignment>",
)
_CHOICES = f"<ValueList><Value>{leaves(ID=7, Value='Запад')}</Value></ValueList>"
_DEFINITIONS = (
    definition(TEXT1, "Подрядчик"),
    definition(TEXT3, "Регион", _CHOICES),
    definition(DURATION1, "Резерв"),
    definition(COST1, "Смета"),
    definition(FLAG1, "Проверено"),
    definition(DATE1, "Сдача"),
    definition(OUTLINE1, "Участок"),
    definition(RESOURCE_TEXT1, "Участок работ"),
)
_CODES = (
    f"<OutlineCode><FieldID>{OUTLINE1}</FieldID><Values>"
    f"<Value>{leaves(ValueID=1, Value='Север')}</Value>"
    f"<Value>{leaves(ValueID=2, ParentValueID=1, Value='Цех 1')}</Value></Values></OutlineCode>"
)
_OFFICE = (
    '<?xml version="1.0"?>\r\n<Project xmlns="http://schemas.microsoft.com/project">'
    + leaves(Name="office", Title="Офис в Перми", CurrencyCode="RUB", CurrencyDigits=2, MinutesPerDay=480)
    + f"<OutlineCodes>{_CODES}</OutlineCodes>"
    + f"<ExtendedAttributes>{''.join(_DEFINITIONS)}</ExtendedAttributes>"
    + "<Calendars><Calendar><UID>1</UID></Calendar></Calendars>"
    + f"<Tasks>{''.join(_TASKS)}</Tasks><Resources>{''.join(_RESOURCES)}</Resources>"
    + f"<Assignments>{''.join(_ASSIGNMENTS)}</Assignments></Project>"
)
OFFICE = b"\xef\xbb\xbf" + _OFFICE.encode()
"""With a byte order mark and without an encoding in its declaration."""

FOUNDRY = (
    '<Project xmlns="http://schemas.microsoft.com/project">'
    + leaves(Name="Литейный цех")
    + f"<ExtendedAttributes>{definition(TEXT1, 'Цех')}{definition(TEXT2, 'Допуски')}</ExtendedAttributes>"
    + "<Tasks>"
    + task(
        1, 1, "Плавка", more=custom(TEXT1, "литейный") + custom(TEXT2, "огневые") + custom(TEXT2, "высотные")
    )
    + task(2, 1, "Разливка", more=custom(TEXT2, "огневые"))
    + "</Tasks></Project>"
)
"""Without any declaration; its Text1 is not the Text1 of the office."""


def damaged() -> dict[str, tuple[bytes, str]]:
    """What is wrong -> a file that must be refused, and what the message has to say."""
    letters = "abcdefghij"
    laughs = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(letters))
    task_start = f"{HEAD}<Tasks><Task><UID>1</UID>"
    texts = {
        "malformed": (f"{task_start}</Tasks></Project>", "line 1"),
        "truncated": (task_start, "cut off"),
        "empty": ("", "not XML"),
        "billion laughs": (
            f'<!DOCTYPE lolz [<!ENTITY a "ha">{laughs}]>{HEAD.partition("?>")[2]}<Name>&j;</Name></Project>',
            "document type",
        ),
        "external entity": (
            '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/hostname">]><Project><Name>&x;</Name></Project>',
            "document type",
        ),
        "document type elsewhere": ('<!DOCTYPE p SYSTEM "http://127.0.0.1:1/p.dtd"><p/>', "document type"),
        "another root": ("<html><body/></html>", "its root is 'html'"),
        "no namespace": ("<Project><Tasks/></Project>", "its root is 'Project'"),
        "unknown encoding": (HEAD.replace("UTF-8", "x-klingon") + "</Project>", "encoding"),
    }
    binary = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100)
    return {kind: (text.encode(), why) for kind, (text, why) in texts.items()} | {
        "binary": (binary, "binary file"),
        "wrong bytes": (f"{HEAD}<Name>".encode() + b"\xff\xfe</Name></Project>", "encoding"),
    }
