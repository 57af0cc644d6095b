"""Tables as spreadsheets, shells and people write them."""

from __future__ import annotations

import pytest

from tests.imports.reading import attribute, recognised, rows_of, targets
from webapp.attributes.models import Kind
from webapp.core.errors import Invalid
from webapp.core.spreadsheets import escape_formula
from webapp.imports.files.mapping import check_mapping
from webapp.imports.files.plain_text import plain_text

EMAILS = (
    "Work Email", "E-mail:", "Email*", "* E-Mail", "Email Address [Required]", "EMAIL_ADDRESS", "e mail", "Эл.почта",
    "Электронная почта (рабочая)", "E-Mail-Adresse", "Courriel", "primaryEmail", "ＥＭＡＩＬ",
)  # fmt: skip
NAMES = ("Ф.И.О", "Ф.И.О.", "ФИО", "Сотрудник", "Full Name", "display_name", "Фамилия Имя Отчество", "Имя")


@pytest.mark.parametrize("email", EMAILS)
def test_headings_of_addresses_are_known(email: str) -> None:
    assert targets(recognised(f"{email};{NAMES[0]}\na@example.org;Ann\n")) == {email: "email", NAMES[0]: "name"}


@pytest.mark.parametrize("name", NAMES)
def test_headings_of_names_are_known(name: str) -> None:
    assert targets(recognised(f"Email\t{name}\na@example.org\tAnn\n")) == {"Email": "email", name: "name"}


@pytest.mark.parametrize(
    ("content", "number"),
    [
        ("\ufeffEmail,Name\na@x.org,Ann\n", 2),
        ("\ufeff\ufeffEmail,Name\r\na@x.org,Ann\r\n", 2),
        ("sep=;\r\nEmail;Name\r\na@x.org;Ann\r\n", 3),
        ('"sep=,"\nEmail,Name\na@x.org,Ann\n', 3),
        ("#TYPE X\nEmail,Name\na@x.org,Ann\n", 3),
        ("# made by hand, with love\n// really\nEmail,Name\na@x.org,Ann\n", 4),
        ("Staff of 2026;;\n\n;;\nEmail;Name;\na@x.org;Ann;\n", 5),
        ("Email,Name\n\n , \na@x.org,Ann,,,\n", 4),
        ('Email , "Name" \n"a@x.org" , "Ann" \n', 2),
        ('Email,Name\n"=""a@x.org""","=""Ann"""\n', 2),
        ('Email,Name\n="a@x.org",="Ann"\n', 2),
        ("Email|Name\ra@x.org|Ann\r", 2),
        ("a@x.org,Ann\n", 1),
        ("Adresse zum Schreiben,Wie er heißt\na@x.org,Ann\n", 2),
    ],
)
def test_a_table_is_read_as_it_is(content: str, number: int) -> None:
    (row,) = rows_of(content)
    assert (row.number, row.email, row.problems) == (number, "a@x.org", ())


def test_a_file_without_headings_has_numbered_columns() -> None:
    info = recognised("a@x.org,Ann\nb@x.org,Ben\n")
    assert info.headings == ("Column 1", "Column 2")
    assert info.samples == (("a@x.org", "b@x.org"), ("Ann", "Ben"))
    assert targets(info) == {"Column 1": "email"}


def test_duplicate_headings_are_asked_about() -> None:
    mapping = recognised("Email,E-mail,Name\na@x.org,b@x.org,Ann\n").mapping
    with pytest.raises(Invalid, match="same meaning: email"):
        check_mapping(mapping)


def test_a_file_without_addresses_is_read_but_cannot_be_used() -> None:
    mapping = recognised("Name,Phone\nAnn,1\n").mapping
    with pytest.raises(Invalid, match=r"Name \| Phone"):
        check_mapping(mapping)
    with pytest.raises(Invalid, match="No column has the field username"):
        check_mapping(mapping, key="username")


@pytest.mark.parametrize(
    ("cell", "kind", "expected"),
    [
        ("28.02.2026", Kind.DATE, "2026-02-28"),
        ("28/02/2026", Kind.DATE, "2026-02-28"),
        ("2/28/26", Kind.DATE, "2026-02-28"),
        ("2026-02-28 00:00:00", Kind.DATE, "2026-02-28"),
        ("2026-02-28T00:00:00Z", Kind.DATE, "2026-02-28"),
        ("28 февраля 2026 г.", Kind.DATE, "2026-02-28"),
        ("28-Feb-2026", Kind.DATE, "2026-02-28"),
        ("February 28, 2026", Kind.DATE, "2026-02-28"),
        ("20260228", Kind.DATE, "2026-02-28"),
        ("02/03/2026", Kind.DATE, None),
        ("2026-02-28 13:30", Kind.DATE, None),
        ("2026-02-30", Kind.DATE, None),
        ("46081", Kind.DATE, None),
        ("1,234", Kind.NUMBER, None),
        ("1.234", Kind.NUMBER, None),
        ("1 234,5", Kind.NUMBER, "1234.5"),
        ("1,234.5", Kind.NUMBER, "1234.5"),
        ("1.234.567", Kind.NUMBER, "1234567"),
        ("12,5", Kind.NUMBER, "12.5"),
        ("-7", Kind.NUMBER, "-7"),
        ("0,125", Kind.NUMBER, "0.125"),
        ("abc", Kind.NUMBER, None),
        ("ИСТИНА", Kind.YES_NO, "yes"),
        ("FALSE", Kind.YES_NO, "no"),
        ("wahr", Kind.YES_NO, "yes"),
        ("maybe", Kind.YES_NO, None),
        ("4.93012E+10", Kind.TEXT, None),
        ("49301234567.0", Kind.TEXT, "49301234567"),
        ("#N/A", Kind.TEXT, None),
        ("'+49 30", Kind.TEXT, "+49 30"),
        ("", Kind.DATE, ""),
    ],
)
def test_a_value_is_read_by_the_type_of_its_column_or_refused(cell: str, kind: Kind, expected: str | None) -> None:
    (row,) = rows_of(f'Email,Value\na@x.org,"{cell}"\n', attributes=[attribute("value", kind)])
    assert row.attributes.get("value") == expected
    assert bool(row.problems) == (expected is None)


def test_one_clear_date_decides_the_order_of_the_column() -> None:
    dates = "Email,Start date\na@x.org,02/03/2026\nb@x.org,28/03/2026\n"
    assert [row.starts_at for row in rows_of(dates)] == ["2026-03-02", "2026-03-28"]


def test_a_column_whose_values_are_something_else_is_ignored() -> None:
    info = recognised("Email,Status,Manager,Start date\na@x.org,штатный,Ivanov I.,soon\n")
    assert targets(info) == {"Email": "email"}


def test_an_unknown_status_among_known_ones_is_refused() -> None:
    content = "Email,Status\na@x.org,Active\nb@x.org,Отключён\nc@x.org,Blocked\nd@x.org,moon\n"
    rows = rows_of(content)
    assert [row.status for row in rows] == ["active", "deactivated", "deactivated", None]
    assert [bool(row.problems) for row in rows] == [False, False, False, True]


def test_roles_that_do_not_exist_are_ignored_with_a_note() -> None:
    content = "Email,Role,Group\na@x.org,member,Staff\n"
    info = recognised(content, is_known=lambda target, name: name == "Staff")
    assert targets(info) == {"Email": "email", "Group": "groups"}
    assert info.notes == ("Roles and groups that do not exist here are ignored: Role",)
    (row,) = rows_of(content, info.mapping)
    assert (row.roles, row.groups) == (None, ("Staff",))


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30", "-Rita", "@x", "'=x", "''=x", "'t Hooft", '="a"', "＝1", "O'Neill", "'", ""]
)
def test_texts_that_an_export_protects_are_read_back(text: str) -> None:
    assert plain_text(escape_formula(text)) == text
