"""Files: `ir.attachment`, whose content is kept once by its SHA-1 (measured), and files in fields."""

import base64
import hashlib
import mimetypes
from typing import Any
from uuid import uuid4

from crossdock_odoo.sandbox.catalog import Field
from crossdock_odoo.sandbox.columns import content
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.registry import RULES, Rules, Values
from crossdock_odoo.sandbox.values import named

MODEL = "ir.attachment"
_IGNORED = ("checksum", "file_size", "store_fname", "index_content")


def described(env: Env, data: bytes, name: str, mimetype: str) -> Values:
    """What a row says of its content; the content is kept. An empty file has no checksum (measured)."""
    kind = mimetype or mimetypes.guess_type(name)[0] or _guess(data)
    found: Values = {"mimetype": kind, "file_size": len(data)}
    if data:
        checksum = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        env.store.save_file(checksum, data)
        found |= {"checksum": checksum, "store_fname": f"{checksum[:2]}/{checksum}"}
    if kind.startswith("text/"):
        found["index_content"] = data.decode("utf-8", "replace").strip()
    elif kind != "application/octet-stream":
        found["index_content"] = kind.partition("/")[0]
    return found


def _guess(data: bytes) -> str:
    if data.lstrip()[:4] == b"<svg":
        return "image/svg+xml"
    for start, kind in ((b"%PDF", "application/pdf"), (b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg")):
        if data.startswith(start):
            return kind
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain"


def bytes_of(env: Env, key: int) -> bytes:
    """The content of a file."""
    checksum = env.row(MODEL, key).get("checksum")
    return env.store.file(checksum) if checksum else b""


def _creating(_env: Env, vals: Values) -> None:
    for name in _IGNORED:
        vals.pop(name, None)
    vals.setdefault("type", "binary")


def _settled(env: Env, _key: int, row: Values, vals: Values) -> None:
    given = vals.get("raw") if vals.get("raw") else vals.get("datas")
    if row.get("type") == "binary" and ("datas" in vals or "raw" in vals):
        plain = "raw" in vals and bool(vals.get("raw"))
        data = str(given).encode() if plain else content(str(given or ""))
        for name in _IGNORED:
            row.pop(name, None)
        row |= described(env, data, str(row.get("name", "")), str(vals.get("mimetype") or ""))
    elif row.get("type") == "url":
        row.setdefault("mimetype", "application/octet-stream")
    elif "mimetype" not in row:
        row["mimetype"] = mimetypes.guess_type(str(row.get("name", "")))[0] or "application/octet-stream"


def _datas(env: Env, key: int) -> str:
    if env.flag("bin_size"):
        return human(env.row(MODEL, key).get("file_size", 0))
    return base64.b64encode(bytes_of(env, key)).decode()


def human(size: float) -> str:
    """A size in words, as `bin_size` asks for it."""
    for unit in ("bytes", "Kb", "Mb", "Gb"):
        if size < 1024 or unit == "Gb":
            return f"{size:.2f} {unit}"
        size /= 1024
    return ""


def _res_name(env: Env, key: int) -> str | None:
    row = env.row(MODEL, key)
    model, target = row.get("res_model"), row.get("res_id")
    if not model or not target or not env.has(model) or not env.exists(model, target):
        return None
    return named(env, model, target)


def _searching(_env: Env, domain: list[Any]) -> list[Any]:
    """Files in fields are found only when the search speaks of the field, or of ids (measured)."""
    names = {leaf[0] for leaf in domain if isinstance(leaf, list | tuple)}
    if names & {"res_field", "id"}:
        return domain
    from crossdock_odoo.sandbox.domains import normalized

    return ["&", *normalized(domain), ["res_field", "=", False]] if domain else [["res_field", "=", False]]


def generate_access_token(env: Env, ids: list[int]) -> list[str]:
    """Give each file a token by which it can be fetched without a session."""
    found = []
    for key in ids:
        row = env.row(MODEL, key)
        token = row.get("access_token") or str(uuid4())
        env.store.put(MODEL, key, {**row, "access_token": token})
        found.append(token)
    return found


def keep(env: Env, item: Field, key: int, given: Any) -> None:
    """Keep a file that is the value of a field; nothing takes the file away."""
    present = field_file(env, item, key)
    data = content(given) if isinstance(given, str) and given else b""
    if not data:
        if present:
            env.store.remove(MODEL, present)
        return
    row: Values = {"name": item.name, "res_model": item.model, "res_field": item.name, "res_id": key}
    row |= {"type": "binary", "company_id": 1, "create_uid": env.uid, "write_uid": env.uid}
    row |= {"create_date": env.now, "write_date": env.now} | described(env, data, "", "")
    env.store.put(MODEL, present or env.store.next_id(MODEL), row)


def field_file(env: Env, item: Field, key: int) -> int:
    """The row of the file in a field; 0 if there is none."""
    for at in env.store.referring(MODEL, "res_id", key):
        row = env.row(MODEL, at)
        if row.get("res_model") == item.model and row.get("res_field") == item.name:
            return at
    return 0


RULES[MODEL] = Rules(
    creating=[_creating],
    settled=[_settled],
    resettled=[_settled],
    computed={"datas": _datas, "raw": _datas, "res_name": _res_name},
    inverse={"datas": lambda _env, _key, _value: None, "raw": lambda _env, _key, _value: None},
    searching=_searching,
    methods={"generate_access_token": generate_access_token},
)
