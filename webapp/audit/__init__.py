"""The audit trail: one record for each change, and its hash chains."""
