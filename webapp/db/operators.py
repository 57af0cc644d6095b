"""`among`: an `IN` with one parameter for any number of ids."""

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
    """Many ids as one value: an array of PostgreSQL's, or a JSON list for SQLite."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Collection[UUID] | None, dialect: Dialect) -> str:
        if dialect.name == "postgresql":
            return "{" + ",".join(map(str, value or ())) + "}"
        return json.dumps([each.hex for each in value or ()])


class in_ids(FunctionElement[bool]):  # noqa: N801  reads as an operator
    """`among(User.id, ids)`: what `in_` finds, by one parameter: the statement is made once for any number."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Any, ids: Collection[UUID] | str) -> None:
        """`ids`, or the name of the parameter by which they are given later."""
        if isinstance(ids, str):
            super().__init__(column, bindparam(ids, type_=_Ids()))
        else:
            super().__init__(column, bindparam("ids", ids, type_=_Ids(), unique=True))

    def self_group(self, against: Any = None) -> in_ids:
        """As it stands among other conditions: the `= 1` that SQLAlchemy would add keeps SQLite from its index."""
        return self


@compiles(in_ids, "postgresql")
def _among_array(element: in_ids, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY(CAST({ids} AS UUID[]))"


@compiles(in_ids, "sqlite")
def _among_list(element: in_ids, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608  both were compiled
