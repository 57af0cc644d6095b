"""`flask duplicates list`, `flask duplicates dismiss` and `flask users merge`."""

from __future__ import annotations

from uuid import UUID

import click
from flask.cli import AppGroup, with_appcontext

from webapp.core.commands import command_actor, echo, json_option, print_json
from webapp.db.session import db
from webapp.duplicates.merging import MergeChoices, merge_users, record_of_merge
from webapp.duplicates.queries import open_pairs, strongest, users_of
from webapp.duplicates.services import dismiss_pair
from webapp.users.queries import get_user_by_identifier

duplicates_commands = AppGroup("duplicates", help="List and dismiss users who may be the same person.")


@duplicates_commands.command("list")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Print at most this many."
)
@json_option
def list_pairs(limit: int, as_json: bool) -> None:
    """List likely pairs, the strongest first. The job duplicates.find looks for them every day."""
    pairs = list(db.session.scalars(strongest(open_pairs()).limit(limit)))
    users = users_of(pairs)
    rows = [
        {
            "id": pair.id,
            "strength": pair.strength,
            "users": [{"id": each, "name": users[each].name, "email": users[each].email} for each in pair.user_ids],
        }
        for pair in pairs
    ]
    if as_json:
        print_json(rows)
        return
    for pair in pairs:
        one, other = (f"{users[each].name} <{users[each].email}>" for each in pair.user_ids)
        echo(f"{pair.id}  {pair.strength:>3}  {one}  {other}")


@duplicates_commands.command("dismiss")
@click.argument("pair", type=click.UUID)
@json_option
def dismiss(pair: UUID, as_json: bool) -> None:
    """Mark a pair as different people, by its ID."""
    dismiss_pair(pair, by=command_actor())
    if as_json:
        print_json({"id": pair, "dismissed": True})
    else:
        echo(f"{pair} was dismissed.")


@click.command("merge")
@click.argument("kept")
@click.argument("merged")
@click.option("--take", multiple=True, help="A field whose value comes from MERGED: email, photo, attributes.phone, …")
@click.option("--no-roles", is_flag=True, help="Do not give KEPT the roles of MERGED.")
@click.option("--no-groups", is_flag=True, help="Do not add KEPT to the groups of MERGED.")
@json_option
@with_appcontext
def merge(kept: str, merged: str, take: tuple[str, ...], no_roles: bool, no_groups: bool, as_json: bool) -> None:
    """Merge the account MERGED into KEPT. MERGED moves to the bin. `audit undo` with the printed ID takes it back."""
    none = frozenset[UUID]()
    choices = MergeChoices(
        frozenset(take), grant_ids=none if no_roles else None, membership_ids=none if no_groups else None
    )
    ids = [get_user_by_identifier(name).id for name in (kept, merged)]
    done = merge_users(*ids, choices=choices, by=command_actor())
    record_id = record_of_merge(done).id
    if as_json:
        print_json({"id": done.id, "kept_id": done.kept_id, "merged_id": done.merged_id, "record_id": record_id})
    else:
        echo(f"{merged} was merged into {kept}. Undo: {record_id}")
