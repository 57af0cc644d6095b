"""Registers the factors."""

from __future__ import annotations

from webapp.factors import models  # noqa: F401  the tables belong to the metadata
from webapp.web.api import App


def register(app: App) -> None:
    pass
