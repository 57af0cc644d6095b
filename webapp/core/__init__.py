"""Clock, errors, IDs, tokens, passwords, texts and permissions, for all packages. Without Flask."""
