"""Tokens by which other systems use the API."""
