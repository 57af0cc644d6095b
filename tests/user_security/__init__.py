"""Tests of what administrators do about how a person signs in."""
