"""The results of the command palette, and the search page that works without a script."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user
from pydantic import BaseModel, Field

from webapp.core.errors import NotFound
from webapp.core.permissions import Permission
from webapp.core.schemas import SearchText
from webapp.directory.palette import FoundEverything, Section, find_everything
from webapp.directory.palette_actions import actions_section, recent_section
from webapp.directory.requests import current_viewer
from webapp.lists.schemas import SEARCH_MAX
from webapp.web.guards import actor, requires
from webapp.web.paging import parse_query_parameters
from webapp.web.replicas import from_replica

palette_pages = Blueprint("palette", __name__)
RECENT_TEXT_MAX = 1000


class PaletteQuery(BaseModel):
    """`person` is the open person. `recent` names what was opened lately, see `recent_section`."""

    q: SearchText = Field("", max_length=SEARCH_MAX)
    person: UUID | None = None
    recent: str = Field("", max_length=RECENT_TEXT_MAX)


@palette_pages.get("/palette")
@requires(Permission.USERS_READ)
@from_replica
def results() -> ResponseReturnValue:
    """Show what matches `q`. Without `q`, show recent things and the actions on the open person."""
    query = parse_query_parameters(PaletteQuery)
    found = _find(query.q) if query.q.strip() else FoundEverything(_offered(query))
    return render_template("directory/_palette_results.html", found=found)


@palette_pages.get("/search")
@requires(Permission.USERS_READ)
@from_replica
def search() -> ResponseReturnValue:
    query = parse_query_parameters(PaletteQuery)
    return render_template("directory/search.html", found=_find(query.q), q=query.q)


def _find(text: str) -> FoundEverything:
    return find_everything(text, current_viewer(), current_user.user.id)


def _offered(query: PaletteQuery) -> list[Section]:
    sections = [recent_section(query.recent, current_viewer())] if query.recent else []
    if query.person:
        with suppress(NotFound):
            sections.append(actions_section(query.person, actor()))
    return [section for section in sections if section.entries]
