"""The applications of the demo company «Ромашка»: CRM, two custom applications, projects.

The codes of companies and contacts are confirmed by public clients; the fields of leads and
everything of projects are assumed (no public source names them).
"""

from collections.abc import Sequence

from crossdock_elma365.sandbox.fields import (
    Json,
    application,
    choice,
    field,
    flag,
    link,
    money,
    number,
    statuses,
    table,
    text,
    time,
)

NAMESPACES = {
    "_clients": "CRM",
    "logistics": "Логистика",
    "_projects": "Проекты",
}

INDUSTRIES = {
    "it": "Информационные технологии",
    "trade": "Торговля",
    "production": "Производство",
    "logistics": "Логистика",
    "agro": "Сельское хозяйство",
    "services": "Услуги",
}
REGIONS = {"msk": "Москва", "spb": "Санкт-Петербург", "ural": "Урал", "south": "Юг", "siberia": "Сибирь"}
SEGMENTS = {"vip": "Ключевой клиент", "smb": "Малый бизнес", "export": "Экспорт", "state": "Госсектор"}
SOURCES = {"site": "Сайт", "call": "Звонок", "fair": "Выставка", "referral": "Рекомендация"}
LOST_REASONS = {"price": "Цена", "competitor": "Выбрали другого", "silence": "Нет ответа"}
SHIPMENT_KINDS = {"auto": "Авто", "rail": "Железная дорога", "air": "Авиа", "sea": "Море"}
SHIPMENT_OPTIONS = {"fragile": "Хрупкое", "cold": "Холод", "oversize": "Негабарит", "express": "Срочно"}

LEAD_STATUSES = statuses(
    ("new", "Новый"),
    ("qualification", "Квалификация"),
    ("proposal", "Предложение"),
    ("won", "Успешно"),
    ("lost", "Отказ"),
)
SHIPMENT_STATUSES = statuses(
    ("draft", "Черновик"), ("loading", "Погрузка"), ("on_way", "В пути"), ("delivered", "Доставлено")
)
PROJECT_STATUSES = statuses(
    ("planned", "Запланирован"), ("active", "В работе"), ("frozen", "Заморожен"), ("done", "Завершён")
)


def applications() -> Sequence[Json]:
    """Give all applications of the demo company."""
    return (_companies(), _contacts(), _leads(), _shipments(), _carriers(), _projects())


def _companies() -> Json:
    fields = [
        text("_inn", "ИНН"),
        text("_kpp", "КПП"),
        text("_ogrn", "ОГРН"),
        text("_legalName", "Юридическое название"),
        text("_address", "Фактический адрес"),
        text("_legalAddress", "Юридический адрес"),
        field("_phone", "PHONE", "Телефон", many=True),
        field("_email", "EMAIL", "Электронная почта", many=True),
        field("_website", "LINK", "Сайт"),
        link("_contacts", "Контакты", "_clients._contacts", many=True),
        choice("industry", "Отрасль", INDUSTRIES),
        choice("region", "Регион", REGIONS),
        choice("segments", "Сегменты", SEGMENTS, many=True),
        money("revenue", "Годовая выручка"),
        number("employees", "Сотрудников", "integer"),
        number("rating", "Рейтинг"),
        flag("is_partner", "Партнёр"),
        time("contract_date", "Дата договора", "date"),
        time("last_contact_at", "Последний контакт"),
        text("about", "О компании", "markdown"),
        field("responsible", "SYS_USER", "Ответственный"),
        field("contract_files", "FILE", "Файлы договора", many=True),
        text("old_code", "Код в старой системе", deleted=True),
    ]
    return application("_clients._companies", "Компании", "Компания", fields)


def _contacts() -> Json:
    fields = [
        field("_fullname", "FULL_NAME", "ФИО"),
        field("_phone", "PHONE", "Телефон", many=True),
        field("_email", "EMAIL", "Электронная почта", many=True),
        link("_companies", "Компании", "_clients._companies", many=True),
        text("position", "Должность"),
        time("birthday", "День рождения", "date"),
        field("telegram", "LINK", "Телеграм"),
        flag("decision_maker", "Принимает решения"),
        text("note", "Заметка", "text"),
        field("responsible", "SYS_USER", "Ответственный"),
    ]
    return application("_clients._contacts", "Контакты", "Контакт", fields)


