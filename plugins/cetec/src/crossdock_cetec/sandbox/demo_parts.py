"""Parts of the demo: components and assemblies of up to four levels, one of which is in itself."""

from decimal import Decimal
from typing import Any

from crossdock_cetec.sandbox.demo_words import START, Draw, firm
from crossdock_cetec.sandbox.excelize import Amount

COMPONENTS = 56
BOARDS, UNITS, SYSTEMS = 12, 8, 4
CIRCULAR = ("SUBLOOP-A", "SUBLOOP-B")
"""Two assemblies that are in each other."""
UNLISTED = "PRTUNLISTED 7"
"""A part that orders name and the exported list lacks: only the API gives it."""
_KINDS = (
    "Resistor",
    "Capacitor",
    "Connector",
    "Microcontroller",
    "Inductor",
    "Regulator",
    "Crystal",
    "Diode",
)
_CODES = ("Q10", "Q20", "Q30", None)


def component(number: int) -> str:
    """The prcpart of a component: product class and number; some have a space between."""
    return f"CMP{' ' if number % 7 == 0 else ''}{1000 + number}"


def board(number: int) -> str:
    """The prcpart of a board."""
    return f"SUBBRD-{number:03d}"


def unit(number: int) -> str:
    """The prcpart of a unit that is sold."""
    return f"PRTUNIT-{number:03d}"


def system(number: int) -> str:
    """The prcpart of a system of units."""
    return f"PRTSYS/{number}"


def sold() -> list[str]:
    """The parts that are sold."""
    return [*(unit(n) for n in range(1, UNITS + 1)), *(system(n) for n in range(1, SYSTEMS + 1))]


def all_parts() -> list[str]:
    """Every part of the exported list."""
    made = [board(n) for n in range(1, BOARDS + 1)] + sold() + list(CIRCULAR)
    return [component(n) for n in range(1, COMPONENTS + 1)] + made


def parts() -> list[list[Any]]:
    """The parts list, with headers of real scripts."""
    draw = Draw("parts")
    rows: list[list[Any]] = [
        [
            *(
                "Prcpart",
                "Description",
                "UOM",
                "Rev",
                "Active",
                "QOH",
                "QR",
                "QOO",
                "Default Cost",
                "Default Resale",
            ),
            *(
                "Lead Time",
                "Pref Manufacturer",
                "Incoming Inspection",
                "Quality Code",
                "Created On",
                "RoHS",
                "MSL",
            ),
        ]
    ]
    for number, part in enumerate(all_parts()):
        bought = part.startswith("CMP")
        cost = Decimal(draw.price(0, 4, 5) if bought else draw.price(20, 400))
        what = draw.one(_KINDS) if bought else "Assembly"
        stock = draw.number(0, 40_000) if bought else draw.number(0, 40)
        rows.append(
            [
                *(
                    part,
                    f'{what} {part[3:].strip()} \u00b15%, "A"'
                    if number % 9 == 0
                    else f"{what} {part[3:].strip()}",
                ),
                *("EA" if number % 11 else "FT", "" if bought else "A", True, stock, 0, draw.number(0, 500)),
                *(Amount(cost), Amount(cost * 2) if not bought else None, f"{draw.number(1, 20)} wk"),
                *(firm(number % 9)[0] if bought else None, "Check the date code" if number % 8 == 0 else ""),
                *(
                    _CODES[number % 4],
                    START,
                    "Yes" if number % 3 else "No",
                    str(number % 4) if bought else None,
                ),
            ]
        )
    rows[5][13] = "Q99"  # no such code: this part is refused
    return rows


def prices() -> list[list[Any]]:
    """What vendors ask for components."""
    draw = Draw("prices")
    rows: list[list[Any]] = [["Prcpart", "Vendor", "Vendor Part", "Price", "Min Qty", "Lead Time"]]
    for number in range(1, COMPONENTS + 1):
        for quote in range(draw.number(1, 3)):
            cost = Amount(draw.price(0, 4, 5))
            rows.append(
                [component(number), firm(20 + number % 14)[0], f"V-{number}-{quote}", cost, 100, "3 wk"]
            )
    return rows


def bom_lines() -> list[list[Any]]:
    """Parent and component; systems hold units, units boards, boards components."""
    draw = Draw("bom")
    rows: list[list[Any]] = [
        ["Parent", "Component", "Qty Per Top", "Component No", "Rev", "Ref Des", "Pick Comments"]
    ]
    for number in range(1, BOARDS + 1):
        for place in range(1, 6):
            used = component((number * 5 + place) % COMPONENTS + 1)
            rows.append([board(number), used, draw.number(1, 12), place, "", f"R{place}, R{place + 9}", None])
    for number in range(1, UNITS + 1):
        rows.append([unit(number), board(number), 1, 1, "A", "", "Handle with care"])
        rows.append([unit(number), board(number + 4), 2, 2, "A", "", None])
        rows.append([unit(number), component(number), 2.5, 3, "", "", "Cut to length"])
    for number in range(1, SYSTEMS + 1):
        rows.append([system(number), unit(number), 1, 1, "A", "", None])
        rows.append([system(number), unit(number + 4), 2, 2, "A", "", None])
    rows.append([CIRCULAR[0], CIRCULAR[1], 1, 1, "", "", None])
    rows.append([CIRCULAR[1], CIRCULAR[0], 1, 1, "", "", None])
    return rows


def operations() -> list[list[Any]]:
    """How boards and units are made."""
    rows: list[list[Any]] = [
        [
            "Parent",
            "Location",
            "Build Order",
            "Operation",
            "Place In Line",
            "Repetitions",
            "Setup",
            "Work Instructions",
        ]
    ]
    for number in range(1, BOARDS + 1):
        rows.append([board(number), "KITTING", 1, "Pull parts", 1, 1, True, "Pull by pick list"])
        rows.append(
            [board(number), "SMT", 2, "Place parts", 2, 40, False, "Program <b>B-" + str(number) + "</b>"]
        )
    for number in range(1, UNITS + 1):
        rows.append([unit(number), "ASSEMBLY", 1, "Mount boards", 1, 3, False, "Torque 0.6 Nm"])
        rows.append([unit(number), "TEST", 2, "Functional test", 2, 1, False, None])
    return rows


def details() -> list[dict[str, Any]]:
    """Parts as the API gives them, one at a time."""
    found = [{"prcpart": part, "description": f"Part {part}", "uom": "EA"} for part in sold()]
    rest = {"description": "Special order bracket", "uom": "EA", "default_cost": "12.50", "shelf_life": 90}
    return [*found, {"prcpart": UNLISTED, **rest}]
