"""Imports through the pages and the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.factories import People
from webapp.web.api import App


class Importer:
    """Import texts of CSV files with the command."""

    def __init__(self, app: App, folder: Path) -> None:
        self.app, self.file = app, folder / "people.csv"

    def __call__(self, text: str, *options: str) -> dict[str, Any]:
        """Return the JSON of the command."""
        self.file.write_text(text)
        result = self.app.test_cli_runner().invoke(args=["users", "import", str(self.file), "--json", *options])
        return json.loads(result.stdout)


@pytest.fixture
def importer(app: App, people: People, tmp_path: Path) -> Importer:
    return Importer(app, tmp_path)
