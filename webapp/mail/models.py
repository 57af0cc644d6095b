"""The outbox of e-mails, and what the organisation adds to each of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant

ADDRESS_MAX = 254
SUBJECT_MAX = 200
ERROR_MAX = 500
ORGANISATION_NAME_MAX = 100
CONTACT_MAX = 254
TEXT_MAX = 2000
ONLY_ROW = 1


class Mail(Model):
    """An e-mail in the outbox. `sent_at` is set when a server has accepted it, `failed_at` when it refused it for good.

    `sealed_body` is the encrypted body: it can hold the secret of a link. It is removed after the delivery.
    """

    __tablename__ = "mails"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    to: Mapped[str] = mapped_column(String(ADDRESS_MAX))
    subject: Mapped[str] = mapped_column(String(SUBJECT_MAX))
    # The body of mails of older versions.
    text: Mapped[str] = mapped_column(Text, default="")
    sealed_body: Mapped[str | None] = mapped_column(Text)
    # The job that sends it.
    job_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    failed_at: Mapped[datetime | None] = mapped_column(Instant)
    # The answer of the mail server that refused it.
    error: Mapped[str | None] = mapped_column(String(ERROR_MAX))


class Organisation(Model):
    """What the organisation adds to each e-mail. There is at most one row. Texts are by language: `{"en": …}`."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint(f"id = {ONLY_ROW}", name="only_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=ONLY_ROW, autoincrement=False)
    name: Mapped[str] = mapped_column(String(ORGANISATION_NAME_MAX), default="")
    support_contact: Mapped[str] = mapped_column(String(CONTACT_MAX), default="")
    signature: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    invitation_intro: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # A PNG or JPEG image.
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
