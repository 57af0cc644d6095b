"""The list of users: query language, filters, ranking, display, saved views, palette."""