def _leads() -> Json:
    fields = [
        link("company", "Компания", "_clients._companies"),
        link("contact", "Контакт", "_clients._contacts"),
        money("budget", "Бюджет"),
        choice("source", "Источник", SOURCES),
        choice("lost_reason", "Причина отказа", LOST_REASONS),
        time("expected_close", "Ожидаемая дата сделки", "date"),
        number("probability", "Вероятность, %", "integer"),
        text("description", "Описание", "text"),
        field("responsible", "SYS_USER", "Ответственный"),
    ]
    return application("_clients._leads", "Лиды", "Лид", fields, status=LEAD_STATUSES)


def _shipments() -> Json:
    """One field of every type; the last four have types whose value shape nobody has seen (always null)."""
    fields = [
        text("number", "Номер накладной"),
        text("description", "Описание груза", "text"),
        number("weight", "Вес, кг"),
        number("places", "Мест", "integer"),
        link("customers", "Заказчики", "_clients._companies", many=True),
        link("payer", "Плательщик", "_clients._companies"),
        link("contact", "Контактное лицо", "_clients._contacts"),
        link("parent", "Основная отгрузка", "logistics.shipments"),
        link("carrier", "Перевозчик", "logistics.carriers"),
        table("cargo", "Состав груза", _cargo_columns()),
        money("cost", "Стоимость"),
        flag("insured", "Застраховано"),
        time("ship_date", "Дата отгрузки", "date"),
        time("delivered_at", "Доставлено"),
        time("pickup_time", "Время подачи", "time"),
        field("transit", "DURATION", "Время в пути"),
        choice("kind", "Вид перевозки", SHIPMENT_KINDS),
        choice("options", "Особые условия", SHIPMENT_OPTIONS, many=True),
        field("documents", "FILE", "Документы", many=True),
        field("photo", "IMAGE", "Фото"),
        field("manager", "SYS_USER", "Менеджер"),
        field("observers", "SYS_USER", "Наблюдатели", many=True),
        field("driver", "FULL_NAME", "Водитель"),
        field("driver_phone", "PHONE", "Телефон водителя"),
        field("notify_email", "EMAIL", "Почта для уведомлений"),
        field("tracking", "LINK", "Отслеживание"),
        field("reason", "REF_ITEM", "Основание"),
        field("extra", "JSON", "Данные терминала"),
        field("access_role", "ROLE", "Доступ"),
        field("account", "ACCOUNT", "Учётная запись"),
        field("marks", "TAG", "Метки"),
        field("department", "SYS_OSNODE", "Подразделение"),
    ]
    return application(
        "logistics.shipments", "Отгрузки", "Отгрузка", fields, status=SHIPMENT_STATUSES, shifted_labels=True
    )


def _cargo_columns() -> Sequence[Json]:
    return (
        text("product", "Товар"),
        number("quantity", "Количество"),
        money("price", "Цена"),
        flag("dangerous", "Опасный груз"),
    )


def _carriers() -> Json:
    fields = [
        text("inn", "ИНН"),
        field("phone", "PHONE", "Телефон", many=True),
        number("score", "Оценка"),
        flag("active", "Работает с нами"),
        link("company", "Компания", "_clients._companies"),
        link("last_shipments", "Последние отгрузки", "logistics.shipments", many=True),
        field("licence", "FILE", "Лицензия"),
    ]
    return application("logistics.carriers", "Перевозчики", "Перевозчик", fields)


def _projects() -> Json:
    fields = [
        link("parent", "Родительский проект", "_projects._projects"),
        link("company", "Заказчик", "_clients._companies"),
        field("manager", "SYS_USER", "Руководитель"),
        field("members", "SYS_USER", "Участники", many=True),
        time("start_date", "Начало", "date"),
        time("finish_date", "Окончание", "date"),
        money("budget", "Бюджет"),
        text("description", "Описание", "text"),
        # Whom no directory knows: a project names them itself.
        text("contact_name", "Контактное лицо"),
        field("contact_email", "EMAIL", "Почта контактного лица"),
        text("contractor", "Подрядчик"),
    ]
    return application("_projects._projects", "Проекты", "Проект", fields, status=PROJECT_STATUSES)
