"""Writes people as LDIF (RFC 2849)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping

from webapp.attributes.models import FIELD_PREFIX

# Fields that have a name in LDAP (RFC 4519, RFC 2798).
_NAMES = {"email": "mail", "name": "cn", "username": "uid"}
_CLASSES = ("top", "person", "organizationalPerson", "inetOrgPerson")
_SAFE = re.compile(r"[\x01-\x09\x0b\x0c\x0e-\x1f\x21-\x39\x3b\x3d-\x7f][\x01-\x09\x0b\x0c\x0e-\x7f]*")
# RFC 4514, section 2.4
_ESCAPED = re.compile(r'([,+"\\<>;=]|^[# ]| $)')
LINE_MAX = 76


def ldif_entry(fields: Mapping[str, list[str]]) -> str:
    """Return the lines of one person. `fields` maps keys such as `email` or `attributes.floor` to values."""
    lines = [_line("dn", "mail=" + _ESCAPED.sub(r"\\\1", fields["email"][0]))]
    lines += [_line("objectClass", name) for name in _CLASSES]
    # A person must have a surname. Rollcall has one name.
    lines += [_line("sn", value) for value in fields["name"]]
    lines += [_line(_ldap_name(key), value) for key, values in fields.items() for value in values]
    return "\n".join([*lines, "", ""])


def _ldap_name(key: str) -> str:
    """Return `startsAt` for `starts_at`, and `attributes-cost-center` for `attributes.cost_center`."""
    if key.startswith(FIELD_PREFIX):
        return re.sub("[._]", "-", key)
    first, *others = _NAMES.get(key, key).split("_")
    return first + "".join(part.title() for part in others)


def _line(name: str, value: str) -> str:
    is_safe = _SAFE.fullmatch(value) and not value.endswith(" ")
    line = f"{name}: {value}" if is_safe else f"{name}:: {base64.b64encode(value.encode()).decode()}"
    return "\n ".join(_folded(line))


def _folded(line: str) -> Iterator[str]:
    """Yield the parts of a line. All but the first one follow a space."""
    yield line[:LINE_MAX]
    for start in range(LINE_MAX, len(line), LINE_MAX - 1):
        yield line[start : start + LINE_MAX - 1]
