"""docs/schemas/files/layout.json says what a layout file may hold, as the reader does."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from crossdock.errors import ConfigError
from crossdock.layout import Layout, load_layout

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "docs" / "schemas" / "files" / "layout.json"


def test_the_published_schema_is_that_of_the_reader():
    published = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(published)
    assert published == {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "layout.json"} | (
        Layout.model_json_schema()
    )


def test_every_example_layout_loads():
    found = sorted((ROOT / "examples").glob("*/layout*.yaml"))
    assert found
    for path in found:
        assert load_layout(path).objects
        assert YAML(typ="safe").load(path.read_text(encoding="utf-8"))["objects"]


@pytest.mark.parametrize("name", ["nope", "hex", "undefined"])
def test_an_encoding_that_is_none_of_text_is_refused_with_the_layout(tmp_path, name):
    path = tmp_path / "layout.yaml"
    path.write_text(
        f"encodings: [{name}]\nobjects: {{a: {{files: '*.csv', key: row, columns: {{id: ID}}}}}}\n"
    )
    with pytest.raises(ConfigError, match=rf"layout\.yaml: .*'{name}' is no encoding"):
        load_layout(path)
