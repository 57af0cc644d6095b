"""The commands `flask tokens …`."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup

from webapp.api_tokens.models import DAYS_DEFAULT, OVERLAP_HOURS_DEFAULT, ApiToken
from webapp.api_tokens.queries import get_token_by_reference, list_tokens, token_order
from webapp.api_tokens.schemas import CreatedTokenOut, TokenListQuery, TokenOut
from webapp.api_tokens.services import CreatedToken, create_token, revoke_token, rotate_token
from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.lists.page import LIMIT_MAX, Window, paginate
from webapp.users.queries import get_user_by_identifier

tokens_commands = AppGroup("tokens", help="Create, list, show, revoke and rotate tokens for the API.")
days_option = click.option("--days", type=int, help="Number of days until the new token expires.")


@tokens_commands.command("create")
@click.option("--email", required=True, help="User of the token. It has the permissions of this user.")
@click.option("--name", required=True, help="Name of the token, for example its purpose.")
@click.option("--days", default=DAYS_DEFAULT, show_default=True, help="Number of days until it expires.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="PERMISSION",
    help="A permission of the token, for example users.read. You can repeat this option. Default: all of the user.",
)
@click.option(
    "--address",
    "addresses",
    multiple=True,
    metavar="CIDR",
    help="A network from which the token works. You can repeat this option. Default: it works from everywhere.",
)
@json_option
def create(
    email: str, name: str, days: int, scopes: tuple[str, ...], addresses: tuple[str, ...], as_json: bool
) -> None:
    """Create a token and print it. It cannot be shown again."""
    user = get_user_by_identifier(email)
    created = create_token(user, name=name, days=days, scopes=scopes or None, addresses=addresses, by=command_actor())
    _print_secret(created, as_json=as_json)


@tokens_commands.command("list")
@click.option("--owner", default="", help="Only tokens of this user: an e-mail address, username or ID.")
@click.option("--prefix", default="", help="Only tokens that begin with this text. You can enter a whole token.")
@click.option(
    "--state", type=click.Choice(["active", "expired", "revoked", "all"]), default="active", show_default=True
)
@json_option
def list_all(owner: str, prefix: str, state: Any, as_json: bool) -> None:
    """List tokens, the newest first."""
    query = TokenListQuery.model_construct(prefix=prefix, state=state)
    user_id = get_user_by_identifier(owner).id if owner else None
    tokens = _tokens(query, user_id)
    if as_json:
        print_json([TokenOut.of(token).model_dump(mode="json") for token in tokens])
        return
    for token in tokens:
        echo("\t".join([str(token.id), token.prefix or "rc_", token.state, token.user.email, token.name]))


def _tokens(query: TokenListQuery, user_id: Any) -> list[ApiToken]:
    tokens: list[ApiToken] = []
    window: Window | None = Window(LIMIT_MAX)
    while window:
        rows = list_tokens(user_id=user_id, state=query.token_state, prefix=query.prefix)
        page = paginate(rows, token_order("-created"), window)
        tokens += page.items
        window = Window(LIMIT_MAX, after=page.next) if page.next else None
    return tokens


@tokens_commands.command("show")
@click.argument("token")
@json_option
def show(token: str, as_json: bool) -> None:
    """Show the token with this ID, or that begins with this text, without its secret."""
    print_record(_lines(get_token_by_reference(token), as_json=as_json), as_json=as_json)


@tokens_commands.command("revoke")
@click.argument("token")
@json_option
def revoke(token: str, as_json: bool) -> None:
    """End the token with this ID, or that begins with this text. A whole token works too."""
    row = revoke_token(get_token_by_reference(token).id, by=command_actor())
    print_record(_lines(row, as_json=as_json), as_json=as_json)


@tokens_commands.command("rotate")
@click.argument("token")
@click.option(
    "--overlap-hours",
    default=OVERLAP_HOURS_DEFAULT,
    show_default=True,
    help="Number of hours for which the old token still works.",
)
@days_option
@json_option
def rotate(token: str, overlap_hours: int, days: int | None, as_json: bool) -> None:
    """Replace a token and print the new one. It cannot be shown again."""
    row = get_token_by_reference(token)
    created = rotate_token(row.id, overlap_hours=overlap_hours, days=days, by=command_actor())
    _print_secret(created, as_json=as_json)


def _print_secret(created: CreatedToken, *, as_json: bool) -> None:
    if as_json:
        print_json(CreatedTokenOut.with_secret(created.row, created.secret).model_dump(mode="json"))
    else:
        echo(created.secret)


def _lines(token: ApiToken, *, as_json: bool) -> dict[str, Any]:
    values = TokenOut.of(token).model_dump(mode="json")
    return values if as_json else values | {"owner": token.user.email}
