"""The permissions in words."""

from __future__ import annotations

import pytest

from webapp.core.permissions import Permission
from webapp.roles.catalogue import SECTIONS, SENTENCES


def test_every_permission_is_in_one_section() -> None:
    told = [permission for section in SECTIONS for permission in section.permissions]
    assert sorted(told) == sorted(Permission)


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_has_a_sentence(permission: Permission) -> None:
    assert str(SENTENCES[permission]).endswith(".")
