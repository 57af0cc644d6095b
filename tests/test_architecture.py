"""The code matches ARCHITECTURE.md."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from webapp.settings import ROOT, Settings

SOURCES = sorted((ROOT / "webapp").rglob("*.py"))
PACKAGES = sorted(path.name for path in (ROOT / "webapp").iterdir() if (path / "__init__.py").exists())


def test_the_import_contracts_hold() -> None:
    result = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


def test_only_settings_reads_the_environment() -> None:
    for path in SOURCES:
        if path.name == "settings.py":
            continue
        read = {f"{node.value.id}.{node.attr}" for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)}  # fmt: skip
        assert not read & {"os.environ", "os.getenv"}, path


def test_only_the_database_package_commits() -> None:
    for path in SOURCES:
        if path.name != "transactions.py":
            assert ".commit()" not in path.read_text(), path


def test_no_code_evaluates_text_or_starts_a_shell() -> None:
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        modules = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        assert not called & {"eval", "exec", "compile", "os.system", "os.popen", "render_template_string"}, path
        assert not modules & {"pickle", "marshal", "shelve", "xml", "xml.etree.ElementTree"}, path
        # `compose` with SafeLoader only builds nodes.
        assert not {name for name in called if name.startswith("yaml.") and "load" in name}, path
        assert "shell=True" not in path.read_text(), path


def test_every_setting_is_documented() -> None:
    documented = (ROOT / "docs" / "settings.md").read_text()
    missing = [name.upper() for name in Settings.model_fields if f"`{name.upper()}`" not in documented]
    assert not missing
    assert all(field.description for field in Settings.model_fields.values())


def test_every_package_is_in_the_architecture() -> None:
    architecture = (ROOT / "ARCHITECTURE.md").read_text()
    assert [name for name in PACKAGES if f"`{name}`" not in architecture] == []


def test_every_command_of_the_makefile_is_in_the_readme_or_contributing() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = [line.partition(":")[0] for line in makefile.splitlines() if "  ## " in line]
    told = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    assert [target for target in targets if f"make {target}" not in told and target != "help"] == []
