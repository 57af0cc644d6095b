"""Chooses language and time zone of a request, and translates texts of templates."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import has_request_context, request, session
from flask_babel import Babel
from markupsafe import Markup
from werkzeug import Request

from webapp.core.formats import babel_locale
from webapp.core.texts import (
    DEFAULT_LOCALE,
    DEFAULT_TIMEZONE,
    LOCALES,
    TRANSLATIONS,
    language,
    load_translations,
    translate,
)
from webapp.web.app import App
from webapp.web.contexts import Choices
from webapp.web.error_pages import is_api_request
from webapp.web.guards import signed_in_user

DAY_BEFORE_MONTH = frozenset({"gb", "ie", "au", "nz", "za", "in"})


def init_languages(app: App) -> None:
    # Flask-Babel translates messages of WTForms and formats dates of charts. Other texts use core/texts.py.
    Babel(
        app,
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=language,
        timezone_selector=select_timezone,
    )
    app.registry.add(Choices(select_language, select_format_locale, select_timezone))
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of the i18n extension that Babel adds
        gettext=lambda text: load_translations(language()).ugettext(text),
        ngettext=lambda one, many, count: load_translations(language()).ungettext(one, many, count),
        pgettext=lambda context, text: load_translations(language()).upgettext(context, text),
        npgettext=lambda context, one, many, count: load_translations(language()).unpgettext(context, one, many, count),
        newstyle=True,
    )

    def text(text: str, /, **values: Any) -> Markup:
        """Translate a text. Jinja's own `_` makes four calls for each text."""
        return _pattern(text, language()) % values if values else _constant(text, language())

    app.jinja_env.globals["_"] = text


@lru_cache(maxsize=4096)
def _pattern(text: str, locale: str) -> Markup:
    return Markup(translate(text))  # noqa: S704  our own texts, which Jinja trusts too


@lru_cache(maxsize=4096)
def _constant(text: str, locale: str) -> Markup:
    return _pattern(text, locale) % {}


def select_language() -> str:
    """Return the first of: `?lang`, the preference of the user, the choice in this session, the browser."""
    if not has_request_context():
        return DEFAULT_LOCALE
    if (wanted := request.args.get("lang")) in LOCALES:
        if not is_api_request():
            session["lang"] = wanted
        return str(wanted)
    own = getattr(signed_in_user(), "locale", None)
    return own or session.get("lang") or browser_language(request)


def browser_language(request: Request) -> str:
    """Return the language of LOCALES that the browser prefers."""
    return request.accept_languages.best_match(list(LOCALES)) or DEFAULT_LOCALE


def select_format_locale() -> str:
    """Return the locale of dates and times: the language, but `en_GB` if the browser's English writes 24 Nov 2026."""
    if language() != "en" or not has_request_context():
        return language()
    variants = [tag.casefold() for tag in request.accept_languages.values() if tag.casefold().startswith("en-")]
    return "en_GB" if variants and variants[0].partition("-")[2] in DAY_BEFORE_MONTH else language()


def select_timezone() -> str:
    return getattr(signed_in_user(), "timezone", None) or DEFAULT_TIMEZONE


def text_direction() -> str:
    return _text_direction(language())


@lru_cache
def _text_direction(locale: str) -> str:
    return babel_locale(locale).text_direction
