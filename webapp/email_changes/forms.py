"""The form of a new e-mail address."""

from __future__ import annotations

from wtforms import EmailField
from wtforms.validators import InputRequired

from webapp.core.texts import _
from webapp.web.forms import Form


class EmailForm(Form):
    email = EmailField(_("New e-mail address"), [InputRequired(_("Enter an e-mail address"))])
