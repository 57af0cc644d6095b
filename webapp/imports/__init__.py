"""Imports people from CSV files."""
