"""The commands `flask webhooks …`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import click
from flask.cli import AppGroup

from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.lists.page import LIMIT_MAX, Window, paginate
from webapp.webhooks.deliveries import send_again, send_test_event
from webapp.webhooks.events import EVENTS
from webapp.webhooks.models import OVERLAP_HOURS_DEFAULT, Delivery
from webapp.webhooks.payloads import get_body
from webapp.webhooks.queries import NEWEST_FIRST, get_delivery, get_endpoint, list_deliveries, list_endpoints
from webapp.webhooks.schemas import DeliveryListQuery, DeliveryOut, DeliveryWithBodyOut, WebhookOut, WebhookSecretOut
from webapp.webhooks.services import (
    CreatedSecret,
    create_endpoint,
    delete_endpoint,
    pause_endpoint,
    restore_endpoint,
    resume_endpoint,
    rotate_secret,
    update_endpoint,
)

Command = TypeVar("Command", bound=Callable[..., Any])

webhooks_commands = AppGroup("webhooks", help="Create and manage webhooks, and see what they sent.")
webhook_argument = click.argument("webhook", type=click.UUID)
delivery_argument = click.argument("delivery", type=click.UUID)


def event_option(text: str, *, required: bool) -> Callable[[Command], Command]:
    return click.option(
        "--event",
        "events",
        multiple=True,
        required=required,
        metavar="EVENT",
        help=f"{text} You can repeat this option. `flask webhooks events` lists them.",
    )


@webhooks_commands.command("events")
@json_option
def events(as_json: bool) -> None:
    """List the events that a webhook can get."""
    if as_json:
        print_json(list(EVENTS))
    else:
        echo("\n".join(EVENTS))


@webhooks_commands.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List webhooks, the oldest first."""
    rows = [WebhookOut.of(endpoint) for endpoint in list_endpoints()]
    if as_json:
        print_json([row.model_dump(mode="json") for row in rows])
        return
    for row in rows:
        echo("\t".join([str(row.id), row.state, row.url, row.description]))


@webhooks_commands.command("create")
@click.option("--url", required=True, help="Address to which events are posted.")
@event_option("An event that it gets.", required=True)
@click.option("--description", default="", help="What it is for.")
@json_option
def create(url: str, events: tuple[str, ...], description: str, as_json: bool) -> None:
    """Create a webhook and print its secret. It cannot be shown again."""
    _print_secret(create_endpoint(url=url, events=events, description=description, by=command_actor()), as_json)


@webhooks_commands.command("show")
@webhook_argument
@json_option
def show(webhook: UUID, as_json: bool) -> None:
    """Show a webhook."""
    _print(get_endpoint(webhook), as_json)


@webhooks_commands.command("edit")
@webhook_argument
@click.option("--url", help="New address.")
@event_option("An event that it gets from now on, instead of the present ones.", required=False)
@click.option("--description", help="New description.")
@json_option
def edit(webhook: UUID, url: str | None, events: tuple[str, ...], description: str | None, as_json: bool) -> None:
    """Change a webhook."""
    values: dict[str, Any] = {"url": url, "events": events or None, "description": description}
    _print(update_endpoint(webhook, **values, by=command_actor()), as_json)


@webhooks_commands.command("delete")
@webhook_argument
def delete(webhook: UUID) -> None:
    """Delete a webhook. It can be restored for 30 days."""
    delete_endpoint(webhook, by=command_actor())


@webhooks_commands.command("restore")
@webhook_argument
@json_option
def restore(webhook: UUID, as_json: bool) -> None:
    """Restore a deleted webhook. It is paused then."""
    _print(restore_endpoint(webhook, by=command_actor()), as_json)


@webhooks_commands.command("pause")
@webhook_argument
@json_option
def pause(webhook: UUID, as_json: bool) -> None:
    """Send nothing until the webhook is resumed."""
    _print(pause_endpoint(webhook, by=command_actor()), as_json)


@webhooks_commands.command("resume")
@webhook_argument
@json_option
def resume(webhook: UUID, as_json: bool) -> None:
    """Send again, also what happened during the pause."""
    _print(resume_endpoint(webhook, by=command_actor()), as_json)


@webhooks_commands.command("rotate")
@webhook_argument
@click.option(
    "--overlap-hours",
    default=OVERLAP_HOURS_DEFAULT,
    show_default=True,
    help="Number of hours for which deliveries are signed with the old secret as well.",
)
@json_option
def rotate(webhook: UUID, overlap_hours: int, as_json: bool) -> None:
    """Replace the secret and print the new one. It cannot be shown again."""
    _print_secret(rotate_secret(webhook, overlap_hours=overlap_hours, by=command_actor()), as_json)


@webhooks_commands.command("test")
@webhook_argument
@json_option
def test(webhook: UUID, as_json: bool) -> None:
    """Send a test event."""
    _print_delivery(send_test_event(webhook, by=command_actor()), as_json)


@webhooks_commands.command("deliveries")
@webhook_argument
@click.option("--state", type=click.Choice(["all", "waiting", "delivered", "failed"]), default="all", show_default=True)
@json_option
def deliveries(webhook: UUID, state: Any, as_json: bool) -> None:
    """List the deliveries of a webhook, the newest first."""
    rows = _deliveries(get_endpoint(webhook).id, DeliveryListQuery.model_construct(state=state))
    if as_json:
        print_json([DeliveryOut.of(row).model_dump(mode="json") for row in rows])
        return
    for row in rows:
        echo("\t".join([str(row.id), row.state, row.event, str(row.status or row.error), row.created_at.isoformat()]))


def _deliveries(endpoint_id: UUID, query: DeliveryListQuery) -> list[Delivery]:
    found: list[Delivery] = []
    window: Window | None = Window(LIMIT_MAX)
    while window:
        page = paginate(list_deliveries(endpoint_id, state=query.delivery_state), NEWEST_FIRST, window)
        found += page.items
        window = Window(LIMIT_MAX, after=page.next) if page.next else None
    return found


@webhooks_commands.command("delivery")
@webhook_argument
@delivery_argument
@json_option
def delivery(webhook: UUID, delivery: UUID, as_json: bool) -> None:
    """Show a delivery with its body and the answer."""
    row = get_delivery(webhook, delivery)
    print_record(DeliveryWithBodyOut.with_body(row, get_body(row)).model_dump(mode="json"), as_json=as_json)


@webhooks_commands.command("redeliver")
@webhook_argument
@delivery_argument
@json_option
def redeliver(webhook: UUID, delivery: UUID, as_json: bool) -> None:
    """Send a delivery again."""
    _print_delivery(send_again(webhook, delivery, by=command_actor()), as_json)


def _print(endpoint: Any, as_json: bool) -> None:
    print_record(WebhookOut.of(endpoint).model_dump(mode="json"), as_json=as_json)


def _print_delivery(row: Delivery, as_json: bool) -> None:
    print_record(DeliveryOut.of(row).model_dump(mode="json"), as_json=as_json)


def _print_secret(created: CreatedSecret, as_json: bool) -> None:
    if as_json:
        print_json(WebhookSecretOut.with_secret(*created).model_dump(mode="json"))
    else:
        echo(created.secret)
