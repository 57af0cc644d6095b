"""The sections and descriptions of permissions."""

from __future__ import annotations

import pytest

from webapp.core.permissions import Permission
from webapp.roles.permission_sections import PERMISSION_DESCRIPTIONS, SECTIONS


def test_every_permission_is_in_one_section() -> None:
    listed = [permission for section in SECTIONS for permission in section.permissions]
    assert sorted(listed) == sorted(Permission)


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_has_a_description_that_is_a_sentence(permission: Permission) -> None:
    assert str(PERMISSION_DESCRIPTIONS[permission]).endswith(".")
