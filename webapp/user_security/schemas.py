"""How persons sign in, in the JSON API."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from webapp.factors.queries import FactorSummary
from webapp.signin.devices import describe_device
from webapp.signin.models import UserSession
from webapp.users.schemas import UserPath

FACTOR_MAX = 36


class SessionPath(UserPath):
    session_id: UUID = Field(description="The ID of the session.")


class FactorPath(UserPath):
    factor: str = Field(max_length=FACTOR_MAX, description="`totp` for the authenticator app, or the ID of a passkey.")


class OneTimePassOut(BaseModel):
    url: str
    expires_at: datetime


class SessionOut(BaseModel):
    id: UUID
    device: str
    address: str
    created_at: datetime
    last_used_at: datetime

    @classmethod
    def of(cls, row: UserSession) -> Self:
        return cls(
            id=row.id,
            device=describe_device(row.agent),
            address=row.address,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
        )


class SessionsOut(BaseModel):
    items: list[SessionOut]


class TotpOut(BaseModel, from_attributes=True):
    created_at: datetime
    last_used_at: datetime | None


class PasskeyOut(BaseModel, from_attributes=True):
    id: UUID
    name: str
    is_synced: bool
    created_at: datetime
    last_used_at: datetime | None


class FactorsOut(BaseModel):
    totp: TotpOut | None
    passkeys: list[PasskeyOut]
    recovery_codes_left: int

    @classmethod
    def of(cls, summary: FactorSummary) -> Self:
        return cls(
            totp=TotpOut.model_validate(summary.totp) if summary.totp else None,
            passkeys=[PasskeyOut.model_validate(each) for each in summary.passkeys],
            recovery_codes_left=summary.codes_left,
        )
