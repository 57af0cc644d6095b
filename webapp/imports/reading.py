"""CSV files as people have them: any common encoding and delimiter, headings in English or Russian."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from webapp.attributes.models import FIELD_PREFIX
from webapp.core.errors import Invalid
from webapp.core.text import caseless_key
from webapp.core.texts import _

DELIMITERS = ",;\t|"
SAMPLE = 64 * 1024
# Of every 100 characters of a UTF-16 text without its mark, this many bytes at least are zero.
UTF16_ZEROS = 20
HEADINGS = {
    "email": ("email", "e-mail", "mail", "email address", "e-mail address", "эл. почта", "электронная почта",
              "почта", "адрес электронной почты", "имейл", "e-mail адрес"),
    "username": ("username", "user name", "login", "account", "логин", "имя пользователя", "учётная запись"),
    "name": ("name", "full name", "display name", "displayname", "фио", "ф.и.о.", "имя и фамилия", "полное имя"),
    "given_name": ("first name", "given name", "givenname", "firstname", "имя"),
    "middle_name": ("middle name", "patronymic", "отчество"),
    "surname": ("last name", "surname", "family name", "lastname", "sn", "фамилия"),
}  # fmt: skip
FIELDS = {caseless_key(heading): column for column, headings in HEADINGS.items() for heading in headings}


@dataclass(frozen=True)
class Row:
    """One person as a file has them. `number` counts records; the heading is 1."""

    number: int
    email: str = ""
    name: str = ""
    username: str = ""
    problem: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A file that was understood; `ignored` are the headings that Rollcall has no field for."""

    encoding: str
    delimiter: str
    ignored: list[str]
    rows: Iterator[Row]


def read_csv(data: bytes, *, attributes: Mapping[str, str] | None = None) -> Table:
    """Raises Invalid when the file is empty, not text, or has no heading for the e-mail.

    `attributes` are those that an organisation defined: what a heading may call them → key.
    """
    text, encoding = decoded(data)
    if not text.strip():
        raise Invalid(_("The file is empty"))
    delimiter = _delimiter(text)
    # Strict: a quote that is never closed would swallow the rows after it without a word.
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        number, headings = next((n, row) for n, row in enumerate(records, 1) if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise Invalid(_("The header row cannot be read: %(why)s", why=error)) from None
    defined = {_plain(name): FIELD_PREFIX + name_key for name, name_key in (attributes or {}).items()}
    fields = [(defined | FIELDS).get(_plain(heading), "") for heading in headings]
    if "email" not in fields:
        raise Invalid(_("No column has the e-mail address. The first row is: %(line)s", line=" | ".join(headings)))
    if twice := {name for name in fields if name and fields.count(name) > 1}:
        raise Invalid(_("Two columns have the same meaning: %(fields)s", fields=", ".join(sorted(twice))))
    ignored = [heading for heading, name in zip(headings, fields, strict=True) if not name]
    return Table(encoding, delimiter, ignored, _rows(records, fields, number))


def _plain(heading: str) -> str:
    return caseless_key(heading.replace("_", " "))


def decoded(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: by its mark, else UTF-8, else UTF-16 by its zeros, else cp1251.

    The order decides: text in cp1251 is almost never valid UTF-8, while anything is valid cp1251.
    """
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    marked = next((encoding for mark, encoding in marks.items() if data.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", *_utf16(data[:SAMPLE]), "cp1251"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, encoding
    raise Invalid(_("The file is not text in UTF-8, UTF-16 or Windows-1251"))


def _utf16(sample: bytes) -> list[str]:
    if sample.count(0) * 100 < len(sample) * UTF16_ZEROS:
        return []
    return ["utf-16-be" if sample[::2].count(0) > sample[1::2].count(0) else "utf-16-le"]


def _delimiter(text: str) -> str:
    """The one that the heading line has most of, outside quotes."""
    line = text.lstrip().splitlines()[0]
    plain = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=plain.count)


def _rows(records: Iterator[list[str]], fields: list[str], number: int) -> Iterator[Row]:
    while True:
        number += 1
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, problem=str(_("This row cannot be read: %(why)s", why=error)))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        problem = ""
        if len(cells) > len(fields):
            problem = str(
                _(
                    "This row has %(cells)s cells but the header row has %(headings)s",
                    cells=len(cells),
                    headings=len(fields),
                )
            )
        yield _person(number, dict(zip(fields, cells, strict=False)), problem)


def _person(number: int, cells: dict[str, str], problem: str) -> Row:
    parts = [cells.get(part, "").strip() for part in ("given_name", "middle_name", "surname")]
    name = cells.get("name", "").strip() or " ".join(part for part in parts if part)
    attributes = {
        name.removeprefix(FIELD_PREFIX): cell for name, cell in cells.items() if name.startswith(FIELD_PREFIX)
    }
    return Row(number, cells.get("email", ""), name, cells.get("username", "").strip(), problem, attributes)
