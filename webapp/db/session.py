"""The database session and the base of all models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.orm import DeclarativeBase

# Keys of `session.info`: the session is in `transaction()`; it has committed a change; the engine of the replica that a
# request reads from.
IN_TRANSACTION = "in_transaction"
WRITTEN = "written"
REPLICA = "replica"
# Execution options of an UPDATE or DELETE that leaves the objects of the session as they are.
NO_SYNC: dict[str, Any] = {"synchronize_session": False}
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class RoutedSession(Session):
    """Uses the replica of the request until the request changes something, and never in a transaction."""

    def get_bind(
        self,
        mapper: Any = None,
        clause: Any = None,
        bind: Engine | Connection | None = None,
        **options: Any,
    ) -> Engine | Connection:
        replica: Engine | None = self.info.get(REPLICA)
        if bind is None and replica and not self.info.get(IN_TRANSACTION) and not self.info.get(WRITTEN):
            return replica
        return super().get_bind(mapper=mapper, clause=clause, bind=bind, **options)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "class_": RoutedSession})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
