"""Events as JSON lines, and as messages of syslog (RFC 5424) in frames with their length (RFC 5425, 4.3)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from webapp.core.moments import to_utc

# Facility 13 is “log audit”; severity 5 is “notice”, 4 is “warning”.
_NOTICE, _WARNING = 13 * 8 + 5, 13 * 8 + 4
_HOST_MAX = 255
_MESSAGE_ID_MAX = 32


def to_json(event: dict[str, Any]) -> str:
    """Return one line of ASCII."""
    return json.dumps(event, separators=(",", ":"))


def to_json_lines(events: Iterable[dict[str, Any]]) -> bytes:
    return "".join(f"{to_json(event)}\n" for event in events).encode("ascii")


def to_syslog(event: dict[str, Any], *, base_url: str) -> bytes:
    """Return one frame. `event` is an `EventOut` in JSON. The message is its JSON, which is ASCII."""
    priority = _WARNING if event["source"] == "security" else _NOTICE
    time = to_utc(datetime.fromisoformat(event["at"])).isoformat(timespec="microseconds").replace("+00:00", "Z")
    host = (urlsplit(base_url).hostname or "-")[:_HOST_MAX]
    kind = event["type"][:_MESSAGE_ID_MAX]
    message = f"<{priority}>1 {time} {host} rollcall - {kind} - {to_json(event)}".encode("ascii", "replace")
    return b"%d %s" % (len(message), message)
