"""The people of the demo company: twelve users in all states, and their groups."""

from collections.abc import Sequence

from crossdock_elma365.sandbox.company import key
from crossdock_elma365.sandbox.draw import latin
from crossdock_elma365.sandbox.fields import Json

INVITED, ACTIVE, BLOCKED = 0, 2, 3
"""Numbers of user states; documented, with 1 rejected and 4 cancelled."""

ALL_USERS = "fda5c295-230a-5025-9797-b8b4e99e08aa"
ADMINISTRATORS = "d6000da0-c9aa-55eb-9882-f118b432730b"
SALES = key("group", "sales")

_PEOPLE = (
    ("Громова", "Нина", "Олеговна", "Администратор", ACTIVE),
    ("Петрова", "Анна", "Сергеевна", "Директор по продажам", ACTIVE),
    ("Сидоров", "Иван", "Андреевич", "Менеджер по работе с клиентами", ACTIVE),
    ("Кузьмина", "Дарья", "Ильинична", "Менеджер по работе с клиентами", ACTIVE),
    ("Лебедев", "Егор", "Матвеевич", "Логист", ACTIVE),
    ("Орлова", "Светлана", "Юрьевна", "Главный бухгалтер", ACTIVE),
    ("Тихонов", "Артём", "", "Руководитель проектов", ACTIVE),
    ("Фомина", "Ксения", "Павловна", "Специалист поддержки", ACTIVE),
    ("Щербаков", "Лев", "Денисович", "Аналитик", ACTIVE),
    ("Белов", "Роман", "Фёдорович", "Менеджер (уволен)", BLOCKED),
    ("Ёжикова", "Алла", "Борисовна", "Логист (уволена)", BLOCKED),
    ("Новиков", "Тимур", "", "Стажёр", INVITED),
)


def user_ids() -> Sequence[str]:
    """Give the ids of all users, the administrator first."""
    return [key("user", number) for number in range(1, len(_PEOPLE) + 1)]


def users() -> Sequence[Json]:
    """Give all users, the administrator first."""
    return [_user(number, *person) for number, person in enumerate(_PEOPLE, 1)]


def _user(number: int, last: str, first: str, middle: str, position: str, status: int) -> Json:
    login = f"{latin(first)}.{latin(last)}"
    groups = [ALL_USERS] + [ADMINISTRATORS] * (number == 1) + [SALES] * (number in (2, 3, 4))
    return {
        "__id": key("user", number),
        "__name": " ".join(filter(None, (last, first, middle))),
        "login": login,
        "email": f"{login}@romashka.example",
        "fullname": {"lastname": last, "firstname": first, "middlename": middle},
        "displayedPosition": position,
        "mobilePhone": [{"type": "mobile", "tel": f"+7 900 000-01-{number:02d}"}],
        "workPhone": None,
        "birthDate": None,
        "hireDate": f"2022-0{number % 9 + 1}-15T00:00:00Z",
        "timezone": "Europe/Moscow",
        "avatar": None,
        "groupIds": groups,
        "osIds": [],
        "__status": {"order": 0, "status": status},
        "__createdAt": f"2022-01-{number + 9:02d}T08:00:00Z",
        "__updatedAt": f"2023-01-{number + 9:02d}T08:00:00.123456789Z",
    }


def groups() -> Sequence[Json]:
    """Give three groups; one is a role."""
    rows = (
        (ALL_USERS, "all", "Все пользователи", False),
        (ADMINISTRATORS, "administrators", "Администраторы", False),
        (SALES, "sales", "Отдел продаж", True),
    )
    return [
        {"__id": i, "namespace": "system", "code": code, "__name": name, "description": "", "isRole": role}
        | {"__createdAt": "2022-01-10T08:00:00Z"}
        for i, code, name, role in rows
    ]
