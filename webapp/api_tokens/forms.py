"""Forms of API tokens."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from wtforms import SelectChoice, SelectField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.api_tokens.models import DAYS_DEFAULT, OVERLAP_HOURS_DEFAULT, TOKEN_NAME_MAX
from webapp.core.permissions import Permission
from webapp.core.texts import _, ngettext, pgettext
from webapp.roles.permission_rows import PermissionSection, permission_choices
from webapp.web.forms import CreationForm

DAYS = (7, 30, 90, 365)
OVERLAP_HOURS = (0, 1, 24, 72, 168)
_NAME_LENGTH = _("Enter a token name of 1 to %(max)s characters", max=TOKEN_NAME_MAX)


def _whole_number(text: object) -> int:
    """Return the number, or -1, which the service refuses."""
    digits = str(text)
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= len("1000") else -1


def _days() -> list[SelectChoice]:
    return [SelectChoice(days, ngettext("%(count)s day", "%(count)s days", days, count=days)) for days in DAYS]


def _hours() -> list[SelectChoice]:
    texts = {each: ngettext("%(count)s hour", "%(count)s hours", each, count=each) for each in OVERLAP_HOURS}
    return [SelectChoice(each, text if each else _("Not at all")) for each, text in texts.items()]


class TokenForm(CreationForm):
    name = StringField(
        pgettext("of a thing", "Name"),
        [InputRequired(pgettext("of a thing", "Enter a name")), Length(max=TOKEN_NAME_MAX, message=_NAME_LENGTH)],
    )
    days = SelectField(
        _("Expires after"), coerce=_whole_number, choices=_days, default=DAYS_DEFAULT, validate_choice=False
    )
    scopes = SelectMultipleField(
        _("Permissions"),
        choices=[SelectChoice(permission.value, permission.value) for permission in Permission],
        option_widget=CheckboxInput(),
        widget=ListWidget(),
        validate_choice=False,
    )
    addresses = TextAreaField(_("Address ranges"), [Optional()])

    # The permissions that the form offers.
    offered: Collection[Permission] = ()

    def offer(self, held: Collection[Permission]) -> None:
        """Offer these permissions. Call it before `validate`."""
        self.offered = frozenset(held)

    @property
    def sections(self) -> list[PermissionSection]:
        sections = permission_choices(self.scopes.data or (), held=self.offered)
        rows = ((each.label, [row for row in each.permissions if row.held]) for each in sections)
        return [PermissionSection(label, held) for label, held in rows if held]

    def validate_scopes(self, field: Any) -> None:
        if self.offered and not field.data:
            raise ValidationError(_("Choose at least one permission"))

    @property
    def token(self) -> dict[str, Any]:
        """The arguments of `create_token`."""
        values = self.values
        return {
            "name": values["name"],
            "days": values["days"],
            "scopes": values["scopes"] or [],
            "addresses": (values["addresses"] or "").splitlines(),
        }


class TokenOfOwnerForm(TokenForm):
    """Creates a token of another person."""

    owner = StringField(_("Owner"), [InputRequired(_("Enter an e-mail address or username"))])


class RotationForm(CreationForm):
    overlap_hours = SelectField(
        _("The old token still works for"),
        coerce=_whole_number,
        choices=_hours,
        default=OVERLAP_HOURS_DEFAULT,
        validate_choice=False,
    )
