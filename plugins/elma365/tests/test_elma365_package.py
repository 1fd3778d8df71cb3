"""Configuration exports: what the manifest names is read, secrets stay inside, bad archives are refused."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from crossdock.errors import ConfigError
from crossdock_elma365.package import Package

ENTITY = {"code": "orders", "fields": [{"code": "sum"}], "settings": {"apiKey": "key-123", "colour": "red"}}
ROW = {"code": "orders", "name": "Заказы", "namespace": "shop", "path": "entities/shop/orders.json"}


def zipped(content: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def service(rows: list[dict[str, Any]], entities: Mapping[str, Any]) -> bytes:
    manifest = {"Service": "main.appViews", "number": 1, "entities": rows}
    return zipped(
        {name: json.dumps(value).encode() for name, value in entities.items()}
        | {"manifest.json": json.dumps(manifest).encode()}
    )


def package(folder: Path, **changed: bytes) -> Path:
    about = {
        "type": "SOLUTION",
        "code": "shop",
        "title": "Магазин",
        "services": {"appViews": {"path": "appViews.zip"}},
        "solution": {"code": "shop", "token": "very-secret"},
    }
    content = {
        "package.json": json.dumps(about).encode(),
        "appViews.zip": service([ROW], {ROW["path"]: ENTITY, "entities/shop/stray.json": {}}),
    }
    path = folder / "shop.e365"
    path.write_bytes(zipped(content | {name.replace("__", "."): data for name, data in changed.items()}))
    return path


def test_the_entities_are_those_that_the_manifest_names(tmp_path: Path) -> None:
    with Package.open(package(tmp_path)) as opened:
        found = list(opened.entities("appViews"))

    assert [(row["code"], entity["fields"]) for row, entity in found] == [("orders", [{"code": "sum"}])]


def test_a_package_says_what_it_is(tmp_path: Path) -> None:
    with Package.open(package(tmp_path)) as opened:
        assert (opened.code, opened.title, opened.services()) == ("shop", "Магазин", ("appViews",))
        assert opened.manifest("processor").entities == ()


def test_no_secret_leaves_the_package(tmp_path: Path) -> None:
    with Package.open(package(tmp_path)) as opened:
        (_, entity), *_ = opened.entities("appViews")

        assert "very-secret" not in json.dumps(opened.about)
    assert entity["settings"] == {"colour": "red"}


def test_the_export_of_a_paid_solution_is_called_encrypted(tmp_path: Path) -> None:
    path = tmp_path / "paid.e365"
    path.write_bytes(zipped({"data": b"\x00\x01opaque"}))

    with pytest.raises(ConfigError, match="paid solution: its contents are encrypted"):
        Package.open(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not a zip at all", "is no ZIP archive"),
        (zipped({"readme.txt": b"hello"}), "it has no package.json"),
        (zipped({"package.json": b"{"}), "package.json is no JSON"),
        (zipped({"package.json": b"{}"}), "names no services"),
    ],
    ids=["garbage", "another archive", "broken JSON", "empty"],
)
def test_what_is_no_export_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bad.e365"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=said):
        Package.open(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no file .*none\.e365"):
        Package.open(tmp_path / "none.e365")


def test_a_manifest_that_names_a_missing_entity_is_refused(tmp_path: Path) -> None:
    path = package(tmp_path, appViews__zip=service([ROW], {}))

    with (
        Package.open(path) as opened,
        pytest.raises(ConfigError, match=r"names 'entities/shop/orders\.json'"),
    ):
        list(opened.entities("appViews"))


def test_a_service_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    with (
        Package.open(package(tmp_path, appViews__zip=b"garbage")) as opened,
        pytest.raises(ConfigError, match=r"appViews\.zip in it is no ZIP archive"),
    ):
        opened.manifest("appViews")


def test_more_bytes_than_allowed_are_refused_as_a_bomb(tmp_path: Path) -> None:
    path = package(tmp_path, appViews__zip=service([ROW], {ROW["path"]: {"pad": "x" * 50_000}}))

    with Package.open(path, largest=20_000) as opened, pytest.raises(ConfigError, match="refused as a bomb"):
        list(opened.entities("appViews"))


def test_bytes_that_do_not_match_their_checksum_are_refused(tmp_path: Path) -> None:
    content = zipped({"package.json": b'{"services": {}}'}, zipfile.ZIP_STORED)
    path = tmp_path / "bent.e365"
    path.write_bytes(content.replace(b"services", b"servicez", 1))

    with pytest.raises(ConfigError, match="cannot be unpacked"):
        Package.open(path)
