"""The panel “Do this by API”: the requests and commands that do the same as the page."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_login import current_user

from webapp.core.context import current_registry, current_settings
from webapp.web.guards import can, held_permissions

TOKEN_HEADER = '"Authorization: Bearer $ROLLCALL_TOKEN"'
NEXT_LINE = " \\\n  "


@dataclass(frozen=True)
class ApiExample:
    """A request to the API, and the arguments of the command that does the same. The texts can be pasted in a shell.

    `permission`: what the person needs for it, or None if the page has checked more.
    """

    label: str
    path: str
    permission: str | None
    method: str = "GET"
    query: Sequence[tuple[str, str]] = ()
    body: Mapping[str, Any] | None = None
    arguments: Sequence[str] = ()

    @property
    def url(self) -> str:
        query = f"?{urlencode(self.query)}" if self.query else ""
        return f"{current_settings().base_url}/api/v1{self.path}{query}"

    @property
    def curl(self) -> str:
        """The request as a `curl` command. The shell replaces only `$ROLLCALL_TOKEN`."""
        parts = ["curl" if self.method == "GET" else f"curl -X {self.method}", f"-H {TOKEN_HEADER}"]
        if self.body is not None:
            parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(self.body))}"]
        return NEXT_LINE.join([*parts, shlex.quote(self.url)])

    @property
    def command(self) -> str:
        """The same on the command line of the server, or an empty text."""
        return shlex.join(["flask", "--app", "wsgi", *self.arguments]) if self.arguments else ""


class ApiExamples(dict[str, Callable[[dict[str, Any]], list[ApiExample]]]):
    """Endpoint of a page → function that returns its examples. The function gets the arguments of the view."""


def api_examples() -> list[ApiExample]:
    """Return the examples of this page that the signed-in user has the permissions for. For templates."""
    build = current_registry().get(ApiExamples).get(request.endpoint or "")
    if build is None or not current_user.is_authenticated or not held_permissions()[1]:
        return []
    return [
        example for example in build(request.view_args or {}) if example.permission is None or can(example.permission)
    ]
