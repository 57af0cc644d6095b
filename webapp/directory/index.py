"""Selects the module for the search index of the current database. The modules have the same names."""

from __future__ import annotations

from types import ModuleType

from webapp.db.session import db
from webapp.directory import index_postgresql, index_sqlite

_MODULES = {"postgresql": index_postgresql, "sqlite": index_sqlite}


def search_index() -> ModuleType:
    return _MODULES[db.engine.dialect.name]
