"""Background jobs. The table of jobs decides what runs; the broker only wakes workers."""
