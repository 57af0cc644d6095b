"""Backups: create, verify and restore a copy of all data, on either engine."""
