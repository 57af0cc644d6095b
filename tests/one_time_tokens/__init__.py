"""Tests of one-time tokens."""
