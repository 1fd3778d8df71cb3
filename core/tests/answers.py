"""The JSON Schemas of what the commands answer, from docs/schemas."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


@cache
def schemas() -> dict[str, Any]:
    """Every schema by its name."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.json")}


@cache
def _validator(name: str) -> Draft202012Validator:
    resources = [(f"{stem}.json", Resource.from_contents(schema)) for stem, schema in schemas().items()]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator(
        schemas()[name], registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def faults(name: str, answer: Any) -> list[str]:
    """Where an answer is not as its schema says."""
    return [f"{error.json_path}: {error.message}" for error in _validator(name).iter_errors(answer)]
