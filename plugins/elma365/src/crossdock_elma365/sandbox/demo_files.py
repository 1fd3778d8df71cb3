"""Files of the demo company, made of nothing: texts, tables, documents and pictures."""

import random
import struct
import zlib
from collections.abc import Callable, Sequence

from crossdock_elma365.sandbox.company import key

LARGE = 3 * 1024 * 1024
"""Size of the one large file, in bytes."""


def files() -> Sequence[tuple[str, str, bytes]]:
    """Give 25 files as (id, name, bytes); the last one is a picture."""
    kinds: Sequence[tuple[str, Callable[[int], bytes]]] = (
        ("Договор №{}.pdf", pdf),
        ("Заметки {} (встреча).txt", _text),
        ("Прайс-лист {}.csv", _table),
        ("photo_{}.png", picture),
    )
    made = []
    for number in range(1, 26):
        pattern, content = kinds[(number + 2) % 4]
        name = "Скан архива.pdf" if number == 24 else pattern.format(number)
        made.append((key("file", number), name, pdf(24, LARGE) if number == 24 else content(number)))
    return made


def _text(number: int) -> bytes:
    """A text: UTF-8, or the older Windows encoding."""
    text = f"Заметки {number}\nПозвонить «Ромашке», обсудить скидку — 5 %.\n"
    return text.encode("cp1251" if number % 8 == 0 else "utf-8")


def _table(number: int) -> bytes:
    """A table as Russian Excel writes it: semicolons, decimal comma, byte order mark."""
    rows = "".join(f"Товар {n};{number * n},50;шт.\r\n" for n in range(1, 20))
    return ("\ufeffНаименование;Цена;Единица\r\n" + rows).encode()


def pdf(number: int, size: int = 0) -> bytes:
    """A document of one page; `size` pads it with noise to that many bytes."""
    text = f"BT /F1 24 Tf 72 720 Td (Dogovor {number}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, offsets = bytearray(b"%PDF-1.4\n"), []
    if size:
        noise = random.Random(number).randbytes(size - 1000)  # noqa: S311 not for secrets
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(noise), noise))
    for index, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (index, content)
    start, count = len(body), len(objects) + 1
    body += b"xref\n0 %d\n0000000000 65535 f \n" % count
    body += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    body += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
    return bytes(body) + b"\n" * max(0, size - len(body))


def picture(number: int) -> bytes:
    """A picture of 32 by 32 dots in one colour."""
    colour = bytes((number * 37 % 256, number * 91 % 256, number * 53 % 256))
    lines = (b"\0" + colour * 32) * 32

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts
