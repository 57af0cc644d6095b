"""The format of a configuration file. See docs/configuration-files.md."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import ConfigDict, Field, StrictBool

from webapp.attributes.models import Editable, Kind, Visible
from webapp.core.permissions import Permission
from webapp.core.schemas import Schema

FORMAT_VERSION = 1


class Section(StrEnum):
    """The sections in the order in which they are applied and written."""

    ORGANISATION = "organisation"
    MAIL = "mail"
    ATTRIBUTES = "attributes"
    ROLES = "roles"
    GROUPS = "groups"
    SCHEDULES = "schedules"
    WEBHOOKS = "webhooks"


# Sections that can be complete: what such a section does not mention is deleted.
Completable = Literal[Section.ATTRIBUTES, Section.ROLES, Section.GROUPS, Section.WEBHOOKS]


class Part(Schema):
    """A part of the file. `given` are the fields that the file mentions; the others stay as they are."""

    model_config = ConfigDict(strict=True)

    @property
    def given(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True, exclude={"renamed_from", "groups"})


class OrganisationPart(Part):
    name: str = ""
    support_contact: str = ""


class MailPart(Part):
    signature_en: str = ""
    signature_ru: str = ""
    invitation_intro_en: str = ""
    invitation_intro_ru: str = ""


class ChoicePart(Part):
    value: str
    label_en: str = ""
    label_ru: str = ""


class AttributePart(Part):
    """An attribute, which its key identifies."""

    key: str
    label_en: str = ""
    label_ru: str = ""
    help: str = ""
    kind: Kind = Kind.TEXT
    choices: list[ChoicePart] = []
    required: StrictBool = False
    unique: StrictBool = False
    sortable: StrictBool = False
    visible_to: Visible = Visible.STAFF
    editable_by: Editable = Editable.STAFF


class NamedPart(Part):
    """A role or group, which its name identifies. If there is none, the one with the name `renamed_from` is renamed."""

    name: str
    renamed_from: str | None = None
    description: str = ""


class RolePart(NamedPart):
    permissions: list[Permission] = []


class GroupPart(NamedPart):
    """A group with the groups inside it."""

    groups: list[GroupPart] = []


class SchedulePart(Part):
    paused: StrictBool


class WebhookPart(Part):
    """A webhook, which its address identifies."""

    url: str
    description: str = ""
    events: list[str] = []
    paused: StrictBool = False


class ConfigFile(Part):
    """A whole file. A section that is missing or empty stays as it is."""

    version: Literal[1]
    complete: list[Completable] = Field(default=[])
    organisation: OrganisationPart | None = None
    mail: MailPart | None = None
    attributes: list[AttributePart] | None = None
    roles: list[RolePart] | None = None
    groups: list[GroupPart] | None = None
    schedules: dict[str, SchedulePart] | None = None
    webhooks: list[WebhookPart] | None = None
