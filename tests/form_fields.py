"""Read the form of a page as a browser submits it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


def form_fields(page: str, action: str) -> dict[str, Any]:
    """Return the fields that the form with this action submits. A name with several values has a list."""
    parser = _FormParser(action)
    parser.feed(page)
    assert parser.fields, f"no form with the action {action}"
    del parser.fields["csrf_token"]
    return {name: values[0] if len(values) == 1 else values for name, values in parser.fields.items()}


class _FormParser(HTMLParser):
    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
        self.fields: dict[str, list[str]] = {}
        self.inside = False
        self.name = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = attributes.get("action") == self.action
        elif not self.inside:
            return
        elif tag in {"select", "textarea"}:
            self.name = attributes.get("name", "")
            if tag == "textarea":
                self._add(self.name, "")
        elif tag == "option" and "selected" in attributes:
            self._add(self.name, attributes["value"])
        elif tag == "input" and "name" in attributes:
            checkable = attributes.get("type") in {"checkbox", "radio"}
            if not checkable or "checked" in attributes:
                self._add(attributes["name"], attributes.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.inside and self.lasttag == "textarea" and self.name:
            # HTML ignores a newline right after the tag.
            self.fields[self.name][-1] += data.removeprefix("\n").removeprefix("\r\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.name = ""
        if tag == "form":
            self.inside = False

    def _add(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)
