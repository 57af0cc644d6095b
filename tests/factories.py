"""A factory of people. It calls the services, as pages do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from tests.all_tables import count_rows
from webapp.access.models import BUILT_IN, OWNER
from webapp.access.summaries import access_summaries
from webapp.api_tokens.services import create_token
from webapp.audit.models import AuditRecord
from webapp.bin.services import delete_user
from webapp.core.ids import new_id
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.creating_many import CheckedUser, PlannedUser, check_new_users
from webapp.users.inserting import insert_users
from webapp.users.models import User
from webapp.users.queries import get_user
from webapp.users.schemas import UserOut
from webapp.users.services import create_user, update_user
from webapp.web.api import App

PASSWORD = "correct horse battery staple"
TESTER = Actor(ActorKind.SYSTEM, "Test")


class People:
    """Create users and read the database. Each method has an app context of its own."""

    password = PASSWORD

    def __init__(self, app: App) -> None:
        self.app = app
        self.created = 0
        self._owner: UserOut | None = None

    def create(self, **fields: Any) -> UserOut:
        self.created += 1
        values = {"email": f"person{self.created}@example.com", "name": f"Person {self.created}"} | fields
        with self.app.app_context():
            return UserOut.of(create_user(**values, by=TESTER))

    def create_many(self, count: int, *, name: str = "Person") -> list[UserOut]:
        """Create people in one transaction. Their names are `name` with two digits, from 00."""
        numbers = range(self.created + 1, self.created + 1 + count)
        self.created += count
        planned = [
            PlannedUser(id=new_id(), email=f"person{number}@example.com", name=f"{name} {index:02}")
            for index, number in enumerate(numbers)
        ]
        with self.app.app_context(), transaction():
            users = [user for user in check_new_users(planned, by=TESTER) if isinstance(user, CheckedUser)]
            assert (len(users), insert_users(users, by=TESTER)) == (count, {})
            created = db.session.scalars(select(User).where(User.id.in_([each.id for each in planned])))
            found = {user.id: user for user in created}
            labels = access_summaries(list(found))
            return [UserOut.of(found[each.id], labels[each.id]) for each in planned]

    def rename(self, user_id: UUID, name: str) -> None:
        with self.app.app_context():
            update_user(user_id, name=name, by=TESTER)

    def delete(self, user_id: UUID) -> None:
        with self.app.app_context():
            delete_user(user_id, by=TESTER)

    def owner(self) -> UserOut:
        """Return the owner Ольга, who has every permission."""
        if self._owner is None:
            identity = {"email": "olga@example.com", "name": "Ольга Смирнова", "password": self.password}
            self._owner = self.create(**identity, roles=[OWNER])
        return self._owner

    def token_for(self, user: UserOut) -> str:
        with self.app.app_context():
            return create_token(get_user(user.id), name="test", by=TESTER).secret

    def count(self, **where: Any) -> int:
        """Return the number of users with these values."""
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(User).filter_by(**where)) or 0

    def row(self, **where: Any) -> dict[str, Any] | None:
        """Return the columns of the one user with these values, or None."""
        table = User.__table__
        conditions = [table.c[name] == value for name, value in where.items()]
        with self.app.app_context():
            row = db.session.execute(select(table).where(*conditions)).mappings().one_or_none()
            return dict(row) if row else None

    def audit_trail(self, user_id: UUID) -> list[tuple[str, dict[str, Any]]]:
        """Return the (action, changes) of each audit record of a user, oldest first."""
        query = select(AuditRecord).where(AuditRecord.subject_id == user_id).order_by(AuditRecord.id)
        with self.app.app_context():
            return [(record.action, record.changes) for record in db.session.scalars(query)]

    def row_counts(self) -> dict[str, int]:
        """Return the number of rows of each table without the built-in roles, to check that a refusal left no trace."""
        with self.app.app_context():
            counts = count_rows(db.session.connection())
        return counts | {"roles": counts["roles"] - len(BUILT_IN)}
