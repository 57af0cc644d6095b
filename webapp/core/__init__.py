"""What every package uses and what needs no Flask."""
