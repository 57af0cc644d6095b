"""People: create, find, understand, change, deactivate."""
