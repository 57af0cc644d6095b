"""The command `rollcall` of an installed Rollcall: all commands of `flask --app wsgi`, and `run` and `worker`."""

from __future__ import annotations

import sys

import click
from flask.cli import FlaskGroup

from webapp import create_command_app
from webapp.settings_checks import SettingsError
from webapp.version import VERSION
from webapp.web.api import App


def _create_app() -> App:
    try:
        return create_command_app()
    except SettingsError as error:
        sys.exit(f"Rollcall cannot start: {error}")


@click.group(
    cls=FlaskGroup,
    create_app=_create_app,
    add_default_commands=False,
    add_version_option=False,
    set_debug_flag=False,
    # Rollcall reads `.env` itself, and not in production.
    load_dotenv=False,
)
@click.version_option(VERSION, prog_name="Rollcall")
def main() -> None:
    """Rollcall: the people who may use an organisation's systems. `rollcall run` starts it in this folder."""


def _run() -> None:
    """Migrate the database, then start web and worker. Data is in the folder `instance` beside you."""
    from webapp.serve import main as serve  # noqa: PLC0415  gunicorn and Celery, which other commands do not need

    serve()


def _work() -> None:
    """Run jobs and schedules, on any machine that reaches the database and the broker."""
    from webapp.worker import run_worker  # noqa: PLC0415  Celery

    app = _create_app()
    app.load_or_exit()
    run_worker(app)


main.add_command(click.command("run")(_run))
main.add_command(click.command("worker")(_work))
