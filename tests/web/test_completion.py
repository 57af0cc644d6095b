"""flask completion: shells complete commands and options. Output ends quietly, and any locale will do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import copy_migrated_sqlite
from webapp.settings import ROOT
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_printed(app: App, shell: str) -> None:
    result = app.test_cli_runner().invoke(args=["completion", shell])
    assert (result.exit_code, f"_FLASK_COMPLETE={shell}_complete" in result.stdout) == (0, True)


def test_another_shell_is_refused(app: App) -> None:
    assert app.test_cli_runner().invoke(args=["completion", "tcsh"]).exit_code == 2


def flask(arguments: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    env = os.environ | {"APP_ENV": "testing"} | environ
    program = Path(sys.executable).with_name("flask")
    return subprocess.run(
        ["bash", "-c", f"{program} --app wsgi {arguments}"], cwd=ROOT, env=env, capture_output=True, check=False
    )


@pytest.mark.parametrize(("words", "expected"), [("us", b"plain,users"), ("bulk create --act", b"--action")])
def test_words_are_completed(words: str, expected: bytes) -> None:
    line = f"flask --app wsgi {words}"
    environ = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1), "_FLASK_COMPLETE": "bash_complete"}
    assert expected in flask("", **environ).stdout


def test_the_c_locale_prints_every_letter_and_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    copy_migrated_sqlite(tmp_path / "test.db")
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/test.db", "LC_ALL": "C"}
    created = flask("settings update --name 'ООО «Ромашка»'", **environ)
    assert (created.returncode, "ООО «Ромашка»" in created.stdout.decode()) == (0, True), created.stderr
    assert flask("roles list --json | head -c 1", **environ).stderr == b""
