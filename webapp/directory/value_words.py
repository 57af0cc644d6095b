"""Words in both languages for the values of filters in a search."""

from __future__ import annotations

from enum import StrEnum

from webapp.invitations.queries import InvitationFilter
from webapp.users.models import Status


class SecondFactor(StrEnum):
    """MISSING: the setting MFA_REQUIRED asks for a second factor, and the person has none."""

    YES = "yes"
    NO = "no"
    MISSING = "missing"


NEVER_WORDS = {"never", "никогда"}
STATUSES = {
    "active": Status.ACTIVE,
    "активен": Status.ACTIVE,
    "активные": Status.ACTIVE,
    # Texts of pages call it “No password yet”. Addresses and the API keep `invited`.
    "invited": Status.INVITED,
    "no password": Status.INVITED,
    "no password yet": Status.INVITED,
    "без пароля": Status.INVITED,
    "приглашен": Status.INVITED,
    "приглашенные": Status.INVITED,
    "deactivated": Status.DEACTIVATED,
    "деактивирован": Status.DEACTIVATED,
    "отключен": Status.DEACTIVATED,
    "отключенные": Status.DEACTIVATED,
    "deleted": Status.DELETED,
    "bin": Status.DELETED,
    "удален": Status.DELETED,
    "удаленные": Status.DELETED,
    "корзина": Status.DELETED,
}
INVITATIONS = {state.value: state for state in InvitationFilter} | {
    "ждет": InvitationFilter.QUEUED,
    "отправлено": InvitationFilter.SENT,
    "не доставлено": InvitationFilter.FAILED,
    "истекает": InvitationFilter.EXPIRING,
    "истекло": InvitationFilter.EXPIRED,
    "принято": InvitationFilter.ACCEPTED,
    "отозвано": InvitationFilter.REVOKED,
}
SECOND_FACTORS = {state.value: state for state in SecondFactor} | {
    "есть": SecondFactor.YES,
    "нет": SecondFactor.NO,
    "нужен": SecondFactor.MISSING,
}
