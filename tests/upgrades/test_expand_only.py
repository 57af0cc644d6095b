"""Migrations since the last release only expand: the released version goes on working on the migrated database.

A column or table that the released version still uses is removed in the version after. A migration that removes what
only newer code used says so in a line `CONTRACTS = "reason"`.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from tests.processes import ROOT

SCRIPTS = ScriptDirectory(str(ROOT / "migrations"))
RELEASED = json.loads((ROOT / "deploy/released.json").read_text())
REMOVING = {"drop_table", "drop_column", "rename_table"}
# Arguments of alter_column that the released version can notice.
CHANGING = {"new_column_name", "type_", "nullable"}
NARROWING_SQL = re.compile(
    r"ALTER TABLE .*\b(DROP (TABLE|COLUMN)|RENAME|SET NOT NULL|TYPE)\b|DROP TABLE", re.IGNORECASE | re.DOTALL
)


def new_migrations() -> list[Path]:
    old = {script.revision for script in SCRIPTS.iterate_revisions(RELEASED["migration"], "base")}
    return [Path(script.path) for script in SCRIPTS.walk_revisions() if script.revision not in old]


@pytest.mark.parametrize("path", new_migrations(), ids=lambda path: path.stem)
def test_a_migration_since_the_release_only_expands(path: Path) -> None:
    assert contractions(path.read_text()) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("op.drop_column('users', 'name')", ["drop_column"]),
        ("batch.alter_column('name', nullable=False)", ["alter_column"]),
        ("batch.alter_column('name', nullable=True)", []),
        ("op.add_column('users', sa.Column('age', sa.Integer(), nullable=False))", ["add_column without default"]),
        ("op.add_column('users', sa.Column('age', sa.Integer(), nullable=False, server_default='0'))", []),
        ("op.execute('DROP TABLE users')", ["execute"]),
        ("op.execute('ALTER TABLE users DROP COLUMN name')", ["execute"]),
        ("op.execute('ALTER TABLE users RENAME name TO title')", ["execute"]),
        ("op.execute('ALTER TABLE users ALTER name SET NOT NULL')", ["execute"]),
        ("op.execute('alter table users alter column age type bigint')", ["execute"]),
        ("op.execute('ALTER TABLE users VALIDATE CONSTRAINT age')", []),
        ("op.create_table('ages', sa.Column('age', sa.Integer(), nullable=False))", []),
    ],
)
def test_a_migration_that_removes_something_is_found(statement: str, found: list[str]) -> None:
    module = f"def upgrade():\n    {statement}\n\ndef downgrade():\n    op.drop_table('users')\n"
    assert contractions(module) == found
    assert contractions(module + "CONTRACTS = 'only 0.2.0 used it'\n") == []


def contractions(source: str) -> list[str]:
    """Return the names of the calls in `upgrade` that remove or narrow something."""
    tree = ast.parse(source)
    names = [ast.unparse(target) for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    if "CONTRACTS" in names:
        return []
    (upgrade,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"]
    calls = [node for node in ast.walk(upgrade) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    return [found for call in calls if (found := contraction(call))]


def contraction(call: ast.Call) -> str:
    name, arguments = call.func.attr, {each.arg: ast.unparse(each.value) for each in call.keywords}
    if name in REMOVING:
        return name
    if name == "alter_column" and arguments.keys() & CHANGING and arguments.get("nullable") != "True":
        return name
    if name == "execute" and NARROWING_SQL.search(ast.unparse(call)):
        return name
    if name == "add_column" and isinstance(column := call.args[-1], ast.Call):
        options = {each.arg: ast.unparse(each.value) for each in column.keywords}
        return "add_column without default" if narrows(options) else ""
    return ""


def narrows(options: dict[str | None, str]) -> bool:
    """Return whether a new column refuses rows of the released version, which does not know it."""
    return options.get("nullable") == "False" and "server_default" not in options
