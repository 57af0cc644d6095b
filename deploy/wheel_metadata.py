"""Copies the pinned dependencies of requirements*.txt into the wheel, so that it is installed as it was tested."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_PIN = re.compile(r"^([a-z0-9][\w.-]*(?:\[[^\]]*\])?==[^\s;\\]+)\s*(;[^\\]*)?", re.IGNORECASE)


class PinnedDependencies(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        metadata["dependencies"] = self._pins("requirements.txt")
        metadata["optional-dependencies"] = {"tracing": self._pins("requirements-tracing.txt")}

    def _pins(self, name: str) -> list[str]:
        lines = (Path(self.root) / name).read_text().splitlines()
        found = [pin for line in lines if (pin := _PIN.match(line))]
        return [f"{pin[1]} {(pin[2] or '').strip()}".strip() for pin in found]
