"""Roles and groups for the tests of this room."""

from tests.access.conftest import House, house

__all__ = ["House", "house"]
