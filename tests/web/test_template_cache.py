"""Servers keep compiled templates on the disk, and start without them if they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from webapp.web.template_cache import TemplateCache

pytestmark = pytest.mark.one_engine


def rendered(instance: Path, text: str) -> str:
    """Render a template as the first page of a new process does."""
    environment = Environment(loader=DictLoader({"page": text}), bytecode_cache=TemplateCache(instance))
    return environment.get_template("page").render()


def test_a_template_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rendered(tmp_path, "first") == "first"
    monkeypatch.setattr(Environment, "compile", None)
    assert rendered(tmp_path, "first") == "first"


def test_a_changed_template_is_compiled_again(tmp_path: Path) -> None:
    assert [rendered(tmp_path, text) for text in ("first", "second")] == ["first", "second"]


def test_compiled_templates_of_other_versions_are_removed(tmp_path: Path) -> None:
    older = tmp_path / "templates-0123456789ab"
    older.mkdir()
    rendered(tmp_path, "first")
    (folder,) = tmp_path.iterdir()
    assert folder != older
    assert folder.stat().st_mode & 0o077 == 0


def test_without_a_folder_to_write_it_works() -> None:
    assert rendered(Path("/proc/instance"), "first") == "first"
