"""Describes the device and browser of a person in words."""

from __future__ import annotations

from webapp.core.texts import _

# The names that ua-parser gives when it recognises nothing.
_UNKNOWN = {"", "Other"}


def describe_device(agent: str) -> str:
    """Return `Firefox 128 on Windows` for the User-Agent of a browser, in the reader's language."""
    from ua_parser import parse  # noqa: PLC0415  loading its patterns takes 0.2 s, and few processes need them

    found = parse(agent)
    browser, system = found.user_agent, found.os
    name = " ".join(filter(None, (browser.family, browser.major))) if browser else ""
    family = system.family if system else ""
    if name in _UNKNOWN:
        return family if family not in _UNKNOWN else str(_("Unknown device"))
    return str(_("%(browser)s on %(system)s", browser=name, system=family)) if family not in _UNKNOWN else name
