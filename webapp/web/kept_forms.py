"""Keeps a form that was sent when the session had ended, or the password was not entered recently.

The page that asks for it carries the fields as one hidden field. After that, the person sends them with one click. So
they do with a form that was opened in an earlier session.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, g, make_response, render_template, request

from webapp.web.forms import safe_next

# The longest JSON of the fields. A longer form is not kept.
KEPT_MAX = 64 * 1024
FIELDS_MAX = 500
# The name of buttons that send a form. Their value is their text.
BUTTON = "button"
BUTTON_MAX = 100
# What must not come back: secrets, and what belongs to the old session.
_LEFT_OUT = frozenset({"csrf_token", "code", "credential", "authorization", "kept"})


@dataclass(frozen=True)
class KeptForm:
    """A form that is to be sent again: its path with query, and its fields."""

    action: str
    fields: list[tuple[str, str]]

    @property
    def button(self) -> str:
        """Return the text of the button that was pressed, or "" if its form does not send it."""
        return next((value[:BUTTON_MAX] for name, value in self.fields if name == BUTTON), "")


def from_this_site(kept: str | None) -> str | None:
    """Return what a hidden field carries, but "" if another site sent it: people would go on with its fields."""
    return kept if _is_same_origin() else ""


def sent_form() -> str:
    """Return the form of this request as a hidden field carries it. Return "" if there is nothing to keep.

    Only forms of this site are kept: others could make people send what they have not seen.
    """
    return _sent_fields() if request.method == "POST" and _is_same_origin() else ""


def keep_form(endpoint: str, status: HTTPStatus) -> Response | None:
    """Return the page of `endpoint` with the form of this request. Return None if there is nothing to keep."""
    kept = sent_form()
    if not kept:
        return None
    g.kept_form = kept
    return make_response(current_app.view_functions[endpoint](), status)


def kept_field() -> str:
    """Return what a form of this page carries: the fields that `keep_form` has taken from this request, or ""."""
    return str(g.get("kept_form", ""))


def read_kept(text: str | None) -> KeptForm | None:
    """Return the form that a hidden field carries. Return None if there is none, or it is not of this site."""
    if not text or len(text) > KEPT_MAX:
        return None
    try:
        values = json.loads(text)
        action, fields = values["action"], [(name, value) for name, value in values["fields"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    are_texts = all(isinstance(part, str) for part in (action, *(part for field in fields for part in field)))
    if not are_texts or len(fields) > FIELDS_MAX or safe_next(action, "") != action:
        return None
    return KeptForm(action, [field for field in fields if not _is_left_out(field[0])])


def continue_page(kept: KeptForm, *, back: str, **context: Any) -> str:
    """Return the page that shows the kept fields and sends them again, with a CSRF token of the new session."""
    # Flask-WTF keeps the token of the old session for the rest of the request.
    g.pop("csrf_token", None)
    return render_template("signin/continue.html", kept=kept, back=back, **context)


def _sent_fields() -> str:
    fields = [(name, value) for name, value in request.form.items(multi=True) if not _is_left_out(name)]
    if not fields or len(fields) > FIELDS_MAX:
        return ""
    text = json.dumps({"action": request.full_path.rstrip("?"), "fields": fields}, ensure_ascii=False)
    return text if len(text) <= KEPT_MAX else ""


def _is_left_out(name: str) -> bool:
    return name in _LEFT_OUT or "password" in name


def _is_same_origin() -> bool:
    """Whether the browser says that a page of this site sent the form. Browsers name the origin in each POST."""
    origin = request.headers.get("Origin")
    return (
        origin == request.host_url.rstrip("/") and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    )
