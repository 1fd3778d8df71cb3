"""Drawing believable values from a seeded generator: the same seed gives the same company.

Nothing here is real: tax numbers carry region 00, which does not exist, phone numbers the unassigned
exchange 000, addresses of mail and web the reserved top-level domain `example`; names of firms pair a
colour with an animal.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock_elma365.sandbox.company import key
from crossdock_elma365.sandbox.fields import NIL, Json
from crossdock_elma365.sandbox.times import nanoseconds, stamp

START = nanoseconds("2023-02-01T08:00:00Z") or 0
"""When the company began to work with the platform."""

DAY = 86_400 * 10**9

COLOURS = (
    "Лазурный",
    "Багряный",
    "Изумрудный",
    "Серебряный",
    "Янтарный",
    "Песочный",
    "Малиновый",
    "Оливковый",
    "Сиреневый",
    "Бирюзовый",
    "Медовый",
    "Графитовый",
)
ANIMALS = ("Тапир", "Ёж", "Бобр", "Щегол", "Сурок", "Журавль", "Хомяк", "Дятел", "Енот", "Окунь", "Филин")
FORMS = ("ООО", "АО", "ООО", "ЗАО", "ООО")
STREETS = ("ул. Полевая", "пр-т Строителей", "наб. Тихая", "ул. Объездная", "пер. Яблочный", "ш. Дальнее")
CITIES = ("г. Ромашкин", "г. Верхнеозёрск", "г. Новый Лог", "г. Белокаменец", "пос. Щёлоково")
MEN = (("Пётр", "Петрович"), ("Олег", "Ильич"), ("Фёдор", "Юрьевич"), ("Глеб", ""), ("Семён", "Львович"))
WOMEN = (
    ("Ольга", "Игоревна"),
    ("Алёна", "Павловна"),
    ("Юлия", ""),
    ("Вера", "Саввична"),
    ("Эмма", "Львовна"),
)
SURNAMES = ("Щукин", "Ёлкин", "Берёзкин", "Жаворонков", "Цаплин", "Хвощёв", "Юрьев", "Эльцов", "Ягодин")
_LATIN = str.maketrans(
    {"а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i"}
    | {"й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t"}
    | {"у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y"}
    | {"ь": "", "э": "e", "ю": "yu", "я": "ya"}
)


def latin(text: str) -> str:
    """Write a Russian word in lower-case Latin letters, for addresses of mail and web."""
    return text.lower().translate(_LATIN)


def inn(number: int) -> str:
    """Give a tax number of ten digits in region 00 with a valid check digit."""
    digits = f"00{number:07d}"
    total = sum(int(d) * w for d, w in zip(digits, (2, 4, 10, 3, 5, 9, 4, 6, 8), strict=True))
    return f"{digits}{total % 11 % 10}"


def ogrn(number: int) -> str:
    """Give a registration number of thirteen digits in region 00 with a valid check digit."""
    digits = f"12000{number:07d}"
    return f"{digits}{int(digits) % 11 % 10}"


class Draw:
    """A generator for one kind of item, so that more of one kind does not change another."""

    def __init__(self, kind: str, users: Sequence[str]) -> None:
        self.kind = kind
        self.random = random.Random(f"romashka/{kind}")  # noqa: S311 not for secrets
        self._users = users

    def chance(self, share: float) -> bool:
        """Say yes in this share of cases."""
        return self.random.random() < share

    def one(self, options: Sequence[Any]) -> Any:
        """Give one of the options."""
        return self.random.choice(options)

    def user(self) -> list[str]:
        """Give one user, as field values are: a list of one id."""
        return [self.one(self._users)]

    def option(self, options: Mapping[str, str]) -> Json:
        """Give one option of a category field."""
        code = self.one(list(options))
        return {"code": code, "name": options[code]}

    def options(self, options: Mapping[str, str], most: int) -> list[Json]:
        """Give up to `most` different options of a category field."""
        codes = self.random.sample(list(options), self.random.randint(0, most))
        return [{"code": code, "name": options[code]} for code in codes]

    def rubles(self, low: int, high: int) -> Json:
        """Give an amount between two numbers of roubles, with kopecks."""
        return {"cents": self.random.randint(low * 100, high * 100), "currency": "RUB"}

    def phone(self, kind: str = "work", share_with_extension: float = 0.2) -> Json:
        """Give a telephone number in one of the ways in which people write it."""
        a, b = self.random.randint(0, 99), self.random.randint(0, 99)
        tel = self.one(
            (f"+7495000{a:02d}{b:02d}", f"8 (812) 000-{a:02d}-{b:02d}", f"+7 900 000-{a:02d}-{b:02d}")
        )
        phone = {"type": kind, "tel": tel}
        return (
            phone | {"ext": str(self.random.randint(100, 999))}
            if self.chance(share_with_extension)
            else phone
        )

    def address(self) -> str:
        """Give a postal address of a place that does not exist."""
        index, house = self.random.randint(100000, 199999), self.random.randint(1, 120)
        return f"{index}, {self.one(CITIES)}, {self.one(STREETS)}, д. {house}, оф. {house * 3 % 77 + 1}"

    def person(self) -> Json:
        """Give a full name."""
        woman = self.chance(0.5)
        first, middle = self.one(WOMEN if woman else MEN)
        return {
            "lastname": self.one(SURNAMES) + ("а" if woman else ""),
            "firstname": first,
            "middlename": middle,
        }

    def day(self, first: int, last: int) -> str:
        """Give a date, as the platform does: midnight UTC, this many days after the start."""
        midnight = (START // DAY + self.random.randint(first, last)) * DAY
        return stamp(midnight, fraction=False)

    def moment(self, first: int, last: int) -> int:
        """Give a moment in nanoseconds, this many days after the start."""
        return START + self.random.randint(first * DAY, last * DAY)

    def item(self, collection: str, number: int, name: str, values: Mapping[str, Any]) -> Json:
        """Complete an item; some of its null keys are left out, as the platform does."""
        created = self.moment(0, 400)
        updated = created + self.random.randint(0, 300 * DAY)
        fine = self.chance(0.5)
        item = {
            "__id": key(collection, number),
            "__name": name,
            "__index": number,
            "__version": updated // 10**9,
            "__debug": False,
            "__createdAt": stamp(created, fraction=False),
            "__createdBy": self.one(self._users),
            "__updatedAt": stamp(updated, fraction=fine),
            "__updatedBy": self.one(self._users),
            "__deletedAt": None,
            "__directory": NIL,
            "__externalId": None,
            "__externalProcessMeta": None,
            "__subscribers": [],
            **values,
        }
        return {code: value for code, value in item.items() if value is not None or self.chance(0.6)}
