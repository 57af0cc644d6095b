"""The fields of a timetable in a form."""

from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from webapp.core.formats import viewer_timezone
from webapp.core.texts import DEFAULT_TIMEZONE, _, timezones
from webapp.jobs.labels import WEEKDAY_LABELS
from webapp.web.forms import Form

TIME_DEFAULT = "02:30"


def _day(text: object) -> int | None:
    """Return the day of the week; None is every day. Return -1, which the service refuses, if it is no day."""
    if text in (None, "", "None"):
        return None
    return int(str(text)) if str(text) in WEEKDAY_LABELS else -1


class TimetableFields(Form):
    time_of_day = StringField(_("Time of day"), [InputRequired(_("Enter a time like 02:30"))], default=TIME_DEFAULT)
    weekday = SelectField(
        _("Day"),
        coerce=_day,
        choices=lambda: [SelectChoice("", _("Every day")), *(SelectChoice(*item) for item in WEEKDAY_LABELS.items())],
        validate_choice=False,
    )
    timezone = SelectField(
        _("Time zone"),
        choices=lambda: [SelectChoice(zone, zone.replace("_", " ")) for zone in (DEFAULT_TIMEZONE, *timezones())],
        default=lambda: viewer_timezone().key,
        validate_choice=False,
    )
