"""Importing files that are large, malformed or made to hang the command."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from click.testing import Result

from tests.factories import People
from webapp.imports.files import read_rows, recognise
from webapp.web.api import App


def imported(app: App, path: Path | str, **options: object) -> Result:
    return app.test_cli_runner().invoke(args=["users", "import", str(path)], **options)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"\n\n \n", "The file is empty"),
        (b",,,,\n,,,,\n", "The file is empty"),
        (b"," * 100_000, "The file is empty"),
        (b'""\n', "The file is empty"),
        (b",".join([b"email"] * 300_000), "line"),
        (b",".join([b"email"] * 3_000), "more than 1000 columns"),
        (b"email,name,name\n", "Two columns have the same meaning: name"),
        (b"x" * 3_000_000, "more than 1048576 characters"),
        (b"\xef\xbb\xbf", "The file is empty"),
        (b"\xff\xfe", "The file is empty"),
        (b"\xff\xfex", "The file is not text"),
        (b"email\x00name\n", "The header row cannot be read"),
    ],
)
@pytest.mark.one_engine
def test_an_unusable_file_is_refused_in_one_sentence(
    app: App, people: People, tmp_path: Path, content: bytes, message: str
) -> None:
    before = people.row_counts()
    (tmp_path / "people.csv").write_bytes(content)
    result = imported(app, tmp_path / "people.csv")
    assert (result.exit_code, message in result.output) == (1, True), result.output[:1000]
    assert len(result.output) < 2000
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_a_row_that_is_too_long_is_refused_and_the_next_one_is_created(
    app: App, people: People, tmp_path: Path
) -> None:
    long_row = b"long@example.com," + b"x" * 3_000_000
    (tmp_path / "people.csv").write_bytes(b"email,name\n" + long_row + b"\nanna@example.com,Anna\n")
    result = imported(app, tmp_path / "people.csv")
    assert "row 2" in result.output
    assert "1 created, 1 refused" in result.output
    assert people.row(email="anna@example.com")


@pytest.mark.one_engine
def test_a_file_can_come_from_a_pipe(app: App, people: People) -> None:
    result = imported(app, "-", input="email,name\nanna@example.com,Анна\n")
    assert "1 created." in result.output


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251"])
def test_a_large_file_is_read_in_parts(tmp_path: Path, encoding: str) -> None:
    rows, path = 10_000, tmp_path / "people.csv"
    with path.open("w", encoding=encoding) as file:
        file.write("почта;имя и фамилия\n")
        file.writelines(f"person{n}@example.com;Анна Петровна Иванова-Сидорова {n}\n" for n in range(rows))
    tracemalloc.start()
    with path.open("rb") as file:
        info = recognise(file)
        assert sum(1 for _row in read_rows(file, info, info.mapping)) == rows
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # A list of all rows takes over 5 MB, one part at a time less than 2 MB.
    assert peak < 3_000_000
