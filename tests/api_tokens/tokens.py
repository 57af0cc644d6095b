"""Create tokens as an administrator does, and use them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.clients import Api
from tests.factories import TESTER
from webapp.api_tokens.models import ApiToken
from webapp.api_tokens.services import create_token
from webapp.db.session import db
from webapp.users.queries import get_user
from webapp.users.schemas import UserOut
from webapp.web.api import App


class Tokens:
    def __init__(self, app: App) -> None:
        self.app = app

    def create(self, user: UserOut, *scopes: str, name: str = "test", **options: Any) -> tuple[Api, UUID]:
        """Return a client with a new token, and the ID of the token. Without scopes it has all permissions."""
        with self.app.app_context():
            created = create_token(get_user(user.id), name=name, scopes=scopes or None, by=TESTER, **options)
            return Api(self.app, created.secret), created.row.id

    def row(self, token_id: UUID) -> ApiToken:
        with self.app.app_context():
            return db.session.get_one(ApiToken, token_id)


def code_of(response: Any) -> str:
    return str(response.json["errors"][0]["code"])
