"""A factory of groups, roles and grants. It calls the services, as pages do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access import powers, services
from webapp.core.permissions import Powers
from webapp.groups.services import create_group
from webapp.roles.services import create_role
from webapp.users.schemas import UserOut
from webapp.web.api import App


class Access:
    """Create groups and roles, and give them to people."""

    def __init__(self, app: App, people: People) -> None:
        self.app = app
        self.people = people

    def group(self, name: str, **fields: Any) -> UUID:
        with self.app.app_context():
            return create_group(name=name, by=TESTER, **fields).id

    def role(self, name: str, *permissions: str) -> UUID:
        with self.app.app_context():
            return create_role(name=name, permissions=permissions, by=TESTER).id

    def grant(self, role_id: UUID, **options: Any) -> UUID:
        with self.app.app_context():
            return services.grant_role(role_id, by=TESTER, **options).id

    def add_member(self, group_id: UUID, user_id: UUID, **options: Any) -> UUID:
        with self.app.app_context():
            return services.add_member(group_id, user_id, by=TESTER, **options).id

    def powers_of(self, user_id: UUID) -> Powers:
        with self.app.app_context():
            return powers.powers_of(user_id)

    def browser_of(self, user: UserOut) -> Browser:
        """Return a browser in which this person is signed in. They need a password (see `person`)."""
        return Browser(self.app).signed_in_as(user.email)

    def person(self, name: str, **fields: Any) -> UserOut:
        return self.people.create(name=name, password=self.people.password, **fields)
