"""Parts of pages that are the same for many requests, and are rendered once."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from flask import current_app, request
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import Markup

from webapp.core.texts import language

FRAGMENTS_MAX = 500


class Kept(Extension):
    """`{% kept a, b %}…{% endkept %}`: rendered once in each language for each a and b.

    Whatever else differs between two requests (who looks, the address, a CSRF token) has no place in it.
    """

    tags = {"kept"}
    fragments: dict[Hashable, Markup] = {}

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        key: list[nodes.Expr] = [nodes.Const(parser.name), nodes.Const(line)]
        while parser.stream.current.type != "block_end":
            parser.stream.skip_if("comma")
            key.append(parser.parse_expression())
        body = parser.parse_statements(("name:endkept",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_render", key), [], [], body).set_lineno(line)

    def _render(self, *key: Hashable, caller: Callable[[], Markup]) -> Markup:
        if current_app.debug:
            return caller()
        # One process can serve more than one app, in tests at least.
        whole = (id(self.environment), language(), request.script_root, *key)
        if whole not in self.fragments:
            if len(self.fragments) >= FRAGMENTS_MAX:
                self.fragments.clear()
            self.fragments[whole] = caller()
        return self.fragments[whole]
