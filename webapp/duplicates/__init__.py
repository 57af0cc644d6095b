"""Finds people with several accounts, and merges two accounts."""
