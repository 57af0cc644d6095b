"""People correct what a column means: other fields, constants, split and joined names, replaced values, formats."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.imports.reading import attribute, recognised, rows_of
from webapp.attributes.models import Kind
from webapp.core.errors import Invalid
from webapp.imports.files.mapping import FAMILY_FIRST, GIVEN_FIRST, Column, Mapping

TABLE = "Who,Mail,State,Cost,Since,Team\n"


def row_with(line: str, *columns: Column, **options: object) -> object:
    attributes = [attribute("cost", Kind.NUMBER), attribute("given"), attribute("family")]
    mapping = Mapping((Column("Who", "name"), Column("Mail", "email"), *columns), **options)  # type: ignore[arg-type]
    (row,) = rows_of(f"{TABLE}{line}\n", mapping, attributes=attributes)
    return row


def test_a_mapping_survives_json() -> None:
    mapping = Mapping(
        (Column("A", "email", True, {"x": "y"}, "dmy", "comma", FAMILY_FIRST, "attributes.given"),),
        FAMILY_FIRST,
        {"roles": "Auditor"},
    )
    assert Mapping.from_json(mapping.to_json()) == mapping


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"columns": 3},
        {"columns": [{"target": "email"}]},
        {"columns": [{"heading": "x", "target": "nope"}]},
        {"columns": [{"heading": "x", "dates": "soon"}]},
        {"columns": [{"heading": "x", "target": "email", "values": ["a"]}]},
        {"columns": [{"heading": 5, "target": ["email"]}]},
        {"columns": [], "constants": {"nope": "x"}},
        {"columns": [], "constants": {"email": 7}},
        {"columns": [], "name_order": "random"},
        {"columns": [{"heading": "x", "surprise": 1}]},
    ],
)
def test_a_mapping_that_is_not_valid_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Mapping.from_json(data)


@pytest.mark.parametrize(
    ("full", "split", "order", "name"),
    [
        ("Орлова Дарья Ильинична", FAMILY_FIRST, GIVEN_FIRST, "Дарья Ильинична Орлова"),
        ("Ludwig van Beethoven", GIVEN_FIRST, FAMILY_FIRST, "van Beethoven Ludwig"),
        ('"Lund, Nora"', GIVEN_FIRST, GIVEN_FIRST, "Nora Lund"),
        ("Pelé", GIVEN_FIRST, GIVEN_FIRST, "Pelé"),
        ("von Trapp Maria", FAMILY_FIRST, GIVEN_FIRST, "Maria von Trapp"),
    ],
)
def test_a_full_name_is_split(full: str, split: str, order: str, name: str) -> None:
    mapping = recognised(f"Name,Email\n{full},a@x.org\n").mapping
    first, *others = mapping.columns
    mapping = replace(mapping, columns=(replace(first, split=split), *others), name_order=order)
    (row,) = rows_of(f"Name,Email\n{full},a@x.org\n", mapping)
    assert row.name == name


def test_the_parts_of_a_name_can_be_attributes() -> None:
    column = Column("Who", "name", split=FAMILY_FIRST, given="attributes.given", family="attributes.family")
    (row,) = rows_of(f"{TABLE}Berg Anna,a@x.org\n", Mapping((column, Column("Mail", "email"))))
    assert (row.name, row.attributes) == ("Anna Berg", {"given": "Anna", "family": "Berg"})


@pytest.mark.parametrize(("order", "name"), [(GIVEN_FIRST, "Пётр Ёлкин"), (FAMILY_FIRST, "Ёлкин Пётр")])
def test_given_and_family_name_are_joined_in_either_order(order: str, name: str) -> None:
    content = "Имя;Фамилия;Почта\nПётр;Ёлкин;p@x.org\n"
    (row,) = rows_of(content, replace(recognised(content).mapping, name_order=order))
    assert row.name == name


def test_values_are_replaced_without_regard_to_case() -> None:
    row = row_with("Ann,a@x.org,ШТАТ", Column("State", "status", values={"штат": "active"}))
    assert (row.status, row.problems) == ("active", ())


def test_a_constant_fills_what_a_row_does_not_have() -> None:
    constants = {"roles": "Auditor; Helpdesk", "name": "Unnamed", "attributes.cost": "5"}
    row = row_with(",a@x.org", constants=constants)
    assert (row.roles, row.name, row.attributes) == (("Auditor", "Helpdesk"), "Unnamed", {"cost": "5"})
    assert row_with("Ann,a@x.org", constants=constants).name == "Ann"


@pytest.mark.parametrize(("numbers", "cost"), [("comma", "1.234"), ("point", "1234")])
def test_a_number_format_decides_what_is_ambiguous(numbers: str, cost: str) -> None:
    column = Column("Cost", "attributes.cost", numbers=numbers)
    assert row_with('Ann,a@x.org,,"1,234"', Column("State"), column).attributes == {"cost": cost}


@pytest.mark.parametrize(("dates", "day"), [("dmy", "2026-03-02"), ("mdy", "2026-02-03")])
def test_a_date_format_decides_what_is_ambiguous(dates: str, day: str) -> None:
    column = Column("Since", "starts_at", dates=dates)
    assert row_with("Ann,a@x.org,,,02/03/2026", Column("State"), Column("Cost"), column).starts_at == day


@pytest.mark.parametrize("cell", ["A; B", "A|B", '"A, B"', '"A\nB"', '"""A"", B"'])
def test_lists_have_several_separators(cell: str) -> None:
    columns = [Column(heading) for heading in ("State", "Cost", "Since")]
    assert row_with(f"Ann,a@x.org,,,,{cell}", *columns, Column("Team", "groups")).groups == ("A", "B")


def test_a_saved_mapping_fits_another_file_by_heading() -> None:
    saved = Mapping((Column("Who", "name"), Column("Mail", "email")), FAMILY_FIRST)
    fitted = saved.fit(["Mail", "New", "Who"])
    assert [column.target for column in fitted.columns] == ["email", "ignore", "name"]
    assert fitted.name_order == FAMILY_FIRST


def test_missing_cells_say_nothing_and_empty_cells_empty_a_field() -> None:
    content = "Email,Name,Username,Department\na@x.org\nb@x.org,,,\n"
    missing, empty = rows_of(content, attributes=[attribute("department")])
    assert (missing.name, missing.username, missing.attributes) == (None, None, {})
    assert (empty.name, empty.username, empty.attributes) == ("", "", {"department": ""})
