"""The commands `flask settings …`."""

from __future__ import annotations

from typing import Any, BinaryIO

import click
from flask.cli import AppGroup

from webapp.core.commands import command_actor, json_option, print_record
from webapp.core.errors import NotFound
from webapp.core.texts import _
from webapp.mail.queries import get_organisation
from webapp.mail_settings.logos import LOGO_BYTES_MAX
from webapp.mail_settings.schemas import SettingsOut
from webapp.mail_settings.services import update_mail_settings

settings_commands = AppGroup("settings", help="Show and change the organisation and its e-mails.")


@settings_commands.command("show")
@json_option
def show(as_json: bool) -> None:
    """Show the organisation, and what it adds to its e-mails."""
    _print(as_json=as_json)


@settings_commands.command("update")
@click.option("--name", help="The name of the organisation.")
@click.option("--support-contact", help="Where people get help: an address, a number or a sentence.")
@click.option("--signature-en", help="The last lines of each e-mail in English.")
@click.option("--signature-ru", help="The same in Russian.")
@click.option("--invitation-intro-en", help="The first paragraph of invitations in English.")
@click.option("--invitation-intro-ru", help="The same in Russian.")
@json_option
def update(as_json: bool, **options: str | None) -> None:
    """Change the options that you name. An empty text empties one."""
    texts: Any = {name: text for name, text in options.items() if text is not None}
    if not texts:
        raise click.UsageError("Name what to change.")
    update_mail_settings(**texts, by=command_actor())
    _print(as_json=as_json)


@settings_commands.command("logo")
@click.argument("file", type=click.File("wb"), default="-")
def logo(file: BinaryIO) -> None:
    """Write the logo of e-mails to FILE, by default to standard output."""
    image = get_organisation().logo
    if not image:
        raise NotFound(_("There is no logo"))
    file.write(image)
    file.flush()


@settings_commands.command(
    "set-logo", help=f"Set the logo to a PNG or JPEG FILE of at most {LOGO_BYTES_MAX // 1024} KB."
)
@click.argument("file", type=click.File("rb"))
@json_option
def set_logo(file: BinaryIO, as_json: bool) -> None:
    # An empty image would remove the logo.
    update_mail_settings(logo=file.read(LOGO_BYTES_MAX + 1) or b" ", by=command_actor())
    _print(as_json=as_json)


@settings_commands.command("remove-logo")
@json_option
def remove_logo(as_json: bool) -> None:
    """Remove the logo of e-mails."""
    update_mail_settings(logo=b"", by=command_actor())
    _print(as_json=as_json)


def _print(*, as_json: bool) -> None:
    print_record(SettingsOut.of(get_organisation()).model_dump(mode="json"), as_json=as_json)
