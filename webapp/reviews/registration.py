"""Registers access reviews."""

from __future__ import annotations

from webapp.reviews.pages import reviews_pages
from webapp.web.api import App


def register(app: App) -> None:
    app.register_blueprint(reviews_pages)
