"""The encoding of a file is detected by its content. If two fit, both are offered: never mojibake."""

from __future__ import annotations

import pytest

from tests.imports.reading import recognised, rows_of
from webapp.core.errors import Invalid


@pytest.mark.parametrize(
    ("encoding", "heading", "name"),
    [
        ("utf-8", "Name", "Ёлкин Пётр"),
        ("utf-16-le", "Name", "Ёлкин Пётр"),
        ("utf-16-be", "Name", "Ann Berg"),
        ("utf-32", "Name", "Ёлкин Пётр"),
        ("cp1251", "Name", "Ёлкин Пётр"),
        ("cp1251", "ФИО", "ann"),
        ("cp1251", "Name", "Їжак Ганна"),
        ("koi8-r", "Name", "Павел Зимин"),
        ("koi8-r", "ФИО", "ЁЛКИН ПЁТР"),
        ("cp866", "Name", "Ёлкин Пётр"),
        ("iso8859-5", "Ф.И.О.", "Ёлкин Пётр"),
        ("mac-cyrillic", "ФИО", "Ёлкин Пётр"),
        ("cp1250", "Name", "Dvořáková Růžena"),
        ("cp1250", "Name", "Łukasz Wiśniewski"),
        ("cp1252", "Name", "Jörg Weiß, Müller"),
        ("cp1253", "Name", "Γιώργος Παπαδόπουλος"),
        ("cp932", "Name", "山田太郎 メール"),
    ],
)
def test_an_encoding_is_detected(encoding: str, heading: str, name: str) -> None:
    content = f"E-mail;{heading}\na@example.com;{name}\n".encode(encoding)
    (row,) = rows_of(content)
    assert row.name == name
    assert len(recognised(content).encodings) == 1


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "Søren Hélène"),
        ("cp1252", "José Peña"),
        ("koi8-r", "ЁЛКИН ПЁТР"),
        ("koi8-r", "Ёлкин Пётр"),
        ("gb18030", "張偉 王小明"),
    ],
)
def test_several_encodings_that_fit_are_offered(encoding: str, name: str) -> None:
    content = f"E-mail;Name\na@example.com;{name}\n".encode(encoding)
    assert encoding in (encodings := recognised(content).encodings)
    assert len(encodings) > 1
    (row,) = rows_of(content, encoding=encoding)
    assert (row.name, recognised(content, encoding=encoding).encodings) == (name, (encoding,))


def test_text_beyond_the_first_part_counts() -> None:
    lines = "".join(f"p{n}@example.com;Plain {n}\n" for n in range(9000))
    content = f"E-mail;Name\n{lines}a@example.com;Пётр Ёлкин\n".encode("cp1251")
    assert rows_of(content)[-1].name == "Пётр Ёлкин"


@pytest.mark.parametrize(
    "encoding", ["nope", "zlib", "rot13", "idna", "utf-7", "undefined", "x" * 999, "utf-8", "utf-16"]
)
def test_an_encoding_that_does_not_fit_is_refused(encoding: str) -> None:
    with pytest.raises(Invalid) as error:
        recognised("E-mail;Имя\na@example.com;Пётр\n".encode("cp1251") + b"\x98", encoding=encoding)
    assert error.value.problems[0].field == "encoding"
    assert len(error.value.message) < 100


@pytest.mark.parametrize("content", [bytes(range(256)) * 20, b"\x00" * 99])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="not text"):
        recognised(content)
