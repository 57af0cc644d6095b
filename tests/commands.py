"""Runs commands of `flask` in this process."""

from __future__ import annotations

import json
from typing import Any

from webapp.web.api import App


def run(app: App, *arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
    """Return the exit code, and what went to standard output and standard error."""
    result = app.test_cli_runner().invoke(args=list(arguments), input=stdin)
    return result.exit_code, result.stdout, result.stderr


def read(app: App, *arguments: str) -> Any:
    """Return what a command prints with `--json`. It must succeed."""
    code, out, err = run(app, *arguments, "--json")
    assert code == 0, err
    return json.loads(out)
