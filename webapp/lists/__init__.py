"""How any list is paged."""
