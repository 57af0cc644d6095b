"""Forms of factors."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from webapp.core.texts import _, pgettext
from webapp.factors.models import CODE_MAX, PASSKEY_NAME_MAX
from webapp.web.forms import Form
from webapp.web.kept_forms import from_this_site


class FactorForm(Form):
    """A change of one's own factors."""

    end_sessions = BooleanField(_("End all other sessions"))


class CodeForm(FactorForm):
    code = StringField(_("Code of the app"), [InputRequired(_("Enter the code")), Length(max=CODE_MAX)])


class PasskeyNameForm(Form):
    name = StringField(
        pgettext("of a thing", "Name"),
        [InputRequired(pgettext("of a thing", "Enter a name")), Length(max=PASSKEY_NAME_MAX)],
    )


class PasskeyForm(Form):
    """The answer of the browser, which a script fills in."""

    credential = HiddenField("", validators=[InputRequired(_("Your browser did not use a passkey. Try again."))])
    next = HiddenField("")
    kept = HiddenField("", filters=[from_this_site])


class NewPasskeyForm(PasskeyForm, FactorForm):
    pass
