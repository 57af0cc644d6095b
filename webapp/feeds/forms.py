"""The forms of feeds."""

from __future__ import annotations

from typing import Any, Self, cast

from wtforms import BooleanField, IntegerField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from webapp.attributes.models import PARAMETER_PREFIX, Attribute
from webapp.core.texts import _, pgettext
from webapp.feeds.checks import HEADER_DEFAULT, FeedValues
from webapp.feeds.labels import SOURCE_LABELS
from webapp.feeds.models import Feed, Source
from webapp.imports.labels import KEY_LABELS, MODE_LABELS
from webapp.imports.models import EMAIL, THRESHOLD_DEFAULT, Mode, SavedMapping
from webapp.jobs.timetable_fields import TimetableFields
from webapp.web.forms import CreationForm, uuid_or_nil
from webapp.web.merging import VersionedForm


class FeedFields(TimetableFields):
    """`header` is empty in a filled form: the stored secret is never shown."""

    name = StringField(pgettext("of a thing", "Name"), [InputRequired(pgettext("of a thing", "Enter a name"))])
    source = RadioField(
        _("Where the file is"),
        choices=[SelectChoice(*choice) for choice in SOURCE_LABELS.items()],
        default=Source.FOLDER.value,
    )
    path = StringField(_("Path below FEED_DIR"), [Optional()])
    url = StringField(_("Address of the file"), [Optional()])
    header_name = StringField(_("Request header"), [Optional()], default=HEADER_DEFAULT)
    header = PasswordField(_("Secret of the header"), [Optional()])
    remove_header = BooleanField(_("Remove the stored secret"))
    mapping_id = SelectField(_("Saved import"), validate_choice=False)
    encoding = StringField(_("Encoding"), [Optional()])
    mode = RadioField(
        _("What to do"), choices=[SelectChoice(*choice) for choice in MODE_LABELS.items()], default=Mode.MATCH.value
    )
    key = SelectField(_("How people are recognised"), default=EMAIL, validate_choice=False)
    threshold = IntegerField(
        _("Deactivate at most, in percent"), [InputRequired(_("Enter a number from 0 to 100"))],
        default=THRESHOLD_DEFAULT,
    )  # fmt: skip
    invite = BooleanField(_("Send invitations to new people"))

    def set_choices(self, mappings: list[SavedMapping], attributes: list[Attribute], kept: str | None) -> None:
        """`kept`: the name of the mapping that the feed has, which it keeps if no other is chosen."""
        first = str(_("As it is: %(name)s", name=kept) if kept else _("Choose a saved import"))
        saved = [SelectChoice(str(each.id), each.name) for each in mappings]
        self.mapping_id.choices = [SelectChoice("", first), *saved]
        unique = [(PARAMETER_PREFIX + each.key, each.label) for each in attributes if each.unique]
        self.key.choices = [SelectChoice(*choice) for choice in (*KEY_LABELS.items(), *unique)]

    @property
    def feed(self) -> FeedValues:
        """The arguments of the service."""
        texts = ("name", "path", "url", "header_name", "encoding", "mode", "key", "source", "time_of_day", "timezone")
        values: Any = {name: getattr(self, name).data or "" for name in texts}
        values["header"] = self.header.data or ("" if self.remove_header.data else None)
        values["mapping_id"] = uuid_or_nil(self.mapping_id.data) if self.mapping_id.data else None
        values |= {"threshold": self.threshold.data, "invite": bool(self.invite.data), "weekday": self.weekday.data}
        return cast(FeedValues, values)


class NewFeedForm(FeedFields, CreationForm):
    pass


class EditFeedForm(FeedFields, VersionedForm):
    @classmethod
    def of(cls, feed: Feed) -> Self:
        """Return the form with the saved values."""
        names = ("name", "source", "encoding", "mode", "threshold", "invite", "version")
        values: dict[str, Any] = {name: getattr(feed, name) for name in (*names, "time_of_day", "timezone", "weekday")}
        where = "path" if feed.source == Source.FOLDER else "url"
        values |= {where: feed.location, "key": feed.key_field, "header_name": feed.header_name or HEADER_DEFAULT}
        return cls(None, data=values)
