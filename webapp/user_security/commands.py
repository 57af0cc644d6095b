"""The commands `flask users …` about how a user signs in."""

from __future__ import annotations

from uuid import UUID

import click
from flask.cli import with_appcontext

from webapp.core.commands import command_actor, echo, json_option, print_json
from webapp.factors.queries import factor_summary
from webapp.signin.queries import sessions_of
from webapp.user_security.schemas import FactorsOut, SessionOut
from webapp.user_security.services import (
    end_sessions_of,
    issue_one_time_pass,
    mark_compromised,
    remove_factor_of,
    remove_factors_of,
    start_reset,
)
from webapp.users.queries import get_user_by_identifier


@click.command("recover")
@click.option("--email", required=True, help="The e-mail address, username or ID of the user.")
@json_option
@with_appcontext
def recover(email: str, as_json: bool) -> None:
    """Print a link that lets a user in who lost everything, for example the last owner.

    It works once, for 15 minutes. The user chooses a new password. Their second factors stop working, and a lock ends.
    """
    issued = issue_one_time_pass(get_user_by_identifier(email).id, by=command_actor())
    if as_json:
        print_json({"url": issued.address, "expires_at": issued.expires_at.isoformat(), "email": issued.user.email})
        return
    # Only the link stands on standard output, so that it can be piped and copied.
    echo(issued.address)
    click.echo(f"For {issued.user.email}. Works once, until {issued.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)


@click.command("reset-password")
@click.argument("user")
@with_appcontext
def reset_password(user: str) -> None:
    """Mail a user a link for a new password. Their present password stays until then."""
    start_reset(get_user_by_identifier(user).id, by=command_actor())


@click.command("sessions")
@click.argument("user")
@json_option
@with_appcontext
def sessions(user: str, as_json: bool) -> None:
    """List the sessions of a user."""
    rows = [SessionOut.of(row) for row in sessions_of(get_user_by_identifier(user).id)]
    if as_json:
        print_json([row.model_dump(mode="json") for row in rows])
        return
    for row in rows:
        echo(f"{row.id}  {row.last_used_at:%Y-%m-%d %H:%M}  {row.address}  {row.device}")


@click.command("end-sessions")
@click.argument("user")
@click.option("--session", "session_id", type=click.UUID, help="End only the session with this ID.")
@with_appcontext
def end_sessions(user: str, session_id: UUID | None) -> None:
    """Sign a user out everywhere, or in one browser."""
    end_sessions_of(get_user_by_identifier(user).id, session_id=session_id, by=command_actor())


@click.command("factors")
@click.argument("user")
@json_option
@with_appcontext
def factors(user: str, as_json: bool) -> None:
    """List the second factors of a user."""
    found = FactorsOut.of(factor_summary(get_user_by_identifier(user).id))
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    if found.totp:
        echo("totp")
    for passkey in found.passkeys:
        echo(f"{passkey.id}  {passkey.name}")
    echo(f"recovery codes: {found.recovery_codes_left}")


@click.command("remove-factors")
@click.argument("user")
@click.option("--factor", help="Remove only this factor: totp, or the ID of a passkey.")
@with_appcontext
def remove_factors(user: str, factor: str | None) -> None:
    """Remove the second factors of a user. They get an e-mail."""
    user_id, by = get_user_by_identifier(user).id, command_actor()
    if factor is None:
        remove_factors_of(user_id, by=by)
    else:
        remove_factor_of(user_id, factor, by=by)


@click.command("mark-compromised")
@click.argument("user")
@with_appcontext
def compromised(user: str) -> None:
    """End all that an intruder could use: sessions, API tokens, second factors, password and open links.

    The user gets a link for a new password by e-mail.
    """
    mark_compromised(get_user_by_identifier(user).id, by=command_actor())
