"""Fixtures of the core's tests: a small company on real SQLite files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from core.tests.company import Company


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    company = Company(tmp_path)
    yield company
    company.close()
