"""The fragment cache of templates."""

from __future__ import annotations

from flask import render_template_string

from webapp.core.texts import LOCALES
from webapp.web.api import App

COUNTED = "{% cache key %}{{ count() }} {{ _('Users') }}{% endcache %}"


def counting() -> tuple[list[None], dict[str, object]]:
    calls: list[None] = []

    def count() -> int:
        calls.append(None)
        return len(calls)

    return calls, {"count": count}


def test_a_fragment_is_rendered_once_for_each_key(app: App) -> None:
    calls, values = counting()
    with app.test_request_context("/"):
        shown = [render_template_string(COUNTED, key=key, **values) for key in ("first", "second", "first", "second")]
    assert shown == ["1 Users", "2 Users", "1 Users", "2 Users"]
    assert len(calls) == 2


def test_each_language_has_its_own_fragment(app: App) -> None:
    _calls, values = counting()
    shown = set()
    for locale in LOCALES:
        with app.test_request_context(f"/?lang={locale}"):
            shown.add(render_template_string(COUNTED, key="language", **values).split()[1])
    assert shown == {"Users", "Пользователи"}


def test_each_path_prefix_has_its_own_fragment(app: App) -> None:
    link = "{% cache 'address' %}{{ url_for('directory.index') }}{% endcache %}"
    shown = []
    for root in ("", "/staff"):
        with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
            shown.append(render_template_string(link))
    assert shown == ["/users", "/staff/users"]


def test_nothing_is_cached_in_debug_mode(app: App) -> None:
    calls, values = counting()
    app.debug = True
    try:
        with app.test_request_context("/"):
            for _time in range(2):
                render_template_string(COUNTED, key="debug", **values)
    finally:
        app.debug = False
    assert len(calls) == 2


def test_values_in_a_fragment_are_escaped_once(app: App) -> None:
    with app.test_request_context("/"):
        shown = [
            render_template_string("{% cache name %}<b>{{ name }}</b>{% endcache %}", name="<i>") for _n in range(2)
        ]
    assert shown == ["<b>&lt;i&gt;</b>"] * 2
