"""Registers the page “What's new”."""

from __future__ import annotations

from webapp.news.pages import has_news, news_pages
from webapp.web.api import App


def register(app: App) -> None:
    app.register_blueprint(news_pages)
    app.jinja_env.globals["has_news"] = has_news
