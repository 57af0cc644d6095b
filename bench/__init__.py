"""Benchmarks. `python -m bench` compares pages with their floor; `python -m bench --plans` prints query plans."""
