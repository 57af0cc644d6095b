"""Options and output of commands that print a page of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click
from pydantic import BaseModel

from webapp.core.commands import echo, print_json
from webapp.lists.page import LIMIT_DEFAULT, LIMIT_MAX, Page

Command = TypeVar("Command", bound=Callable[..., Any])


def page_options(command: Command) -> Command:
    """Add `--limit` and `--after`."""
    limit = click.option("--limit", default=LIMIT_DEFAULT, type=click.IntRange(1, LIMIT_MAX), show_default=True)
    after = click.option("--after", help="Cursor that was printed at the end of the previous page.")
    return limit(after(command))


def print_page(page: Page[Any], body: BaseModel, lines: Iterable[str], *, as_json: bool) -> None:
    """Print a page as JSON, or as one line for each item, with the cursor of the next page on standard error."""
    if as_json:
        print_json(body.model_dump(mode="json"))
        return
    for line in lines:
        echo(line)
    if page.next:
        click.echo(f"more: --after {page.next}", err=True)
