"""Templates escape every value, once."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from webapp.core.texts import _
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


class TextSubclass(str):
    """A subclass of str that is not Markup."""

    __slots__ = ()


class WithHtml:
    def __html__(self) -> str:
        return "<b>"

    def __str__(self) -> str:
        return "<i>"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<script>'\"&", "&lt;script&gt;&#39;&#34;&amp;"),
        (TextSubclass("<b>"), "&lt;b&gt;"),
        (Markup("<b>"), "<b>"),
        (WithHtml(), "<b>"),
        (_("%(name)s was added", name="<b>"), "&lt;b&gt; was added"),
        (["<b>"], "[&#39;&lt;b&gt;&#39;]"),
        (7, "7"),
        (None, "None"),
        ("Ольга\x00\u202e\ud800", "Ольга\x00\u202e\ud800"),
    ],
)
@pytest.mark.parametrize(
    "template",
    [
        "{{ value }}",
        "{% macro m(value) %}{{ value }}{% endmacro %}{{ m(value) }}",
        "{% set x %}{{ value }}{% endset %}{{ x }}",
        "{% for each in [value] %}{{ each }}{% endfor %}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ value }}{% endcall %}",
    ],
)
def test_values_are_escaped_once(app: App, template: str, value: object, expected: str) -> None:
    with app.test_request_context():
        assert app.jinja_env.from_string(template).render(value=value) == expected


def test_joined_texts_are_escaped(app: App) -> None:
    template = app.jinja_env.from_string("{{ '<' ~ value }}{{ value|upper }}{{ [value]|join('<br>') }}")
    assert template.render(value="<b>") == "&lt;&lt;b&gt;&lt;B&gt;&lt;b&gt;"
