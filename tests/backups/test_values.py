"""Values in the text format, against PostgreSQL's own COPY."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from webapp.backups.values import lines_of, stored_rows, text_lines

TEXTS = ["", "\\", "\\N", "\\.", "a\tb", "a\nb", "\r\n", "\b\f\v", "Ж😀", '"{},"', "NULL", " x ", "\\x41", "\\\\"]
STORED = {
    "uuid": ["019ac000000070008000000000000001"],
    "time": ["2026-01-02 03:04:05.000000", "9998-12-31 23:59:59.999999", "0001-01-01 00:00:00.100000"],
    "boolean": [True, False],
    "bytes": [b"", b"\x00\\\n\xff"],
    "integer": [0, -1, 2**62],
    "list": [json.dumps(TEXTS[1:]), "[]", '["null", "NULL"]'],
    "text": TEXTS,
}
COLUMNS = {"uuid": "uuid", "time": "timestamptz", "boolean": "boolean", "bytes": "bytea", "integer": "bigint",
           "list": "text[]", "text": "text"}  # fmt: skip


@pytest.mark.engine("postgresql")
@pytest.mark.parametrize("type_", STORED)
def test_a_value_of_sqlite_survives_postgresql(engine: Engine, type_: str) -> None:
    rows = [[value] for value in (*STORED[type_], None)]
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        with driver.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE one (number serial, value {COLUMNS[type_]})")
            cursor.copy_expert("COPY one (value) FROM STDIN", io.BytesIO(text_lines(rows, [type_])))
            copied = io.BytesIO()
            cursor.copy_expert("COPY (SELECT value FROM one ORDER BY number) TO STDOUT", copied)
    back = list(stored_rows(lines_of([copied.getvalue()]), [type_]))
    assert back == rows


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=2, max_size=2)
    )
)
def test_texts_survive_in_frames_of_any_size(rows: list[list[str]]) -> None:
    content = text_lines(rows, ["text", "text"])
    frames = [content[start : start + 3] for start in range(0, len(content), 3)]
    assert list(stored_rows(lines_of(frames), ["text", "text"])) == rows
