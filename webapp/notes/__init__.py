"""Notes about people."""
