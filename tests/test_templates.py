"""Every template compiles, has a title, and asks nothing of the browser that the CSP forbids."""

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


def test_they_are_compiled_before_the_first_page_asks_for_them(migrated_app: App) -> None:
    precompile_templates(migrated_app)
    cache = migrated_app.jinja_env.cache
    assert {key[1] for key in cache} >= {name(path) for path in TEMPLATES}


def test_a_page_has_a_title() -> None:
    assert [name(path) for path in PAGES if "{% block title %}" not in path.read_text()] == []


def test_nothing_is_inline() -> None:
    assert [name(path) for path in TEMPLATES if INLINE.search(path.read_text())] == []


def test_a_form_that_posts_carries_the_csrf_token() -> None:
    for path in TEMPLATES:
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL):
            assert "csrf_token" in form or "hidden_tag" in form or "token()" in form, name(path)


def test_our_own_static_files_name_no_other_host() -> None:
    for path in (ROOT / "static").rglob("*.*"):
        found = re.findall(r"https?://[^\s\"')]+", path.read_text(errors="replace"))
        assert [address for address in found if "www.w3.org" not in address] == []
