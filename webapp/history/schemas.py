"""What the address of the audit page asks for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from webapp.audit.models import Action
from webapp.core.errors import Invalid
from webapp.core.text import clean_text
from webapp.lists.schemas import PageQuery

WHO_MAX = 254
FIELD_MAX = 64


def _typed(text: str) -> str:
    try:
        return clean_text(text, field="who", joiners=True)
    except Invalid as error:
        raise ValueError(str(error)) from None


def _when(text: str) -> str:
    """A day or a moment."""
    if text:
        datetime.fromisoformat(text)
    return text


Typed = Annotated[str, AfterValidator(_typed)]
When = Annotated[str, AfterValidator(_when), Field(max_length=32)]


class HistoryQuery(PageQuery):
    """`actor` and `subject` are what people type: a name, an e-mail address, a username or an id.

    `since` and `until` are days or moments in the viewer's time zone; the whole day `until` counts.
    """

    actor: Typed = Field("", max_length=WHO_MAX)
    subject: Typed = Field("", max_length=WHO_MAX)
    action: Action | None = None
    field: Typed = Field("", max_length=FIELD_MAX)
    since: When = ""
    until: When = ""

    @property
    def filters(self) -> dict[str, str]:
        """What is asked for, without the page."""
        names = ("actor", "subject", "action", "field", "since", "until")
        return {name: str(value) for name in names if (value := getattr(self, name))}


def is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
