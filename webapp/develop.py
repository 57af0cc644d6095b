"""python -m webapp.develop: serves Rollcall to people who change its code.

Flask's own server restarts when a Python file or a translation changes, with a new worker. Templates and static files
need no restart.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from werkzeug.serving import is_running_from_reloader

from webapp import create_app
from webapp.core.texts import TRANSLATIONS
from webapp.serve import CannotStart, announce, prepare, stop
from webapp.settings import load_settings
from webapp.settings_checks import SettingsError
from webapp.supervisor import end_with_parent
from webapp.web.api import App


def main() -> None:
    try:
        settings = load_settings()
        announce(prepare(settings), settings)
    except (CannotStart, SettingsError) as error:
        stop(str(error))
    host, _colon, port = settings.bind.rpartition(":")
    sources = os.pathsep.join(str(source) for source in _translation_sources())
    # A new program: the reloader starts the command line of its process again, and that must not import Rollcall first.
    # Otherwise a syntax error would end the server instead of waiting for the correction.
    command = [sys.executable, "-m", "flask", "--app", "webapp.develop:create_development_app", "run"]
    options = ["--debug", "--no-debugger", "--host", host.strip("[]"), "--port", port, "--extra-files", sources]
    os.execv(sys.executable, [*command, *options])  # noqa: S606  no shell is meant


def create_development_app() -> App:
    """Return the app with the newest translations. The process that serves pages also starts a worker."""
    compile_translations()
    app = create_app()
    if is_running_from_reloader():
        _start_worker()
    return app


def compile_translations(folder: Path = TRANSLATIONS) -> None:
    """Write the `.mo` file of each `.po` file in `folder`, as `make texts` does."""
    for source in _translation_sources(folder):
        compiled = BytesIO()
        with source.open("rb") as file:
            write_mo(compiled, read_po(file))
        source.with_suffix(".mo").write_bytes(compiled.getvalue())


def _translation_sources(folder: Path = TRANSLATIONS) -> list[Path]:
    return sorted(folder.glob("*/LC_MESSAGES/*.po"))


def _start_worker() -> None:
    parent = os.getpid()
    worker = subprocess.Popen(
        [sys.executable, "-m", "webapp.worker"],
        preexec_fn=lambda: end_with_parent(parent),  # noqa: PLW1509  no other thread runs yet
    )
    atexit.register(worker.terminate)


if __name__ == "__main__":
    main()
