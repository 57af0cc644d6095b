"""The first page: how many people there are, how that changes, and who has been away for long."""
