"""Runs the commands of backups as a shell does."""

from __future__ import annotations

from pathlib import Path

from webapp.web.api import App


def run(app: App, *arguments: str | Path) -> tuple[int, str]:
    """Return the exit code and all output."""
    result = app.test_cli_runner().invoke(app.cli, [str(each) for each in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result.exit_code, result.output
