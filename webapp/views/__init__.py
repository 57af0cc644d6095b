"""Saved views of the list of users, how it is shown to somebody, and the palette that finds anything."""
