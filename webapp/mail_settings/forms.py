"""The forms of the organisation and of its e-mails."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Self, cast

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Optional

from webapp.core.texts import _
from webapp.mail.models import Organisation
from webapp.mail_settings.services import TEXT_FIELDS, mail_settings_texts
from webapp.web.merging import VersionedForm


class _TextsForm(VersionedForm):
    """A form of some texts of the organisation. The service checks them."""

    texts: tuple[str, ...]

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        """Return the form with the saved values."""
        return cls(None, data=mail_settings_texts(organisation) | {"version": organisation.version or 0})

    def merged_fields(self) -> Any:
        return (field for field in super().merged_fields() if field.name in self.texts)

    @property
    def settings(self) -> dict[str, Any]:
        """Return the arguments of `update_mail_settings`. Texts that were not sent are empty."""
        return {name: self[name].data or "" for name in self.texts} | {"version": self.version.data}


class OrganisationForm(_TextsForm):
    texts = ("name", "support_contact")
    name = StringField(_("Name of the organisation"), [Optional()])
    support_contact = StringField(_("Contact for questions"), [Optional()])
    logo = FileField(_("Logo"))
    remove_logo = BooleanField(_("Remove the logo"))

    @property
    def settings(self) -> dict[str, Any]:
        return super().settings | {"logo": self._sent_logo}

    @cached_property
    def _sent_logo(self) -> bytes | None:
        # `save_merged` may save several times. The upload can be read only once.
        upload = cast(FileStorage | None, self.logo.data)
        content = upload.read() if upload else b""
        return content or (b"" if self.remove_logo.data else None)


class MailSettingsForm(_TextsForm):
    texts = tuple(name for name in TEXT_FIELDS if name not in OrganisationForm.texts)
    signature_en = TextAreaField(_("Signature in English"), [Optional()])
    signature_ru = TextAreaField(_("Signature in Russian"), [Optional()])
    invitation_intro_en = TextAreaField(_("Introduction of invitations in English"), [Optional()])
    invitation_intro_ru = TextAreaField(_("Introduction of invitations in Russian"), [Optional()])
