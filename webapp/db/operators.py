"""`in_ids`: an `IN` with one parameter for any number of IDs."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Dialect, Text, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Ids(TypeDecorator[Collection[UUID]]):
    """Many IDs as one parameter: an array on PostgreSQL, a JSON list on SQLite."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Collection[UUID] | None, dialect: Dialect) -> str:
        if dialect.name == "postgresql":
            return "{" + ",".join(map(str, value or ())) + "}"
        return json.dumps([each.hex for each in value or ()])


class in_ids(FunctionElement[bool]):  # noqa: N801  reads as an operator
    """`in_ids(User.id, ids)` matches the same rows as `User.id.in_(ids)`, with one statement for any number of IDs."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Any, ids: Collection[UUID] | str) -> None:
        """`ids` are the IDs, or the name of a parameter that is bound when the statement runs."""
        if isinstance(ids, str):
            super().__init__(column, bindparam(ids, type_=_Ids()))
        else:
            super().__init__(column, bindparam("ids", ids, type_=_Ids(), unique=True))

    def self_group(self, against: Any = None) -> in_ids:
        """Add nothing inside other conditions. SQLAlchemy would add `= 1`, and SQLite would not use the index."""
        return self


@compiles(in_ids, "postgresql")
def _compile_for_postgresql(element: in_ids, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY(CAST({ids} AS UUID[]))"


@compiles(in_ids, "sqlite")
def _compile_for_sqlite(element: in_ids, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608  SQLAlchemy compiled both parts
