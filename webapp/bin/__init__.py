"""The bin: deletes, restores and erases users."""
