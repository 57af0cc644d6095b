"""Translations are complete, up to date, compiled, and use the words of the glossary."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from webapp.core.texts import LOCALES
from webapp.settings import ROOT

# The languages with a catalogue. English is in the code.
TRANSLATED = sorted(set(LOCALES) - {"en"})


def catalog(locale: str) -> Catalog:
    with (ROOT / "webapp" / "translations" / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """All texts of code and templates."""
    path = tmp_path_factory.mktemp("texts") / "messages.pot"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "babel.messages.frontend",
            "--quiet",
            "extract",
            "-F",
            "babel.cfg",
            "-k",
            "_",
            "-k",
            "ngettext:1,2",
            "-k",
            "PluralText:1,2",
            "-o",
            path,
            "webapp",
            "templates",
        ],
        cwd=ROOT,
        check=True,
    )
    with path.open("rb") as file:
        return read_po(file)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_catalogue_has_exactly_the_texts_of_the_code(template: Catalog, locale: str) -> None:
    used, translated = ({message.id for message in each if message.id} for each in (template, catalog(locale)))
    assert used - translated == set(), "run make texts and translate"
    assert translated - used == set(), "run make texts"


@pytest.mark.parametrize("locale", TRANSLATED)
def test_no_text_is_empty_or_fuzzy(locale: str) -> None:
    for message in catalog(locale):
        if message.id:
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(strings), message.id
            assert not message.fuzzy, message.id


@pytest.mark.parametrize("locale", TRANSLATED)
def test_translations_keep_placeholders(locale: str) -> None:
    for message in catalog(locale):
        if message.id and not message.pluralizable:
            assert set(re.findall(r"%\(\w+\)s", message.id)) == set(re.findall(r"%\(\w+\)s", message.string)), (
                message.id
            )


@pytest.mark.parametrize("locale", TRANSLATED)
def test_the_compiled_catalogue_is_up_to_date(locale: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalog(locale))
    path = ROOT / "webapp" / "translations" / locale / "LC_MESSAGES" / "messages.mo"
    assert path.read_bytes() == compiled.getvalue(), "run make texts"


# Its tables have the columns English, Russian, where, and forbidden variants ("…" is any ending).
GLOSSARY = ROOT / "docs" / "design" / "words.md"


def forbidden_variants() -> list[str]:
    rows = [line.strip("|\n").split("|") for line in GLOSSARY.read_text().splitlines() if line.startswith("|")]
    variants = [variant.strip() for *_columns, never in rows for variant in never.split(",")]
    return [variant for variant in variants if variant.strip("-") and variant != "Never"]


def pattern_of(variant: str) -> re.Pattern[str]:
    """Match the variant at the start of a word; only the case of its first letter is free, because "ID" is not "id"."""
    first, rest = variant[0], re.escape(variant[1:].removesuffix("…"))
    end = "" if variant.endswith("…") else r"(?!\w)"
    return re.compile(rf"(?<![\w(])[{first.lower()}{first.upper()}]{rest}{end}")


def forms(text: str | list[str] | tuple[str, ...]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def texts_of(catalog: Catalog) -> list[str]:
    """Return the English forms and their translations, if there are any."""
    return [form for message in catalog if message.id for form in forms(message.id) + forms(message.string) if form]


@pytest.mark.parametrize("locale", TRANSLATED)
def test_texts_use_the_words_of_the_glossary(template: Catalog, locale: str) -> None:
    texts = texts_of(template) + texts_of(catalog(locale))
    variants = forbidden_variants()
    assert len(variants) > 50
    for variant in variants:
        pattern = pattern_of(variant)
        assert [text for text in texts if pattern.search(text)] == [], f"{variant!r} is not a word of {GLOSSARY.name}"


@pytest.mark.parametrize("path", sorted(ROOT.glob("CHANGELOG*.md")), ids=lambda path: path.name)
def test_changelogs_use_the_words_of_the_glossary(path: Path) -> None:
    text = re.sub("`[^`]*`", "", path.read_text(encoding="utf-8"))
    for variant in forbidden_variants():
        assert not pattern_of(variant).search(text), f"{variant!r} is not a word of {GLOSSARY.name}"
    assert not re.search("[«»!]" if path.name == "CHANGELOG.md" else "[“”!]", text)


def test_texts_have_the_quotation_marks_of_their_language(template: Catalog) -> None:
    russian = [form for message in catalog("ru") if message.id for form in forms(message.string)]
    assert [text for text in texts_of(template) if re.search("[«»!]", text)] == []
    assert [text for text in russian if re.search("[“”!]", text)] == []
