"""One's own account and how Rollcall looks to oneself."""
