"""The bin: deleting people, restoring them, and erasing them for good."""
