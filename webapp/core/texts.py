"""Texts in the viewer's language. English is in the code, Russian in `webapp/translations/ru`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import available_timezones

from babel.support import LazyProxy, Translations
from markupsafe import escape

from webapp.core.context import current_context

LOCALES = {"en": "English", "ru": "Русский"}
DEFAULT_LOCALE = "en"
DEFAULT_TIMEZONE = "UTC"
TRANSLATIONS = Path(__file__).parents[1] / "translations"
LOCALE_MAX = 8
TIMEZONE_MAX = 64
_UTC_NAMES = frozenset({"utc", "etc/utc", "uct", "etc/uct", "universal", "etc/universal", "zulu", "etc/zulu"})


class LazyText(LazyProxy):
    """A text that is translated each time it is shown."""

    def __html__(self) -> str:
        """Return the escaped text: values of placeholders can contain markup. Flask calls this for flashed messages."""
        return escape(str(self))

    def __hash__(self) -> int:
        return hash(str(self))


def _(text: str, **values: Any) -> str:
    """Return `text`, translated when it is displayed. `values` fill its %(placeholders)s."""
    return cast(str, LazyText(translate, text, enable_cache=False, **values))


def translate(text: str, **values: Any) -> str:
    """Return `text` in the current language. `values` fill its %(placeholders)s."""
    translated = _translated(text, language())
    return translated % values if values else translated


def pgettext(context: str, text: str, **values: Any) -> str:
    """Return `text`, translated when it is displayed. Equal texts can have one translation for each `context`."""
    return cast(str, LazyText(_translate_in_context, context, text, enable_cache=False, **values))


def _translate_in_context(context: str, text: str, **values: Any) -> str:
    translated = str(load_translations(language()).upgettext(context, text))
    return translated % values if values else translated


def ngettext(one: str, many: str, number: int, **values: Any) -> str:
    """Return the plural form for `number` in the current language. `number` fills %(num)s, `values` the others."""
    return str(load_translations(language()).ungettext(one, many, number)) % ({"num": number} | values)


# Cached, because Flask-Babel looks up the catalogue for each text, and a page has hundreds of texts.
@lru_cache
def load_translations(locale: str) -> Any:
    return Translations.load(TRANSLATIONS, [locale])


@lru_cache(maxsize=4096)
def _translated(text: str, locale: str) -> str:
    return str(load_translations(locale).ugettext(text))


def language() -> str:
    """Return the language of the current viewer, a key of LOCALES. It is chosen once for each app context."""
    context = current_context.get()
    if context is None:
        return DEFAULT_LOCALE
    if context.language is None:
        context.language = context.choose_language()
    return context.language


def in_all_languages(text: str) -> list[str]:
    """Return the English text, which has no placeholders, and its translations."""
    return [_translated(text, locale) for locale in LOCALES]


@contextmanager
def use_language(locale: str) -> Iterator[None]:
    """Translate texts and format dates and numbers in `locale` inside the block."""
    context = current_context.get()
    if context is None:
        raise RuntimeError("This needs an app context.")
    before = context.language, context.viewer
    context.language, context.viewer = locale, None
    try:
        yield
    finally:
        context.language, context.viewer = before


def find_locale(name: str) -> str | None:
    """Return the language of LOCALES that `name` means, for example `en` for `en-US`. Return None if there is none."""
    locale = name.strip().replace("_", "-").partition("-")[0].casefold()
    return locale if locale in LOCALES else None


def find_timezone(name: str) -> str | None:
    """Return the time zone that `name` means, in any case: `UTC` for `Etc/UTC`, `Europe/Berlin` for `europe/berlin`."""
    key = name.strip().casefold()
    return DEFAULT_TIMEZONE if key in _UTC_NAMES else _timezones_by_key().get(key)


@lru_cache
def _timezones_by_key() -> dict[str, str]:
    return {name.casefold(): name for name in timezones()}


@lru_cache
def timezones() -> tuple[str, ...]:
    """Return the IANA names of the time zones that people can choose."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))
