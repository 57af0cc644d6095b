"""Commands start fast, because an app does not import libraries that only servers, workers and new passwords need."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.processes import ROOT

pytestmark = pytest.mark.one_engine

LAZY = (
    "celery",
    "kombu",
    "redis",
    "gunicorn",
    "zxcvbn",
    "yaml",
    "httpx",
    "httpcore",
    "multiprocessing",
    "PIL",
    "xlsxwriter",
    "opentelemetry",
    "webapp.demo.services",
)

PROGRAM = f"""
import sys
from webapp import create_app
create_app()
print([name for name in {LAZY} if name in sys.modules])
"""


def test_an_app_does_not_import_lazy_libraries() -> None:
    environment = os.environ | {"APP_ENV": "testing", "DATABASE_URL": "sqlite:////nowhere/rollcall.db"}
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
