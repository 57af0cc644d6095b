"""Saved views of the list of users."""
