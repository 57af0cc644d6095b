"""Jinja's environment and templates without some of their detours, on which a list spent a tenth of its time."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from types import CodeType
from typing import Any

import jinja2
from flask.templating import Environment as FlaskEnvironment
from markupsafe import Markup, _escape_inner, escape

_INDENTATION = re.compile("^[ \t]+", re.MULTILINE)


class Template(jinja2.Template):
    """Its output is not made Markup value by value: it is joined to one text anyway."""

    @classmethod
    def from_code(
        cls, environment: jinja2.Environment, code: CodeType, globals: MutableMapping[str, Any], uptodate: Any = None
    ) -> jinja2.Template:
        template = super().from_code(environment, code, globals, uptodate)
        # Compiled templates call what this name stands for, in a namespace of their own.
        template.root_render_func.__globals__["escape"] = escaped
        return template


def escaped(value: object) -> str:
    """As HTML, and no Markup unless it was."""
    if type(value) is str:
        return _escape_inner(value)
    return value if type(value) is Markup else escape(value)


class Environment(FlaskEnvironment):
    """Its templates share one plain dict of globals.

    Jinja's own chained maps are compared name by name in Python whenever a template imports another.
    """

    template_class = Template

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        """Indented by one space, which HTML takes for as many, unless all are seen: they were a sixth of a list."""
        source = super().preprocess(source, name, filename)
        return source if "<pre" in source else _INDENTATION.sub(" ", source)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals
