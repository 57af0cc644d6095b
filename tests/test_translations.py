"""Both languages say everything: no text is missing, fuzzy, or compiled from an older state."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from webapp.core.texts import LOCALES
from webapp.settings import ROOT

# English is what the code says; every other language has a catalogue.
TRANSLATED = sorted(set(LOCALES) - {"en"})


def catalog(locale: str) -> Catalog:
    with (ROOT / "webapp" / "translations" / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every text that code and templates say now."""
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
def test_it_has_every_text_and_no_other(template: Catalog, locale: str) -> None:
    said, translated = ({message.id for message in one if message.id} for one in (template, catalog(locale)))
    assert said - translated == set(), "run make texts and translate"
    assert translated - said == set(), "run make texts"


@pytest.mark.parametrize("locale", TRANSLATED)
def test_no_text_is_empty_or_fuzzy(locale: str) -> None:
    for message in catalog(locale):
        if message.id:
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(strings), message.id
            assert not message.fuzzy, message.id


@pytest.mark.parametrize("locale", TRANSLATED)
def test_placeholders_are_kept(locale: str) -> None:
    for message in catalog(locale):
        if message.id and not message.pluralizable:
            assert set(re.findall(r"%\(\w+\)s", message.id)) == set(re.findall(r"%\(\w+\)s", message.string)), (
                message.id
            )


@pytest.mark.parametrize("locale", TRANSLATED)
def test_what_is_compiled_is_what_is_written(locale: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalog(locale))
    path = ROOT / "webapp" / "translations" / locale / "LC_MESSAGES" / "messages.mo"
    assert path.read_bytes() == compiled.getvalue(), "run make texts"
