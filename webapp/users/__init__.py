"""One person: create, show, edit, deactivate."""
