"""`flask users photo`."""

from __future__ import annotations

from typing import BinaryIO

import click
from flask.cli import with_appcontext

from webapp.core.commands import command_actor, json_option, print_record
from webapp.photos.images import UPLOAD_BYTES_MAX, UPLOAD_MB
from webapp.photos.schemas import PhotoOut
from webapp.photos.services import remove_photo, set_photo
from webapp.users.queries import get_user_by_identifier


@click.command("photo", help=f"Set the photo of a user to a JPEG, PNG or WebP FILE of at most {UPLOAD_MB} MB.")
@click.argument("user")
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--remove", is_flag=True, help="Remove the photo instead.")
@json_option
@with_appcontext
def photo(user: str, file: BinaryIO | None, remove: bool, as_json: bool) -> None:
    if remove == (file is not None):
        raise click.UsageError("Name a file, or use --remove.")
    user_id, by = get_user_by_identifier(user).id, command_actor()
    if file is None:
        remove_photo(user_id, by=by)
        print_record({"digest": None}, as_json=as_json)
    else:
        saved = set_photo(user_id, file.read(UPLOAD_BYTES_MAX + 1), by=by)
        print_record(PhotoOut.of(saved).model_dump(mode="json"), as_json=as_json)
