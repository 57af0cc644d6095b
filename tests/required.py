"""What a test needs of the machine."""

from __future__ import annotations

import os

import pytest


def require(found: object, reason: str) -> None:
    """Skip the test with this reason in one line if something was not found. Under CI=true fail it."""
    if found:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
