"""Keyset pagination and bounded counts of lists."""
