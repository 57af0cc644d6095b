"""Recovery codes: ten codes, each of which replaces the second factor once."""

from __future__ import annotations

import base64
import secrets
import unicodedata
from uuid import UUID

from sqlalchemy import delete, func, select, update

from webapp.audit.actions import Action
from webapp.core.clock import now
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.core.tokens import token_hash
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.factors.models import CODE_MAX, RecoveryCode
from webapp.factors.saving import save_factors
from webapp.users.models import User
from webapp.users.saving import lock_user

CODES = 10
# 120 bits: with less than 112, ASVS 6.5.2 requires a slow hash.
CODE_BYTES = 15
GROUP = 4
# Base32 has none of these digits. People read them for the letters.
_MISREAD = str.maketrans("018", "OIB", "- \t\r\n")


@transaction()
def create_recovery_codes(user_id: UUID, *, by: Actor) -> list[str]:
    """Replace the person's recovery codes by new ones. Return these; they cannot be read again."""
    user = lock_user(user_id)
    codes = [_new_code() for _number in range(CODES)]
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    db.session.add_all(RecoveryCode(user_id=user_id, code_hash=_hash(code)) for code in codes)
    save_factors(
        user,
        Action.RECOVERY_CODES_CREATED,
        by=by,
        subject=_("Rollcall: recovery codes were created for your account"),
        text=_("Your earlier recovery codes no longer work."),
    )
    return codes


@transaction()
def accept_recovery_code(user: User, *, code: str, by: Actor) -> bool:
    """Use up a recovery code of a locked user, and tell them. Return False if it is wrong, or was used."""
    same = (RecoveryCode.user_id == user.id) & (RecoveryCode.code_hash == _hash(code)) & RecoveryCode.used_at.is_(None)
    if not db.session.connection().execute(update(RecoveryCode).where(same).values(used_at=now())).rowcount:
        return False
    unused = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    left = db.session.scalar(unused) or 0
    save_factors(
        user,
        Action.RECOVERY_CODE_USED,
        by=by,
        subject=_("Rollcall: a recovery code of yours was used"),
        text=_("A recovery code replaced your second factor. Create new codes soon. Codes left: %(left)s.", left=left),
    )
    return True


def is_recovery_code(text: str) -> bool:
    """Whether the text has the form of a recovery code, as people type it."""
    code = _plain(text)
    return len(code) == CODE_BYTES * 8 // 5 and code.isascii() and code.isalnum()


def _new_code() -> str:
    """Return for example ABCD-EFGH-IJKL-MNOP-QRST-UVWX."""
    code = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def _hash(code: str) -> str:
    return token_hash(_plain(code))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:CODE_MAX]).upper().translate(_MISREAD)
