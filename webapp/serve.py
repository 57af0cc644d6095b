"""python -m webapp.serve: checks the configuration, migrates the database, starts gunicorn and a worker."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

from gunicorn.app.wsgiapp import WSGIApplication
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from webapp import create_app
from webapp.core.errors import Gone, Refused
from webapp.core.permissions import Actor, ActorKind
from webapp.db.revisions import database_revision, has_migration, latest_revision, migrate
from webapp.db.session import db
from webapp.jobs.notifier import Notifier
from webapp.settings import RESOURCES, Settings, load_settings
from webapp.settings_checks import SettingsError
from webapp.setup.services import create_first_owner, setup_link
from webapp.supervisor import Supervisor
from webapp.web.api import App
from webapp.web.commands import database_reason
from webapp.worker import run_worker

ENVIRONMENT = Actor(ActorKind.SYSTEM, "ROLLCALL_ADMIN_EMAIL")


class CannotStart(Exception):
    """The message is one sentence for the person who starts Rollcall."""


def main() -> None:
    try:
        app = prepare(load_settings())
    except (CannotStart, SettingsError) as error:
        stop(str(error))
    sys.exit(Supervisor({"web": serve_pages, "worker": lambda: run_worker(app)}, essential="web").run())


def serve_pages() -> None:
    # `wsgi.py` is beside the package, or in a wheel in it.
    places = ["-c", str(RESOURCES / "gunicorn.conf.py"), "--pythonpath", str(RESOURCES)]
    sys.argv = ["gunicorn", *places, "wsgi:app"]
    WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]").run()


def stop(sentence: str) -> NoReturn:
    print(f"Rollcall cannot start: {sentence}", file=sys.stderr)
    sys.exit(1)


def prepare(settings: Settings) -> App:
    """Migrate the database and return the app. Raise CannotStart if the port, folder or database cannot be used."""
    _check_port(settings.bind)
    if settings.embedded:
        _check_folder(Path(make_url(settings.database_url).database or ""))
    app = create_app(settings)
    with app.app_context():
        _migrate()
        # Child processes must not share connections.
        db.engine.dispose()
    # Pages work without the broker. The worker reports its errors.
    with contextlib.suppress(SQLAlchemyError):
        app.registry.get(Notifier).broker.create_queue()
    return app


def announce(app: App, settings: Settings) -> None:
    """Create the owner that the environment names. Print the address, or the set-up link if there is no owner."""
    link = None
    with app.app_context(), contextlib.suppress(SQLAlchemyError):
        try:
            _create_owner_from_environment(settings)
        except CannotStart as error:
            stop(str(error))
        link = setup_link()
    if link:
        print(f"Rollcall is ready. Open this link to create the first owner. It works once.\n\n  {link}\n", flush=True)
    else:
        print(f"Rollcall is ready at {settings.base_url}", flush=True)


def _check_port(bind: str) -> None:
    if bind.startswith("unix:"):
        return
    host, _colon, port = bind.rpartition(":")
    if not host:
        raise CannotStart(f"it cannot listen on {bind}: BIND is an address and a port, like 127.0.0.1:8000.")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), int(port)))
    except (OSError, ValueError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else "that is no port number"
        raise CannotStart(f"it cannot listen on {bind}: {reason}. Set BIND to another address.") from None


def _check_folder(file: Path) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"the folder {file.parent} cannot be made: {error.strerror}.") from None
    for path in (file.parent, file):
        if path.exists() and not os.access(path, os.W_OK):
            raise CannotStart(f"{path} cannot be written to.")


def _migrate() -> None:
    try:
        revision = database_revision()
        if revision is not None and not has_migration(revision):
            raise CannotStart(
                f"the database was made by a newer Rollcall (migration {revision}). Install that version or restore"
                " a backup."
            )
        if revision != latest_revision():
            migrate()
    except SQLAlchemyError as error:
        raise CannotStart(f"the database of DATABASE_URL cannot be used: {database_reason(error)}") from None


def _create_owner_from_environment(settings: Settings) -> None:
    email, password = settings.rollcall_admin_email, settings.rollcall_admin_password.get_secret_value()
    if not email and not password:
        return
    if not (email and password):
        raise CannotStart("ROLLCALL_ADMIN_EMAIL and ROLLCALL_ADMIN_PASSWORD are set together, or not at all.")
    try:
        create_first_owner(email=email, name=email.partition("@")[0], password=password, by=ENVIRONMENT)
    except Gone:
        return
    except Refused as error:
        reasons = "; ".join(str(problem.message) for problem in error.problems) or str(error)
        raise CannotStart(f"ROLLCALL_ADMIN_EMAIL or ROLLCALL_ADMIN_PASSWORD is refused: {reasons}") from None


if __name__ == "__main__":
    main()
