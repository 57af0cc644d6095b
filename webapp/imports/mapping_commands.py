"""The commands `flask imports …-mapping`: list, rename and delete saved mappings."""

from __future__ import annotations

from uuid import UUID

import click

from webapp.core.commands import command_actor, json_option, print_record
from webapp.imports.list_commands import imports_commands
from webapp.imports.mapping_schemas import MappingOut, MappingPage
from webapp.imports.mappings import delete_mapping, rename_mapping
from webapp.imports.queries import BY_NAME, get_mapping, list_mappings
from webapp.lists.commands import page_options, print_page
from webapp.lists.page import Window, paginate
from webapp.lists.schemas import page_fields

mapping_argument = click.argument("mapping_id", type=click.UUID)


@imports_commands.command("mappings")
@page_options
@json_option
def list_all(limit: int, after: str | None, as_json: bool) -> None:
    """List saved mappings by name."""
    page = paginate(list_mappings(), BY_NAME, Window(limit, after))
    body = MappingPage(items=[MappingOut.of(each) for each in page.items], **page_fields(page))
    lines = (f"{each.id}  {each.saved_at:%Y-%m-%d}  {each.name}" for each in page.items)
    print_page(page, body, lines, as_json=as_json)


@imports_commands.command("show-mapping")
@mapping_argument
@json_option
def show(mapping_id: UUID, as_json: bool) -> None:
    """Show a saved mapping."""
    print_record(MappingOut.of(get_mapping(mapping_id)).model_dump(mode="json"), as_json=as_json)


@imports_commands.command("rename-mapping")
@mapping_argument
@click.option("--name", required=True)
@json_option
def rename(mapping_id: UUID, name: str, as_json: bool) -> None:
    """Rename a saved mapping."""
    rename_mapping(mapping_id, name=name, by=command_actor())
    print_record(MappingOut.of(get_mapping(mapping_id)).model_dump(mode="json"), as_json=as_json)


@imports_commands.command("delete-mapping")
@mapping_argument
def delete(mapping_id: UUID) -> None:
    """Delete a saved mapping. `audit undo` brings it back."""
    delete_mapping(mapping_id, by=command_actor())
