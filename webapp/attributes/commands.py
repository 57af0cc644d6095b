"""The commands `flask attributes …`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from flask.cli import AppGroup

from webapp.attributes.choices import parse_choices
from webapp.attributes.models import ATTRIBUTES_MAX, Attribute, Editable, Kind, Visible
from webapp.attributes.queries import all_attributes, get_attribute, live_attributes
from webapp.attributes.schemas import AttributeOut
from webapp.attributes.services import (
    create_attribute,
    delete_attribute,
    place_attribute,
    restore_attribute,
    update_attribute,
)
from webapp.core.commands import command_actor, echo, json_option, print_json
from webapp.core.errors import NotFound
from webapp.core.texts import _

attributes_commands = AppGroup("attributes", help="List, create, change, move, delete and restore attributes.")
attribute_argument = click.argument("attribute")
Command = TypeVar("Command", bound=Callable[..., Any])
_OPTIONS = (
    click.option("--label-en", help="The name in English."),
    click.option("--label-ru", help="The name in Russian."),
    click.option("--help-text", "help", help="A hint that forms show."),
    click.option("--kind", type=click.Choice([kind.value for kind in Kind])),
    click.option(
        "--choice",
        "choices",
        multiple=True,
        metavar="VALUE|ENGLISH|RUSSIAN",
        help="A value of the kind `choice`, with its labels. You can repeat this option.",
    ),
    click.option("--required/--optional", default=None),
    click.option("--unique/--not-unique", default=None, help="Whether no two people can have the same value."),
    click.option("--sortable/--not-sortable", default=None, help="Whether lists can be sorted by it."),
    click.option("--visible-to", type=click.Choice([each.value for each in Visible])),
    click.option("--editable-by", type=click.Choice([each.value for each in Editable])),
)


def definition_options(command: Command) -> Command:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@attributes_commands.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List all attributes in the order of the pages."""
    attributes = live_attributes()
    if as_json:
        print_json([_shown(attribute) for attribute in attributes])
        return
    for attribute in attributes:
        echo(f"{attribute.id}  {attribute.key:<24}  {attribute.kind:<8}  {attribute.label_en or attribute.label_ru}")


@attributes_commands.command("show")
@attribute_argument
@json_option
def show(attribute: str, as_json: bool) -> None:
    """Show the attribute with this key or ID."""
    _print(_find(attribute), as_json=as_json)


@attributes_commands.command("create")
@click.option("--key", default="", help="The name of the field in JSON and files. Default: made from the name.")
@definition_options
@json_option
def create(key: str, as_json: bool, **options: Any) -> None:
    """Create an attribute. It needs --label-en or --label-ru."""
    _print(create_attribute(key=key, **_definition(options), by=command_actor()), as_json=as_json)


@attributes_commands.command("update")
@attribute_argument
@definition_options
@json_option
def update(attribute: str, as_json: bool, **options: Any) -> None:
    """Change the attribute with this key or ID. With --choice, it has only the choices that you name."""
    changed = update_attribute(_find(attribute).id, version=None, **_definition(options), by=command_actor())
    _print(changed, as_json=as_json)


@attributes_commands.command("move")
@attribute_argument
@click.argument("position", type=click.IntRange(1, ATTRIBUTES_MAX))
@json_option
def move(attribute: str, position: int, as_json: bool) -> None:
    """Move an attribute to this POSITION on the pages, from 1."""
    _print(place_attribute(_find(attribute).id, position=position, by=command_actor()), as_json=as_json)


@attributes_commands.command("delete")
@attribute_argument
@json_option
def delete(attribute: str, as_json: bool) -> None:
    """Hide an attribute everywhere. Users keep their values until it is restored."""
    _print(delete_attribute(_find(attribute).id, by=command_actor()), as_json=as_json)


@attributes_commands.command("restore")
@attribute_argument
@json_option
def restore(attribute: str, as_json: bool) -> None:
    """Restore the deleted attribute with this key or ID."""
    found = _named(all_attributes(), attribute)
    _print(restore_attribute(found.id, by=command_actor()), as_json=as_json)


def _find(name: str) -> Attribute:
    return get_attribute(_named(live_attributes(), name).id)


def _named(attributes: list[Attribute], name: str) -> Attribute:
    for attribute in attributes:
        if name in (attribute.key, str(attribute.id)):
            return attribute
    raise NotFound(_("This attribute does not exist. It may have been deleted."))


def _definition(options: dict[str, Any]) -> Any:
    """Return the parts of the definition that were named."""
    named = {name: value for name, value in options.items() if value not in (None, ())}
    return named | ({"choices": parse_choices(named["choices"])} if "choices" in named else {})


def _shown(attribute: Attribute) -> dict[str, Any]:
    return AttributeOut.of(attribute).model_dump(mode="json")


def _print(attribute: Attribute, *, as_json: bool) -> None:
    values = _shown(attribute)
    if as_json:
        print_json(values)
        return
    values["choices"] = [choice["value"] for choice in values["choices"]]
    for name, value in values.items():
        if value not in (None, "", []):
            echo(f"{name + ':':<16}{', '.join(value) if isinstance(value, list) else value}")
