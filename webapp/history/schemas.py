"""Parameters of the audit page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from webapp.audit.models import Action
from webapp.core.schemas import SearchText
from webapp.lists.schemas import PageQuery

PERSON_MAX = 254
FIELD_MAX = 64
TIME_MAX = 32
FILTERS = ("actor", "subject", "action", "field", "since", "until")


def _day_or_time(text: str) -> str:
    if text:
        try:
            datetime.fromisoformat(text)
        except ValueError:
            raise PydanticCustomError("date_or_time", "use ISO 8601") from None
    return text


DayOrTime = Annotated[str, AfterValidator(_day_or_time), Field(max_length=TIME_MAX)]


class HistoryQuery(PageQuery):
    """`actor` and `subject` are names, e-mail addresses, usernames or ids.

    `since` and `until` are ISO 8601 days or times in the viewer's time zone. A day `until` is included.
    """

    actor: SearchText = Field("", max_length=PERSON_MAX)
    subject: SearchText = Field("", max_length=PERSON_MAX)
    action: Action | None = None
    field: SearchText = Field("", max_length=FIELD_MAX)
    since: DayOrTime = ""
    until: DayOrTime = ""

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, without paging."""
        return {name: str(value) for name in FILTERS if (value := getattr(self, name))}


def is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
