"""Tests of e-mail settings."""
