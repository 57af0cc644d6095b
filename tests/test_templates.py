"""Every template compiles, has a title, and needs nothing that the CSP forbids."""

from __future__ import annotations

import re
from pathlib import Path

from webapp.settings import ROOT
from webapp.web.api import App
from webapp.web.templating import precompile_templates

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if path.parent.name not in {"layouts", "components"} and path.name[0] != "_"]
INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", re.IGNORECASE)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


def test_all_templates_are_compiled_in_advance(migrated_app: App) -> None:
    precompile_templates(migrated_app)
    cache = migrated_app.jinja_env.cache
    assert {key[1] for key in cache} >= {name(path) for path in TEMPLATES}


def test_every_page_has_a_title() -> None:
    assert [name(path) for path in PAGES if "{% block title %}" not in path.read_text()] == []


def test_there_are_no_inline_styles_or_scripts() -> None:
    assert [name(path) for path in TEMPLATES if INLINE.search(path.read_text())] == []


def test_every_post_form_has_a_csrf_token() -> None:
    for path in TEMPLATES:
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL):
            assert "csrf_token" in form or "hidden_tag" in form or "csrf_field()" in form, name(path)


def test_static_files_load_nothing_from_other_hosts() -> None:
    for path in (ROOT / "static").rglob("*.*"):
        found = re.findall(r"https?://[^\s\"')]+", path.read_text(errors="replace"))
        assert [address for address in found if "www.w3.org" not in address] == []


def test_scripts_evaluate_no_text_and_set_no_property_that_a_value_names() -> None:
    forbidden = re.compile(
        r"\beval\(|new Function|document\.write|postMessage|__proto__|\w\[[\w.]+\]\s*=[^=]|\(\w+ \w+ in "
    )
    for path in (ROOT / "static").rglob("*.js"):
        assert forbidden.search(path.read_text()) is None, path
