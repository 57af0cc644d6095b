"""The first run: from an empty database to its first owner."""
