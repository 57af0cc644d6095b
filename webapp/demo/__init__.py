"""Fills an empty database with fictional people, for trying Rollcall and for benchmarks."""
