"""The organisation and its e-mails in JSON."""

from __future__ import annotations

import base64
from typing import Any, Self

from pydantic import ConfigDict, Field

from webapp.core.schemas import Base64Text, EtagSchema, Schema
from webapp.mail.models import CONTACT_MAX, ORGANISATION_NAME_MAX, TEXT_MAX, Organisation
from webapp.mail_settings.logos import LOGO_BYTES_MAX
from webapp.mail_settings.services import mail_settings_texts

NAME = "The name of the organisation, in e-mails."
CONTACT = "Where people get help: an address, a number or a sentence."
SIGNATURE = "The last lines of each e-mail in this language."
INTRODUCTION = "The first paragraph of invitations in this language."
# One white pixel.
_LOGO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="


class SettingsPatch(Schema):
    """Changes of the settings. Fields that you leave out stay as they are. null empties a field."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Example GmbH", "support_contact": "it@example.com"}]}
    )

    name: str | None = Field(None, max_length=ORGANISATION_NAME_MAX, description=NAME)
    support_contact: str | None = Field(None, max_length=CONTACT_MAX, description=CONTACT)
    signature_en: str | None = Field(None, max_length=TEXT_MAX, description=SIGNATURE)
    signature_ru: str | None = Field(None, max_length=TEXT_MAX, description=SIGNATURE)
    invitation_intro_en: str | None = Field(None, max_length=TEXT_MAX, description=INTRODUCTION)
    invitation_intro_ru: str | None = Field(None, max_length=TEXT_MAX, description=INTRODUCTION)

    @property
    def changes(self) -> Any:
        """The sent fields, as the service takes them."""
        return {name: text or "" for name, text in self.model_dump(exclude_unset=True).items()}


class SettingsOut(EtagSchema):
    """The organisation, and what it adds to its e-mails."""

    name: str = Field(description=NAME)
    support_contact: str = Field(description=CONTACT)
    signature_en: str = Field(description=SIGNATURE)
    signature_ru: str = Field(description=SIGNATURE)
    invitation_intro_en: str = Field(description=INTRODUCTION)
    invitation_intro_ru: str = Field(description=INTRODUCTION)
    has_logo: bool
    version: int = Field(description="0 until the first change.")

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        texts = mail_settings_texts(organisation)
        return cls(**texts, has_logo=bool(organisation.logo), version=organisation.version or 0)


class LogoIn(Schema):
    """A logo for e-mails."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"content": _LOGO}]})

    content: Base64Text = Field(
        min_length=1,
        max_length=-(-LOGO_BYTES_MAX // 3) * 4,
        description=f"A PNG or JPEG image of at most {LOGO_BYTES_MAX // 1024} KB in Base64.",
    )

    @property
    def image(self) -> bytes:
        return base64.b64decode(self.content)
