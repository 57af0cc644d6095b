"""The words of names, from which a search without matches suggests others."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db.session import Model
from webapp.db.types import key_string

WORD_MIN, WORD_MAX = 3, 40


class NameWord(Model):
    """A word of the names of people outside the bin.

    A job updates the table, so that changes of people never wait for each other. `reverse` is the word backwards: its
    index finds words by their end. `run` is the run of the job that counted `people` last.
    """

    __tablename__ = "name_words"
    __table_args__ = (Index(None, "reverse"),)

    word: Mapped[str] = mapped_column(key_string(WORD_MAX), primary_key=True)
    reverse: Mapped[str] = mapped_column(key_string(WORD_MAX))
    spelling: Mapped[str] = mapped_column(String(WORD_MAX))
    people: Mapped[int]
    run: Mapped[int] = mapped_column(BigInteger)
