"""The form that merges two accounts."""

from __future__ import annotations

from wtforms import IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired

from webapp.core.texts import _
from webapp.duplicates.merging import ALREADY_CHANGED
from webapp.web.forms import Form

SIDES = ("one", "other")


class MergeForm(Form):
    """Which account stays, and the versions of both that the viewer saw. `comparison` reads the other choices."""

    keep = StringField(_("Account that stays"), [AnyOf(SIDES, _("Choose the account that stays"))])
    one_version = IntegerField(validators=[InputRequired(ALREADY_CHANGED)])
    other_version = IntegerField(validators=[InputRequired(ALREADY_CHANGED)])
