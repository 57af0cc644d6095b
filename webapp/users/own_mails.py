"""The e-mails of an erased person."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from webapp.db.session import db
from webapp.mail.services import delete_mails_to
from webapp.users.identity import sign_in_lookup
from webapp.users.models import User


def delete_own_mails(user_id: UUID, addresses: Collection[str]) -> None:
    """Delete the e-mails to these addresses of a person, in the transaction that erases them.

    E-mails to an address that another person has by now stay: some are theirs.
    """
    # Several spellings of an address have one key. The rules may have changed: the lookup accepts any text.
    keys = {address: sign_in_lookup(address)[1] for address in addresses}
    taken = select(User.email_key).where(
        User.email_key.in_(keys.values()), User.id != user_id, User.deleted_at.is_(None)
    )
    others = set(db.session.scalars(taken))
    delete_mails_to([address for address, key in keys.items() if key not in others])
