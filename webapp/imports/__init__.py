"""People out of files: what was read, what was refused and why."""
