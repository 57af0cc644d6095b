"""Second factors and passkeys: one-time codes of an app, passkeys, recovery codes."""
