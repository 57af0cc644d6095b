"""Feeds: imports of a file that arrives in a folder or at an address regularly (docs/design/feeds.md)."""
