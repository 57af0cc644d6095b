"""Measures Rollcall: `python -m bench` its pages against their floor, `python -m bench --plans` its queries."""
