"""The database role in docs/deployment.md: Rollcall works with it, and it cannot rewrite the audit trail."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from tests.factories import TESTER
from webapp import create_app
from webapp.audit.actions import Action
from webapp.audit.erasure import erase_details_of
from webapp.audit.queries import latest_records_of
from webapp.audit.services import record
from webapp.audit.verify import verify
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.settings import ROOT, load_settings
from webapp.users.services import create_user, deactivate_user
from webapp.web.api import App

# SQLite has no roles.
pytestmark = pytest.mark.engine("postgresql")
SQL = re.search(r"```sql\n(CREATE ROLE rollcall_app.*?)```", (ROOT / "docs/deployment.md").read_text(), re.DOTALL)
ROLE = f"rollcall_app_{os.getpid()}"


@pytest.fixture
def as_role(app: App, engine: Engine) -> Iterator[App]:
    """An app that connects as the role."""
    assert SQL
    owner = str(engine.url.username)
    statements = SQL[1].replace("rollcall_app", ROLE).replace("FOR ROLE rollcall ", f"FOR ROLE {owner} ")
    with engine.begin() as connection:
        connection.execute(text(statements))
    url = engine.url.set(username=ROLE, password="another long password").render_as_string(hide_password=False)
    limited = create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": url}))
    yield limited
    with limited.app_context():
        db.engine.dispose()
    with engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}"))


def test_the_role_can_create_change_and_erase_people(as_role: App) -> None:
    with as_role.app_context():
        user = create_user(email="anton@example.com", name="Anton", by=TESTER)
        deactivate_user(user.id, by=TESTER)
        other = create_user(email="boris@example.com", name="Boris", by=TESTER)
        with transaction():
            by = Actor(ActorKind.USER, "Anton", user.id)
            record(Action.USER_UPDATED, subject=other, by=by, changes={"name": ("Bob", "Boris")})
        with transaction():
            redactions = erase_details_of(user.id)
            record(Action.USER_PURGED, subject=user, by=TESTER, label="", changes=redactions)
        report = verify()
        assert latest_records_of(other.id, 1)[0].actor_label.startswith("Deleted user ")
    assert (report.findings, report.records, report.erased) == ([], 5, 2)


def test_the_role_cannot_rewrite_the_trail(as_role: App) -> None:
    with as_role.app_context():
        create_user(email="anton@example.com", name="Anton", by=TESTER)
        for statement in (
            "UPDATE audit_records SET action = 'user.created'",
            "DELETE FROM audit_records",
            "TRUNCATE audit_records",
            "UPDATE audit_details SET reason = ''",
            "DELETE FROM audit_heads",
            "DROP TABLE audit_records",
        ):
            refused = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
            with refused, db.engine.begin() as connection:
                connection.execute(text(statement))
            assert verify().findings == [], statement
