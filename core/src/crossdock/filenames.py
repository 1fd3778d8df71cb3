"""Names of files made of what a platform calls something: no path, and every file system takes them."""

import re
import unicodedata
from typing import Final

_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')  # what one of the usual file systems refuses
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of signs that cannot be seen; some turn the order of those that can (`gpj.exe` as `exe.jpg`)."""

_LENGTH: Final = 80
_BYTES: Final = 200  # a file system takes 255, and some are left for a number and an ending
_LONGEST_ENDING: Final = 8


def file_name(text: str) -> str:
    """`text` as the name of one file: at most 80 signs, no path, nothing hidden, no device of Windows.

    What differs may become the same: number the second one.
    """
    seen = "".join("_" if unicodedata.category(sign) in _HIDDEN else sign for sign in text)
    name = _UNSAFE.sub("_", seen).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= _LONGEST_ENDING:
        tail = f".{ending}"
        name = _cut(stem, _LENGTH - len(tail), _BYTES - len(tail.encode())).strip(" .") + tail
    name = _cut(name, _LENGTH, _BYTES).strip(" .") or "unnamed"
    first = name.partition(".")[0].strip()
    return f"_{name}" if _RESERVED.fullmatch(first) else name


def _cut(text: str, length: int, size: int) -> str:
    return text[:length].encode()[:size].decode(errors="ignore")
