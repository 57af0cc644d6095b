"""The forms of notes."""

from __future__ import annotations

from wtforms import HiddenField, IntegerField, TextAreaField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from webapp.core.texts import _
from webapp.web.forms import CreationForm, Form


class NewNoteForm(CreationForm):
    # The service checks the text.
    text = TextAreaField(_("New note"), [Optional()])
    next = HiddenField("", render_kw={"id": False})


class EditNoteForm(Form):
    text = TextAreaField(_("Note"), [Optional()])
    version = IntegerField("", validators=[InputRequired()], widget=HiddenInput(), render_kw={"id": False})
