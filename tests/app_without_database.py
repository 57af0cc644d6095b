"""The app whose routes, commands and description tests read while they are collected. It gets no requests."""

from __future__ import annotations

from webapp import create_app
from webapp.settings import load_settings

APP = create_app(load_settings({"APP_ENV": "testing"}))
